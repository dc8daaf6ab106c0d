"""What stands between a mistake and the accounts: holds, the undo of a run, provisioning on demand, and the notice to the
second of two admins."""

from playwright.sync_api import Page, expect

from conftest import RESEARCHERS, Demo
from support import console, scim
from support.accessibility import look
from support.console import APP_OFF

# Works in Site Reliability.
FREYA = "freya.haugen@example.com"


def test_many_removals_are_held_released_and_undone(page: Page, running: Demo) -> None:
    console.open_settings(page)
    console.edit(page, "Deprovisioning")
    console.choose_time_frame(page, APP_OFF, "within 24 hours")
    page.get_by_role("button", name="Update").click()
    console.switch_unit(page, "/Research", "Off")

    # Held: everybody keeps their account until somebody decides.
    console.open_app(page)
    held = page.get_by_role("status").filter(has_text="Operations are held until you decide.")
    console.seen_after_reload(page, held)
    look(page)
    assert len(scim.active(running.aws)) == RESEARCHERS
    held.get_by_role("link", name="Look at the holds").click()
    console.heading(page, "Holds")
    look(page)
    page.get_by_role("link", name="Look at: Many removals").click()
    console.heading(page, "Many removals")
    expect(page.get_by_role("table", name="Who is concerned, and why").get_by_role("rowheader")).to_have_count(RESEARCHERS)
    look(page)

    # Released: they lose it.
    page.get_by_role("link", name="Release", exact=True).click()
    look(page)
    console.confirm(page, f"Suspend {RESEARCHERS} people?", "Release")
    expect(page.get_by_role("heading", name=f"The run did {RESEARCHERS} operations")).to_be_visible(timeout=30_000)
    look(page)
    assert scim.active(running.aws) == set()

    # Undone: they have it back, and the next run leaves it to them.
    console.tab(page, "Runs")
    look(page)
    page.get_by_role("button", name="Undo the run of").first.click()
    console.heading(page, "Undo")
    table = page.get_by_role("table", name="Who is switched on again")
    expect(table.get_by_role("rowheader")).to_have_count(RESEARCHERS, timeout=30_000)
    look(page)
    page.get_by_role("button", name="Undo the run").click()
    expect(page.get_by_role("heading", name=f"The run did {RESEARCHERS} operations")).to_be_visible(timeout=30_000)
    assert len(scim.active(running.aws)) == RESEARCHERS
    console.run_now(page)
    assert len(scim.active(running.aws)) == RESEARCHERS
    console.tab(page, "Who loses what, when")
    expect(page.get_by_role("table", name="Who is pinned").get_by_role("rowheader")).to_have_count(RESEARCHERS)
    look(page)


def test_what_is_discarded_is_not_carried_out(page: Page, running: Demo) -> None:
    console.open_settings(page)
    console.edit(page, "Deprovisioning")
    console.choose_time_frame(page, APP_OFF, "within 24 hours")
    page.get_by_role("button", name="Update").click()
    console.switch_unit(page, "/Research", "Off")
    console.open_app(page)
    console.tab(page, "Holds")
    console.seen_after_reload(page, page.get_by_role("link", name="Look at: Many removals"))
    page.get_by_role("link", name="Look at: Many removals").click()
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(page.get_by_role("heading", name="Discarded")).to_be_visible()
    expect(page.get_by_text(f"Decided by {console.ADA}")).to_be_visible()
    look(page)
    console.run_now(page)
    assert len(scim.active(running.aws)) == RESEARCHERS


def test_whom_another_tool_was_in_the_way_of_is_provisioned_on_demand(page: Page, running: Demo) -> None:
    attributes = {
        "userName": FREYA,
        "externalId": "old-tool-4711",
        "displayName": "Freya",
        "name": {"givenName": "Freya", "familyName": "Haugen"},
    }
    scim.edit(running.aws, kind="create-user", attributes=attributes)
    console.switch_unit(page, "/Engineering/Site Reliability", "On")
    console.open_app(page)
    console.tab(page, "Failures")
    failing = page.get_by_role("table", name="People whose accounts fail").get_by_role("row").filter(has_text=FREYA)
    console.seen_after_reload(page, failing)
    expect(failing).to_contain_text("old-tool-4711")
    look(page)
    scim.edit(running.aws, kind="delete-user", user=FREYA)

    console.tab(page, "Provision on demand")
    look(page)
    page.get_by_label("Address of the person").fill("nobody@example.com")
    page.get_by_role("button", name="Provision", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Nobody in the directory has the address nobody@example.com.")
    look(page)
    page.get_by_label("Address of the person").fill(FREYA)
    page.get_by_role("button", name="Provision", exact=True).click()
    expect(page.get_by_role("heading", name="The run did 1 operation")).to_be_visible(timeout=30_000)
    steps = page.get_by_role("region", name="Each step")
    expect(steps).to_contain_text("the app is on for /Engineering/Site Reliability")
    expect(steps).to_contain_text("POST")
    look(page)
    freya = scim.users(running.aws)[FREYA]
    assert freya["active"]
    assert freya["externalId"] != "old-tool-4711"
    console.tab(page, "Failures")
    expect(failing).to_have_count(0)


def test_of_two_who_edit_at_once_the_second_is_told(page: Page, colleague: Page, shared: Demo) -> None:
    console.enter(page, shared.console)
    link = console.invite(page, "bo@example.com", "super admin")
    console.join(colleague, link)
    for somebody in (page, colleague):
        console.open_settings(somebody)
        console.edit(somebody, "Deprovisioning")
    console.choose_time_frame(page, APP_OFF, "after 30 days")
    page.get_by_role("button", name="Update").click()
    console.heading(page, "Auto-provisioning")
    console.choose_time_frame(colleague, APP_OFF, "within 24 hours")
    colleague.get_by_role("button", name="Update").click()

    expect(colleague.get_by_role("alert")).to_contain_text("Somebody else changed this app while you had the page open.")
    look(colleague)
    chosen = colleague.get_by_label(f"How long after: {APP_OFF}").locator("option:checked")
    expect(chosen).to_have_text("after 30 days")
    console.open_settings(page)
    expect(console.setting(page, "Deprovisioning")).to_contain_text("turned off for the user, suspend their account: after 30 days")
    console.menu(page, "Audit log")
    lines = page.get_by_role("region", name="Audit log").get_by_role("row").filter(has_text="app deprovisioning")
    expect(lines.first).to_contain_text(console.ADA)
    expect(lines.filter(has_text="bo@example.com")).to_have_count(0)
    look(page)
