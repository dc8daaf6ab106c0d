"""The seed's procedure "If automatic provisioning stops and you need to reauthorize the application"."""

from playwright.sync_api import Page, expect

from conftest import RESEARCHERS, Demo
from support import aws, console, scim
from support.accessibility import look

FREYA = "freya.haugen@example.com"


def test_a_token_that_aws_revoked_is_replaced_and_provisioning_goes_on(page: Page, running: Demo) -> None:
    scim.revoke_tokens(running.aws)
    console.switch_unit(page, "/Engineering/Site Reliability", "On")
    console.open_app(page)
    alarm = page.get_by_role("status").filter(has_text="Automatic provisioning has stopped.")
    console.seen_after_reload(page, alarm)
    expect(page.get_by_role("main").get_by_text("Needs reauthorization")).to_be_visible()
    look(page)
    console.menu(page, "Web and mobile apps")
    expect(page.get_by_role("table", name="Apps").get_by_role("row", name="aws")).to_contain_text("Needs reauthorization")
    look(page)
    assert len(scim.users(running.aws)) == RESEARCHERS

    # A new token, from AWS's own pages.
    access = aws.another_token(page, running.aws)

    page.goto(running.console)
    console.open_settings(page)
    console.setting(page, "App authorization").get_by_role("link", name="Reauthorize").click()
    console.heading(page, "App authorization")
    look(page)
    page.get_by_label("Access token").fill(access.token[:-4])
    page.get_by_role("button", name="Reauthorize").click()
    expect(page.get_by_role("alert")).to_contain_text("401")
    look(page)
    page.get_by_label("Access token").fill(access.token)
    page.get_by_role("button", name="Reauthorize").click()

    console.heading(page, "Auto-provisioning")
    expect(console.setting(page, "Status")).to_contain_text("Active")
    expect(page.get_by_text(access.token)).to_have_count(0)
    scim.comes_to(lambda: scim.active(running.aws), lambda active: FREYA in active)
    console.open_app(page)
    expect(alarm).to_have_count(0)
