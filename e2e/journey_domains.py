"""Provisioned domains in the console: whoever has an address in another domain arrives once that is provisioned, is named
before it is taken out again, and leaves."""

from playwright.sync_api import Page, expect

from conftest import Demo
from support import console, scim
from support.accessibility import look

# A domain of the company that is not the primary one.
OTHER = "example.org"
NOOR = f"noor.haddad@{OTHER}"


def edit_domains(page: Page) -> None:
    """From anywhere to where the provisioned domains are chosen."""
    console.open_settings(page)
    console.edit(page, "Provisioned domains")
    look(page)


def add_noor(page: Page) -> None:
    console.menu(page, "Users")
    page.get_by_role("link", name="Add new user").click()
    page.get_by_label("Given name").fill("Noor")
    page.get_by_label("Family name").fill("Haddad")
    page.get_by_label("Primary address").fill(NOOR)
    page.get_by_label("Organizational unit").select_option(label="/Research")
    page.get_by_role("button", name="Add new user").click()
    console.heading(page, "Noor Haddad")


def test_a_domain_is_provisioned_and_taken_out_again_with_a_preview_of_who_leaves(page: Page, running: Demo) -> None:
    console.open_settings(page)
    console.edit(page, "Deprovisioning")
    console.choose_time_frame(page, console.APP_OFF, "within 24 hours")
    page.get_by_role("button", name="Update").click()

    edit_domains(page)
    other = page.get_by_role("group", name="Other domains").get_by_role("checkbox", name=OTHER)
    expect(other).not_to_be_checked()
    other.check()
    page.get_by_role("button", name="Update").click()
    console.heading(page, "Auto-provisioning")
    expect(console.setting(page, "Provisioned domains")).to_contain_text(OTHER)
    add_noor(page)
    scim.comes_to(lambda: scim.active(running.aws), lambda active: NOOR in active)
    before = scim.active(running.aws)

    # Who would be left out is named, with the reason, and nothing is done yet.
    edit_domains(page)
    expect(other).to_be_checked()
    other.uncheck()
    page.get_by_role("button", name="Preview").click()
    counts = console.previewed(page)
    people = page.get_by_role("table", name="What would be done, person by person")
    expect(people.get_by_role("rowheader")).to_have_text([NOOR])
    expect(people.get_by_role("row").filter(has_text=NOOR)).to_contain_text("Suspend")
    look(page)
    assert scim.active(running.aws) == before

    # Saved from there: the account is off after the run, and everybody else's is as it was.
    counts.get_by_role("button", name="Update").click()
    console.heading(page, "Auto-provisioning")
    expect(console.setting(page, "Provisioned domains")).not_to_contain_text(OTHER)
    active = scim.comes_to(lambda: scim.active(running.aws), lambda active: NOOR not in active)
    assert active == before - {NOOR}
    assert NOOR in scim.users(running.aws)
