"""The seed's procedure "Display auto-provisioning", and every page of an app that has thirty days behind it."""

import re

from playwright.sync_api import Page, expect

from conftest import Demo
from support import console, scim
from support.accessibility import look


def test_the_usage_information_has_six_event_names_with_their_counts(told: Page, told_demo: Demo) -> None:
    console.open_app(told)
    usage = told.get_by_role("table", name="Events of the last 30 days")
    expect(usage.get_by_role("rowheader")).to_have_text(list(console.EVENT_NAMES))
    counts = dict(zip(console.EVENT_NAMES, usage.get_by_role("cell").all_inner_texts(), strict=True))
    assert all(re.fullmatch(r"[\d,]+", count) for count in counts.values()), counts
    look(told)
    # Accounts that were made are there, or were deleted since.
    users = len(scim.users(told_demo.aws))
    created = int(counts["Create User By Auto Provisioning"])
    deleted = int(counts["Hard Delete Auto Provisioned User"])
    assert deleted > 0
    assert 0 < created - deleted < users, "the rest was there before, and was taken over"
    # A name leads to its events.
    usage.get_by_role("link", name="UnSuspend Auto Provisioned User").click()
    console.heading(told, "Provisioning log")
    lines = told.get_by_role("region", name="Provisioning log").locator("> table > tbody > tr:not(.more)")
    expect(lines).to_have_count(int(counts["UnSuspend Auto Provisioned User"]))
    expect(lines.first.get_by_role("rowheader")).to_contain_text("@example.com")
    look(told)


def test_every_tab_of_the_app_is_for_everybody(told: Page) -> None:
    look(told)
    console.open_app(told)
    for name in ("Auto-provisioning", "Who loses what, when", "Holds", "Failures", "Drift"):
        console.tab(told, name)
        look(told)


def test_every_other_tab_and_the_log_are_for_everybody(told: Page) -> None:
    console.open_app(told)
    for name in ("Runs", "Provisioning log", "Provision on demand", "Groups"):
        console.tab(told, name)
        look(told)
    for name in ("Audit log", "Admins"):
        console.menu(told, name)
        look(told)
    console.open_app(told)
    told.get_by_role("link", name="set up SSO for this app").click()
    look(told)


def test_one_who_left_is_followed_through_the_log_to_aws(told: Page, told_demo: Demo) -> None:
    console.open_app(told)
    console.tab(told, "Provisioning log")
    told.get_by_label("Person").fill("helena.brandt@example.com")
    told.get_by_role("button", name="Filter").click()
    lines = told.get_by_role("region", name="Provisioning log").locator("> table > tbody > tr")
    expect(lines.first).to_contain_text("Suspend")
    # Its details are in the row below it.
    lines.nth(1).get_by_text("Show details").click()
    expect(lines.nth(1).get_by_text("PATCH")).to_be_visible()
    look(told)
    assert not scim.users(told_demo.aws)["helena.brandt@example.com"]["active"]
