"""The seed's procedure "Set up auto-provisioning", from the two empty sides to people who arrive at AWS."""

import re

from playwright.sync_api import Page, expect

from conftest import RESEARCHERS, Demo
from support import aws, console, scim
from support.accessibility import assert_accessible, look
from support.console import APP_OFF, DELETED, SUSPENDED, TEMPLATE


def test_everything_is_set_up_by_hand_and_people_arrive_at_aws(page: Page, fresh_demo: Demo) -> None:
    access = aws.get_token_and_endpoint(page, fresh_demo.aws)
    # Sign in, and the app, which is turned on for nobody yet.
    console.set_up(page, console.set_up_link(fresh_demo.usher))
    console.add_app(page)

    # Access token and endpoint, pasted.
    page.get_by_role("region", name="Autoprovisioning").get_by_role("link", name="Configure autoprovisioning").click()
    console.step(page, "Access token")
    page.get_by_label("Access token").fill(access.token)
    page.get_by_role("button", name="Continue").click()
    console.step(page, "Endpoint URL")
    page.get_by_role("textbox", name="Endpoint URL").fill(access.endpoint)
    page.get_by_role("button", name="Continue").click()

    # Mandatory attributes are mapped.
    console.step(page, "Attribute mapping")
    family = page.get_by_role("combobox", name="Last name (mandatory)")
    expect(family).to_have_value("user.name.familyName")
    family.fill("")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    console.step(page, "Attribute mapping")
    family.fill("user.name.familyName")
    page.get_by_role("button", name="Continue").click()

    # No group is added, and one option is selected at least.
    console.step(page, "Provisioning scope")
    page.get_by_role("button", name="Continue").click()
    console.step(page, "Deprovisioning")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("alert")).to_have_text("Select at least one of these options.")
    console.choose_time_frame(page, APP_OFF, "after 7 days")
    console.choose_time_frame(page, SUSPENDED, "after one day")
    console.choose_time_frame(page, DELETED, "within 24 hours")
    page.get_by_role("button", name="Finish").click()

    # The slider is disabled until the app is turned on for somebody.
    console.heading(page, "aws")
    expect(console.slider(page)).to_be_disabled()
    expect(page.get_by_role("region", name="Auto-provisioning")).to_contain_text(f"{TEMPLATE} isn’t turned on for any users")
    usage = page.get_by_role("table", name="Events of the last 30 days")
    expect(usage.get_by_role("rowheader")).to_have_text(list(console.EVENT_NAMES))
    expect(usage.get_by_role("cell")).to_have_text(["–"] * 6)
    console.switch_unit(page, "/Research", "On")
    console.open_app(page)
    expect(console.slider(page)).to_be_enabled()

    # What would be done is seen before it is done.
    console.slider(page).click()
    counts = console.previewed(page)
    expect(counts).to_contain_text("Create")
    operations = page.get_by_role("table", name="What would be done, person by person")
    expect(operations.get_by_role("rowheader", name="ingrid.solberg@example.com")).to_be_visible()
    n = operations.get_by_role("rowheader").count()
    assert n == RESEARCHERS
    assert scim.users(fresh_demo.aws) == {}
    counts.get_by_role("link", name="Turn on").click()
    dialog = page.get_by_role("dialog", name="Turn on auto-provisioning?")
    expect(dialog).to_contain_text(f"By the preview it writes to {n} accounts.")
    dialog.get_by_role("button", name="Turn on").click()

    expect(console.slider(page)).to_be_checked()
    users = scim.comes_to(lambda: scim.users(fresh_demo.aws), lambda users: len(users) >= n)
    assert len(users) == n
    ingrid = users["ingrid.solberg@example.com"]
    assert ingrid["active"]
    assert ingrid["name"] == {"givenName": "Ingrid", "familyName": "Solberg"}
    created = page.get_by_role("row", name="Create User By Auto Provisioning").get_by_role("cell")
    console.seen_after_reload(page, created.filter(has_text=re.compile(f"^{n}$")))
    expect(page.get_by_text(access.token)).to_have_count(0)


def test_every_page_on_the_way_is_for_everybody(page: Page, fresh_demo: Demo) -> None:
    access = aws.Access(*scim.enable(fresh_demo.aws))
    console.set_up(page, console.set_up_link(fresh_demo.usher))
    console.menu(page, "Web and mobile apps")
    look(page)
    page.get_by_role("link", name="Add app").click()
    look(page)
    console.add_app(page)
    look(page)
    page.get_by_role("link", name="Configure autoprovisioning").click()
    look(page)
    page.get_by_label("Access token").fill(access.token[:-4])
    page.get_by_role("button", name="Continue").click()
    look(page)
    # A token that AWS refuses is told at once, with the way back.
    page.get_by_role("textbox", name="Endpoint URL").fill(access.endpoint)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("401")
    assert_accessible(page)
    page.get_by_role("alert").get_by_role("link", name="Enter another token").click()
    page.get_by_label("Access token").fill(access.token)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Endpoint URL").fill(access.endpoint)
    page.get_by_role("button", name="Continue").click()
    console.step(page, "Attribute mapping")
    look(page)
