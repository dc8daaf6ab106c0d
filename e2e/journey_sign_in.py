"""Who gets into the console: the one-time link of the terminal, passwords, invitations, and what a role may not do."""

import re

from playwright.sync_api import Page, expect

from conftest import Demo
from support import console
from support.accessibility import look


def test_the_link_of_the_terminal_makes_the_first_admin_and_works_once(page: Page, fresh_demo: Demo) -> None:
    page.goto(fresh_demo.console)
    console.heading(page, "Not set up yet")
    look(page)
    link = console.set_up_link(fresh_demo.usher)
    page.goto(link)
    look(page)
    page.get_by_label("Your address").fill("ada@gmail.com")
    console.choose_password(page, "Set up")
    expect(page.get_by_role("alert")).to_contain_text("does not end in @gmail.com")
    look(page)

    console.set_up(page, link)

    expect(page.get_by_role("banner").get_by_text("super admin")).to_be_visible()
    look(page)
    page.goto(link)
    console.heading(page, "Set up already")
    look(page)


def test_an_auditor_sees_everything_and_changes_nothing(page: Page, colleague: Page, shared: Demo) -> None:
    console.enter(page, shared.console)
    console.open_app(page)
    app = page.url
    link = console.invite(page, "eve@example.com", "auditor")
    look(page)
    colleague.goto(link)
    look(colleague)
    console.join(colleague, link)
    expect(colleague.get_by_role("banner").get_by_text("auditor")).to_be_visible()
    expect(colleague.get_by_role("link", name="Admins")).to_have_count(0)

    console.menu(colleague, "Web and mobile apps")
    expect(colleague.get_by_role("link", name="Add app")).to_have_count(0)
    console.open_app(colleague)
    expect(console.slider(colleague)).to_have_count(0)
    expect(colleague.get_by_role("main").get_by_role("button")).to_have_count(0)
    look(colleague)
    colleague.get_by_role("link", name="View details of user access").click()
    console.heading(colleague, "User access")
    expect(colleague.get_by_role("main").get_by_role("button")).to_have_count(0)
    console.open_settings(colleague)
    for name in ("Edit", "Reauthorize", "Turn off", "Delete"):
        expect(colleague.get_by_role("main").get_by_role("link", name=name)).to_have_count(0)
    look(colleague)
    for name in ("Who loses what, when", "Holds", "Failures", "Drift", "Runs", "Provisioning log", "Groups"):
        console.tab(colleague, name)
        buttons = colleague.get_by_role("main").get_by_role("button")
        expect(buttons.filter(has_not_text=re.compile("^(Filter)$"))).to_have_count(0)

    token = colleague.locator("input[name=token]").first.input_value()
    for path in ("turn-off", "run", "auto-provisioning/delete", "access"):
        refused = colleague.request.post(f"{app}/{path}", form={"token": token, "do": "off:/Research", "version": "0"})
        assert refused.status == 403, path
        assert "Your role does not allow this" in refused.text(), path
    colleague.goto(f"{app}/auto-provisioning/scope")
    console.heading(colleague, "Not for your role")
    look(colleague)
    page.goto(app)
    expect(console.slider(page)).to_be_checked()
    colleague.goto(link)
    console.heading(colleague, "This link does not work")
    look(colleague)


def test_a_wrong_password_does_not_get_in_and_signing_out_ends_it(page: Page, shared: Demo) -> None:
    page.goto(shared.console)
    console.heading(page, "Sign in")
    look(page)
    console.sign_in(page, console.ADA, "not this password at all")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page)
    console.sign_in(page, console.ADA)
    console.heading(page, "Home")

    console.menu(page, "Audit log")
    was = page.url
    console.sign_out(page)
    page.goto(was)
    console.heading(page, "Sign in")
    # Whoever comes back gets where they wanted to go.
    console.sign_in(page, console.ADA)
    console.heading(page, "Audit log")
