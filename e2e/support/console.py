"""Usher's own console: the admin's side, each step by its role and its label, in the words of the pages."""

import re
import time

from playwright.sync_api import Locator, Page, expect

from support.aws import Access
from support.process import PATIENCE_SECONDS, Usher

# What `usher serve` and `usher demo` print on the terminal: where they are, and how the first admin gets in.
SERVES = r"usher serves on (http://\S+)"
SET_UP_LINK = r"(http://\S+/set-up\S*)"

# The first super admin.
ADA = "ada@example.com"
PASSWORD = "seven ushers at one door"

TEMPLATE = "Amazon Web Services"

# The words of the three options.
APP_OFF = "When an app is turned off for the user, suspend their account"
SUSPENDED = "When a user is suspended in the directory, suspend their account"
DELETED = "When a user is deleted from the directory, suspend their account"

EVENT_NAMES = (
    "Create User By Auto Provisioning",
    "Update Auto Provisioned User",
    "Suspend Auto Provisioned User",
    "UnSuspend Auto Provisioned User",
    "Hard Delete Auto Provisioned User",
    "Failures",
)


def address(usher: Usher) -> str:
    """Where it serves, once it says so."""
    return usher.says(SERVES).group(1)


def set_up_link(usher: Usher) -> str:
    """The one-time link on the terminal, said before or after the address."""
    for line in usher.said:
        if found := re.search(SET_UP_LINK, line):
            return found.group(1)
    return usher.says(SET_UP_LINK).group(1)


def heading(page: Page, name: str) -> None:
    """Waits for the page with this heading."""
    expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()


def seen_after_reload(page: Page, what: Locator) -> None:
    """Loads the page again until this is on it: what a run does in the background is seen no other way."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what.is_visible():
        assert time.monotonic() < deadline, f"{page.url} never had {what}"
        page.reload()


def set_up(page: Page, link: str, email: str = ADA) -> None:
    """Follows the link of the terminal and becomes the first super admin."""
    page.goto(link)
    heading(page, "Set up the console")
    page.get_by_label("Your address").fill(email)
    choose_password(page, "Set up")
    heading(page, "Home")


def choose_password(page: Page, button: str, password: str = PASSWORD) -> None:
    """Types a password twice, and sends it."""
    page.get_by_label("Password at least").fill(password)
    page.get_by_label("The same password again").fill(password)
    page.get_by_role("button", name=button).click()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fills the form of the page for signing in."""
    page.get_by_label("Your address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def enter(page: Page, address: str) -> None:
    """Opens the console of this address as its first super admin."""
    page.goto(address)
    sign_in(page, ADA)
    heading(page, "Home")


def sign_out(page: Page) -> None:
    """By the button above every page."""
    page.get_by_role("button", name="Sign out").click()
    heading(page, "Sign in")


def menu(page: Page, name: str) -> None:
    """A page of the main menu."""
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name=name).click()
    heading(page, name)


def invite(page: Page, email: str, role: str) -> str:
    """Invites somebody, and gives the link that is for them."""
    menu(page, "Admins")
    page.get_by_label("Address", exact=True).fill(email)
    page.get_by_label("Role", exact=True).select_option(label=role)
    page.get_by_role("button", name="Invite", exact=True).click()
    told = page.get_by_role("status")
    expect(told).to_contain_text(f"Give this link to {email}.")
    return told.get_by_role("code").inner_text()


def join(page: Page, link: str) -> None:
    """Follows an invitation."""
    page.goto(link)
    heading(page, "Welcome")
    choose_password(page, "Join")
    heading(page, "Home")


def open_app(page: Page) -> None:
    """Menu, Apps, Web and mobile apps, and the app."""
    menu(page, "Web and mobile apps")
    page.get_by_role("table", name="Apps").get_by_role("link", name="aws").click()
    heading(page, "aws")


def tab(page: Page, name: str) -> None:
    """Another page of the app that is open."""
    page.get_by_role("navigation", name="Pages of the app").get_by_role("link", name=name).click()
    heading(page, name)


def open_settings(page: Page) -> None:
    """From anywhere to the settings page of auto-provisioning, by the section of the app's page."""
    open_app(page)
    card = page.get_by_role("region", name="Auto-provisioning")
    card.get_by_role("heading", name="Auto-provisioning").get_by_role("link").click()
    heading(page, "Auto-provisioning")


def setting(page: Page, name: str) -> Locator:
    """A section of the settings page."""
    return page.get_by_role("region", name=name, exact=True)


def edit(page: Page, section: str) -> None:
    """Edit, below a section of the settings page."""
    setting(page, section).get_by_role("link", name="Edit").click()
    heading(page, section)


def slider(page: Page) -> Locator:
    """The activation slider."""
    return page.get_by_role("switch", name="Auto-provisioning")


def confirm(page: Page, question: str, button: str) -> None:
    """Answers the dialog that asks once more."""
    dialog = page.get_by_role("dialog", name=question)
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(dialog).to_have_count(0)


def add_app(page: Page) -> None:
    """Adds the app of the catalogue under the name that is suggested."""
    menu(page, "Web and mobile apps")
    page.get_by_role("link", name="Add app").click()
    heading(page, "Add app")
    page.get_by_role("region", name=TEMPLATE).get_by_role("button", name=f"Add {TEMPLATE}").click()
    heading(page, "aws")


def switch_unit(page: Page, unit: str, to: str) -> None:
    """Turns the app on or off for an organizational unit, at User access."""
    open_app(page)
    page.get_by_role("region", name="User access").get_by_role("link", name="View details of user access").click()
    heading(page, "User access")
    button = unit_switch(page, unit, to)
    button.click()
    if to == "Off":
        # Whoever works there has access, and provisioning is on.
        confirm(page, f"Turn aws off for {unit}?", "Turn off")
    expect(button).to_have_attribute("aria-pressed", "true")


def unit_switch(page: Page, unit: str, to: str) -> Locator:
    """The button that turns the app on or off for an organizational unit."""
    status = page.get_by_role("group", name=f"Service status of {unit}", exact=True)
    return status.get_by_role("button", name=to, exact=True)


def add_group(page: Page, part: str, group: str) -> None:
    """Searches for groups in the provisioning scope by a part of their name, and selects one."""
    page.get_by_role("searchbox", name="Search groups").press_sequentially(part)
    page.get_by_role("list", name="Available groups").get_by_role("button", name=group).click()
    expect(page.get_by_role("table", name="Groups in scope").get_by_role("rowheader", name=group)).to_be_visible()


def step(page: Page, name: str) -> None:
    """Waits for this step of the set-up."""
    expect(page.get_by_role("list", name="Steps").locator("[aria-current=step]")).to_have_text(name)


def choose_time_frame(page: Page, option: str, after: str) -> None:
    """Selects one of the options of deprovisioning, and how long it is delayed."""
    page.get_by_role("checkbox", name=option).check()
    page.get_by_label(f"How long after: {option}").select_option(label=after)


def configure(page: Page, access: Access) -> None:
    """Configure autoprovisioning, from the app's page to Finish, with what is suggested."""
    page.get_by_role("link", name="Configure autoprovisioning").click()
    page.get_by_label("Access token").fill(access.token)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Endpoint URL").fill(access.endpoint)
    for name in ("Endpoint URL", "Attribute mapping", "Provisioning scope"):
        step(page, name)
        page.get_by_role("button", name="Continue").click()
    step(page, "Deprovisioning")
    choose_time_frame(page, APP_OFF, "after 7 days")
    page.get_by_role("button", name="Finish").click()
    heading(page, "aws")


def previewed(page: Page) -> Locator:
    """Waits for the preview, and gives its counts."""
    heading(page, "Preview")
    counts = page.get_by_role("region", name=re.compile("^What (a run|the edit) would"))
    expect(counts).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    return counts


def turn_on(page: Page) -> None:
    """The slider, the preview, and the dialog."""
    slider(page).click()
    previewed(page).get_by_role("link", name="Turn on").click()
    confirm(page, "Turn on auto-provisioning?", "Turn on")
    heading(page, "aws")
    expect(slider(page)).to_be_checked()


def run_now(page: Page) -> None:
    """Run now, from the page of the runs; waits for its end."""
    tab(page, "Runs")
    runs = page.get_by_role("table", name="Runs").get_by_role("rowheader")
    before = runs.count()
    page.get_by_role("button", name="Run now").click()
    newest = page.get_by_role("table", name="Runs").get_by_role("row").nth(1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while runs.count() == before or "Under way" in newest.inner_text():
        assert time.monotonic() < deadline, "the run did not end"
        page.reload()
