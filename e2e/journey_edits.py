"""The seed's procedures "Edit provisioning scope", "Deactivate", "Define deprovisioning time frames" and "Remove"."""

import re

from playwright.sync_api import Page, expect

from conftest import RESEARCHERS, Demo
from support import console, scim
from support.accessibility import look
from support.console import APP_OFF, DELETED, SUSPENDED

# Works in Site Reliability, and is in its group.
FREYA = "freya.haugen@example.com"
# Works in People, and is in none.
SAMIRA = "samira.benali@example.com"


def test_the_scope_is_narrowed_to_the_members_of_a_group(page: Page, running: Demo) -> None:
    console.open_settings(page)
    console.edit(page, "Provisioning scope")
    console.add_group(page, "site rel", "Site Reliability")
    console.add_group(page, "billing", "AWS billing")
    look(page)
    page.get_by_role("button", name="Remove aws-billing@example.com").click()
    expect(page.get_by_role("table", name="Groups in scope").get_by_role("rowheader")).to_have_count(1)
    page.get_by_role("button", name="Update").click()

    console.heading(page, "Auto-provisioning")
    expect(console.setting(page, "Provisioning scope").get_by_role("listitem")).to_have_text(
        re.compile("^sre@example.com .*nested members")
    )
    console.edit(page, "Provisioning scope")
    expect(page.get_by_role("table", name="Groups in scope").get_by_role("rowheader")).to_contain_text("Site Reliability")

    # With access alone nobody gets an account now, with access and in the group they do.
    console.switch_unit(page, "/People", "On")
    console.switch_unit(page, "/Engineering/Site Reliability", "On")
    users = scim.comes_to(lambda: scim.users(running.aws), lambda users: FREYA in users)
    assert SAMIRA not in users


def test_a_change_is_previewed_before_it_is_made(page: Page, shared: Demo) -> None:
    console.enter(page, shared.console)
    console.open_settings(page)
    console.edit(page, "Provisioning scope")
    console.add_group(page, "billing", "AWS billing")
    page.get_by_role("button", name="Preview").click()
    counts = console.previewed(page)
    expect(counts).to_contain_text("What the edit would cause with the next run")
    look(page)
    assert len(scim.active(shared.aws)) == RESEARCHERS
    counts.get_by_role("link", name="Cancel").click()
    console.heading(page, "Provisioning scope")
    expect(page.get_by_text("No groups: everyone with access to the app is in scope.")).to_be_visible()


def test_the_slider_and_the_status_turn_it_off_and_nothing_is_lost(page: Page, running: Demo) -> None:
    before = scim.users(running.aws)
    console.open_app(page)
    console.slider(page).click()
    look(page)
    console.confirm(page, "Turn off auto-provisioning?", "Turn off")
    console.heading(page, "aws")
    expect(console.slider(page)).not_to_be_checked()
    look(page)
    assert scim.users(running.aws) == before

    # On again, with the configuration that was there, and off by Status.
    console.turn_on(page)
    console.open_settings(page)
    expect(console.setting(page, "Deprovisioning")).to_contain_text("suspend their account: after 7 days")
    console.setting(page, "Status").get_by_role("link", name="Turn off").click()
    dialog = page.get_by_role("dialog", name="Turn off auto-provisioning?")
    dialog.get_by_role("link", name="Cancel").click()
    expect(console.setting(page, "Status")).to_contain_text("Active")
    console.setting(page, "Status").get_by_role("link", name="Turn off").click()
    console.confirm(page, "Turn off auto-provisioning?", "Turn off")
    console.open_settings(page)
    expect(console.setting(page, "Status").locator(".status")).to_have_text("Off")
    expect(console.setting(page, "Status").get_by_role("button", name="Turn on")).to_be_enabled()

    # Nothing is sent any more: somebody else gets access, and no account.
    console.switch_unit(page, "/Engineering/Site Reliability", "On")
    assert FREYA not in scim.users(running.aws)


def test_time_frames_are_defined_and_kept(page: Page, running: Demo) -> None:
    console.open_settings(page)
    console.edit(page, "Deprovisioning")
    look(page)
    page.get_by_role("checkbox", name=APP_OFF).uncheck()
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("alert")).to_have_text("Select at least one of these options.")
    for option, after in ((APP_OFF, "after 30 days"), (SUSPENDED, "after 7 days"), (DELETED, "after one day")):
        console.choose_time_frame(page, option, after)
    page.get_by_role("button", name="Update").click()

    console.heading(page, "Auto-provisioning")
    for option, after in ((APP_OFF, "after 30 days"), (SUSPENDED, "after 7 days"), (DELETED, "after one day")):
        expect(console.setting(page, "Deprovisioning")).to_contain_text(option.split(" ", 2)[2] + f": {after}")
    # They count: whom the app is turned off for keeps their account for thirty days.
    console.switch_unit(page, "/Research", "Off")
    console.switch_unit(page, "/People", "On")
    scim.comes_to(lambda: scim.active(running.aws), lambda active: len(active) > RESEARCHERS)
    console.open_app(page)
    console.tab(page, "Who loses what, when")
    days = page.get_by_role("region").get_by_role("table", name=re.compile("^Who is due on"))
    console.seen_after_reload(page, days.first)
    expect(days.first.get_by_role("rowheader")).to_have_count(RESEARCHERS)
    look(page)


def test_the_configuration_is_deleted_and_nobody_at_aws_changes(page: Page, running: Demo) -> None:
    before = scim.users(running.aws)
    console.open_settings(page)
    look(page)
    console.setting(page, "Delete configuration").get_by_role("link", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("Existing users on Amazon Web Services will not be deprovisioned.")
    look(page)
    console.confirm(page, "Delete the configuration?", "Delete")

    console.heading(page, "aws")
    expect(page.get_by_role("link", name="Configure autoprovisioning")).to_be_visible()
    expect(page.get_by_role("navigation", name="Pages of the app")).to_have_count(0)
    look(page)
    page.get_by_role("link", name="Configure autoprovisioning").click()
    console.step(page, "Access token")
    page.goto(page.url.replace("token", "endpoint"))
    expect(page.get_by_role("textbox", name="Endpoint URL")).to_have_value("")
    assert scim.users(running.aws) == before
    assert len(before) == RESEARCHERS
