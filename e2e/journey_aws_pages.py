"""Every emulated AWS page in every state that somebody meets: axe finds nothing, by day and by night, and it fits the
window from a telephone's to a large screen's."""

import re

from playwright.sync_api import Browser, Page, expect

from conftest import Demo, Emulator, Ready
from support import aws, scim
from support.accessibility import assert_accessible, assert_fits


def look(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def test_before_there_is_an_instance_and_where_nothing_is_found(page: Page, emulator: Emulator) -> None:
    for path in ("/", "/console/services", "/console/search?q=nothing", "/console/instances", "/console/nowhere"):
        page.goto(f"{emulator.address}{path}")
        look(page)


def test_the_way_to_a_token_with_every_refusal_on_it(page: Page, emulator: Emulator) -> None:
    page.goto(f"{emulator.address}/console/instances")
    page.get_by_role("button", name="Enable").click()
    aws.heading(page, "Dashboard")
    look(page)
    dashboard = page.url
    page.goto(f"{dashboard}/settings/provisioning")
    look(page)
    page.goto(dashboard)
    page.get_by_role("button", name="Services", exact=True).click()
    expect(page.get_by_role("link", name="All Services")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Choose your identity source").click()
    look(page)
    page.get_by_role("button", name="Actions").click()
    expect(page.get_by_role("link", name="Change identity source")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Change identity source").click()
    look(page)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("radio", name="External identity provider").check()
    page.get_by_role("button", name="Next").click()
    aws.heading(page, "Configure external identity provider")
    look(page)
    aws.upload(page, "no XML")
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
    aws.upload(page)
    aws.heading(page, "Confirm change")
    look(page)
    aws.confirm(page, "no")
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
    aws.confirm(page)
    aws.heading(page, "Settings")
    look(page)
    page.get_by_role("button", name="Enable").click()
    popup = page.get_by_role("dialog")
    look(page)
    popup.get_by_role("button", name="Show token").click()
    assert_accessible(page)
    popup.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    look(page)


def test_provisioning_and_its_popups(page: Page, ready: Ready) -> None:
    page.goto(f"{ready.instance}/settings")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Manage provisioning").click()
    look(page)
    for button, name in (("Delete token", "Delete access token"), ("Disable", "Disable automatic provisioning?")):
        page.get_by_role("button", name=re.compile(f"^{button}")).first.click()
        popup = page.get_by_role("dialog", name=name)
        expect(popup.get_by_role("textbox")).to_be_focused()
        look(page)
        popup.get_by_role("button", name="Cancel").click()
        expect(popup).to_be_hidden()
    page.get_by_role("button", name="Generate token").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look(page)


def test_faults_are_switched_on_by_form_and_met_at_the_endpoint(page: Page, ready: Ready) -> None:
    page.goto(ready.instance)
    page.get_by_role("link", name="Request log").click()
    look(page)
    page.get_by_role("link", name="Faults").click()
    look(page)
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("alert")).to_have_text("Choose what happens")
    assert_accessible(page)
    page.get_by_role("radio", name="429", exact=True).check()
    page.get_by_label("Retry-After in seconds").fill("7")
    page.get_by_role("checkbox", name="ListUsers").check()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("rowheader", name="429, Retry-After: 7")).to_be_visible()
    look(page)
    assert scim.status(ready.endpoint, ready.token) == 429
    page.get_by_role("button", name="Switch off: 429").click()
    expect(page.get_by_text("Nothing goes wrong.")).to_be_visible()
    assert scim.status(ready.endpoint, ready.token) == 200
    page.get_by_role("link", name="Request log").click()
    statuses = page.get_by_role("table", name="Requests").locator(".status")
    expect(statuses).to_have_text(["200", "429"])
    look(page)


def test_a_user_and_a_group_as_they_were_received(page: Page, ready: Ready) -> None:
    page.goto(ready.instance)
    for name in ("Users", "Groups"):
        page.get_by_role("navigation", name="IAM Identity Center").get_by_role("link", name=name).click()
        aws.heading(page, name)
        look(page)
    ada = scim.send(ready.endpoint, ready.token, "POST", "/Users", scim.person("ada"))
    members = [{"value": ada["id"]}]
    group = {"displayName": "Engineers", "externalId": "e1", "members": members}
    scim.send(ready.endpoint, ready.token, "POST", "/Groups", group)
    page.get_by_role("link", name="Users").click()
    page.get_by_label("Find users").fill("ADA")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="ada@example.com").click()
    expect(page.get_by_role("region", name="SCIM resource as text")).to_contain_text('"userName": "ada@example.com"')
    look(page)
    page.get_by_role("link", name="Engineers").click()
    aws.heading(page, "Engineers")
    look(page)
    page.get_by_role("link", name="Request log").click()
    page.get_by_role("row").filter(has_text="CreateUser").get_by_role("rowheader").get_by_role("link").click()
    expect(page.get_by_role("region", name="Request body as text")).to_contain_text("ada@example.com")
    expect(page.get_by_text(ready.token)).to_have_count(0)
    look(page)


def test_the_demo_has_a_company_to_show(page: Page, told_demo: Demo) -> None:
    page.goto(told_demo.aws)
    page.get_by_role("main").get_by_role("link", name="IAM Identity Center").click()
    aws.heading(page, "Dashboard")
    look(page)
    for name in ("Users", "Groups", "Request log"):
        page.get_by_role("navigation", name="IAM Identity Center").get_by_role("link", name=name).click()
        aws.heading(page, name)
        expect(page.get_by_role("table")).to_be_visible()
        look(page)


def test_everything_works_without_scripts(browser: Browser, emulator: Emulator) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{emulator.address}/console/instances")
    page.get_by_role("button", name="Enable").click()
    aws.open_change_of_source(page)
    aws.upload(page)
    aws.confirm(page)
    page.get_by_role("button", name="Enable").click()
    popup = page.get_by_role("dialog")
    endpoint = popup.get_by_label("SCIM endpoint", exact=True).input_value()
    token = popup.get_by_label("Access token", exact=True).input_value()
    expect(popup.get_by_label("Access token", exact=True)).to_have_attribute("type", "text")
    popup.get_by_role("button", name="Close").click()
    aws.heading(page, "Settings")
    assert scim.status(endpoint, token) == 200
    context.close()
