"""The embedded directory in the console: people, groups, units, domains, custom attributes, and files that fill it. What
is done to people is asserted at the emulated Identity Center."""

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from conftest import RESEARCHERS, Demo
from support import console, scim
from support.accessibility import look

HANNA = "hanna.moen@example.com"


def open_directory(page: Page, name: str = "Users") -> None:
    """A page of the directory, by the main menu."""
    console.menu(page, name)
    look(page)


def pages_of(page: Page, name: str) -> None:
    """Another page of the directory that is open."""
    page.get_by_role("navigation", name="Pages of the directory").get_by_role("link", name=name).click()
    console.heading(page, name)
    look(page)


def open_person(page: Page, email: str) -> None:
    """Finds somebody by the beginning of their address, whatever state they are in."""
    open_directory(page)
    page.get_by_label("Name or address begins with").fill(email.split("@")[0])
    page.get_by_role("button", name="Find").click()
    people = page.get_by_role("table", name="Users, by address")
    people.get_by_role("row").filter(has_text=email).get_by_role("link").click()
    expect(page.get_by_role("region", name="Attributes")).to_contain_text(email)


def do(page: Page, deed: str) -> None:
    """One of the buttons above a person's page, and the dialog that says what it means."""
    page.get_by_role("link", name=deed, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{deed} ")
    look(page)
    dialog.get_by_role("button", name=deed, exact=True).click()
    expect(dialog).to_have_count(0)


def add_hanna(page: Page) -> None:
    open_directory(page)
    page.get_by_role("link", name="Add new user").click()
    console.heading(page, "Add new user")
    look(page)
    page.get_by_label("Given name").fill("Hanna")
    page.get_by_label("Family name").fill("Moen")
    page.get_by_label("Primary address").fill(HANNA)
    page.get_by_label("Organizational unit").select_option(label="/Research")
    page.get_by_role("button", name="Add new user").click()
    console.heading(page, "Hanna Moen")
    look(page)


def test_whoever_is_added_arrives_and_whoever_is_suspended_leaves(page: Page, running: Demo) -> None:
    console.open_settings(page)
    console.edit(page, "Deprovisioning")
    console.choose_time_frame(page, console.SUSPENDED, "within 24 hours")
    page.get_by_role("button", name="Update").click()

    add_hanna(page)
    scim.comes_to(lambda: scim.active(running.aws), lambda active: HANNA in active)

    # Their page says what the app has of them, and why.
    open_person(page, HANNA)
    at_aws = page.get_by_role("region", name="Apps").get_by_role("article", name="aws")
    console.seen_after_reload(page, at_aws.get_by_text("Active", exact=True))
    expect(at_aws.get_by_role("list")).to_contain_text("Create User By Auto Provisioning")

    # Renamed: the account follows, and stays the same one.
    before = scim.users(running.aws)[HANNA]["id"]
    page.get_by_role("link", name="Edit", exact=True).click()
    console.heading(page, "Edit Hanna Moen")
    look(page)
    page.get_by_label("Family name").fill("Moen-Berg")
    page.get_by_role("button", name="Update user").click()
    console.heading(page, "Hanna Moen-Berg")
    scim.comes_to(
        lambda: scim.users(running.aws)[HANNA], lambda user: user["name"]["familyName"] == "Moen-Berg"
    )
    assert scim.users(running.aws)[HANNA]["id"] == before

    # Suspended: the page said what it means at the app before, and so it happens.
    page.get_by_role("link", name="Suspend", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("aws")
    look(page)
    page.get_by_role("dialog").get_by_role("button", name="Suspend", exact=True).click()
    scim.comes_to(lambda: scim.active(running.aws), lambda active: HANNA not in active)
    assert HANNA in scim.users(running.aws)

    # Active again: the account is switched on, not made anew.
    open_person(page, HANNA)
    do(page, "Activate")
    scim.comes_to(lambda: scim.active(running.aws), lambda active: HANNA in active)
    assert scim.users(running.aws)[HANNA]["id"] == before

    # Moved to where the app is off: a timer runs, and their page says so.
    page.get_by_role("link", name="Move", exact=True).click()
    page.get_by_label("Organizational unit").select_option(label="/Sales")
    page.get_by_role("button", name="Show what it does").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="At the apps")).to_be_visible()
    look(page)
    page.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    console.seen_after_reload(page, at_aws.get_by_text("Loses the account"))
    look(page)
    console.open_app(page)
    console.tab(page, "Who loses what, when")
    leaving = page.get_by_role("main").get_by_role("row").filter(has_text=HANNA)
    expect(leaving).to_contain_text("leaving")
    assert len(scim.active(running.aws)) == RESEARCHERS + 1

    # Somebody decides that it need not wait.
    leaving.get_by_text("Do it now").click()
    look(page)
    leaving.get_by_role("button", name="Suspend now").click()
    scim.comes_to(lambda: scim.active(running.aws), lambda active: HANNA not in active)

    # Deleted, and restored.
    open_person(page, HANNA)
    do(page, "Delete")
    expect(page.get_by_text("Deleted people have no addresses")).to_be_visible()
    look(page)
    do(page, "Restore")
    expect(page.get_by_role("link", name="Suspend", exact=True)).to_be_visible()


def test_somebody_who_cannot_be_added_is_told_why_and_nothing_is_lost(page: Page, shared: Demo) -> None:
    console.enter(page, shared.console)
    open_directory(page)
    page.get_by_role("link", name="Add new user").click()
    page.get_by_label("Given name").fill("Ingrid")
    page.get_by_label("Family name").fill("Solberg")
    page.get_by_label("Primary address").fill("ingrid.solberg@example.com")
    page.get_by_role("button", name="Add new user").click()
    expect(page.get_by_role("alert")).to_contain_text("ingrid.solberg@example.com")
    expect(page.get_by_label("Given name")).to_have_value("Ingrid")
    look(page)


def test_groups_units_domains_and_attributes_are_kept_by_hand(page: Page, shared: Demo) -> None:
    console.enter(page, shared.console)
    open_directory(page, "Groups")
    page.get_by_role("link", name="Create group").click()
    console.heading(page, "Create group")
    look(page)
    page.get_by_label("Name", exact=True).fill("Night shift")
    page.get_by_label("Address", exact=True).fill("night-shift@example.com")
    page.get_by_role("button", name="Create group").click()
    console.heading(page, "Night shift")
    page.get_by_label("Address of a user or a group").fill("nobody@example.com")
    page.get_by_role("button", name="Add member").click()
    expect(page.get_by_role("alert")).to_contain_text("nobody@example.com")
    look(page)
    page.get_by_label("Address of a user or a group").fill("ingrid.solberg@example.com")
    page.get_by_role("button", name="Add member").click()
    members = page.get_by_role("table", name="Direct members")
    expect(members.get_by_role("rowheader", name="ingrid.solberg@example.com")).to_be_visible()
    look(page)
    members.get_by_role("link", name="Take out ingrid.solberg@example.com").click()
    page.get_by_role("dialog").get_by_role("button", name="Take out").click()
    expect(page.get_by_text("Nobody is a direct member.")).to_be_visible()
    page.get_by_role("link", name="Delete", exact=True).click()
    look(page)
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    console.heading(page, "Groups")

    pages_of(page, "Organizational units")
    units = page.get_by_role("table", name="Organizational units, as a tree")
    units.get_by_role("link", name="Add below /Sales", exact=True).click()
    look(page)
    page.get_by_label("Name", exact=True).fill("Field")
    page.get_by_role("button", name="Create unit").click()
    expect(units.get_by_role("rowheader", name="Field (/Sales/Field)")).to_be_visible()
    units.get_by_role("link", name="Edit /Sales/Field").click()
    look(page)
    page.get_by_role("link", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(units.get_by_role("rowheader", name="Field (/Sales/Field)")).to_have_count(0)

    pages_of(page, "Domains")
    page.get_by_label("Add a domain").fill("example.org")
    page.get_by_role("button", name="Add", exact=True).click()
    domains = page.get_by_role("table", name="Domains")
    expect(domains.get_by_role("row").filter(has_text="example.org")).to_contain_text("Secondary")
    look(page)
    domains.get_by_role("link", name="Remove example.org").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(domains.get_by_role("row").filter(has_text="example.org")).to_have_count(0)

    pages_of(page, "Custom attributes")
    page.get_by_role("link", name="Add custom attributes").click()
    look(page)


def rows(path: Path, people: list[dict[str, str]]) -> Path:
    """A file in the columns of Google's bulk upload."""
    columns = ["First Name [Required]", "Last Name [Required]", "Email Address [Required]", "Org Unit Path [Required]"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([person["given"], person["family"], person["email"], person["unit"]] for person in people)
    return path


def upload(page: Page, file: Path) -> None:
    open_directory(page)
    pages_of(page, "Import")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Preview").click()


def test_a_file_is_looked_at_before_it_is_imported(page: Page, running: Demo, tmp_path: Path) -> None:
    newcomers = [
        {"given": name, "family": "Import", "email": f"{name.lower()}.import@example.com", "unit": "/Research"}
        for name in ("Aksel", "Birgit", "Cato")
    ]
    upload(page, rows(tmp_path / "people.csv", newcomers))
    preview = page.get_by_role("table", name="What would change")
    expect(preview.get_by_role("row").filter(has_text="Users").get_by_role("cell").first).to_have_text("3")
    look(page)
    assert len(scim.active(running.aws)) == RESEARCHERS

    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Imported.")).to_be_visible()
    look(page)
    wanted = {person["email"] for person in newcomers}
    scim.comes_to(lambda: scim.active(running.aws), lambda active: wanted <= active)

    # The same once more: nothing would change.
    upload(page, tmp_path / "people.csv")
    expect(page.get_by_role("status").filter(has_text="Nothing would change")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Discard").click()
    console.heading(page, "Import")


def test_a_file_that_cannot_be_read_changes_nothing(page: Page, shared: Demo, tmp_path: Path) -> None:
    console.enter(page, shared.console)
    wrong = tmp_path / "people.csv"
    wrong.write_text("Name,Telephone\nAda,1234\n", encoding="utf-8")
    upload(page, wrong)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("Nothing of the file was imported.")).to_be_visible()
    look(page)
