"""The emulated AWS pages, as the seed's procedure goes through them: each step by its role and its label."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from support.metadata import GOOGLE, file


@dataclass
class Access:
    """What an administrator carries from AWS to the directory's side."""

    endpoint: str
    token: str


def heading(page: Page, name: str) -> None:
    """Waits for the page with this heading."""
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def open_identity_center(page: Page, address: str) -> None:
    """Services, All Services, IAM Identity Center."""
    page.goto(address)
    page.get_by_role("button", name="Services", exact=True).click()
    page.get_by_role("navigation", name="Services").get_by_role("link", name="All Services").click()
    page.get_by_role("link", name="IAM Identity Center (successor to AWS Single Sign-On)").click()
    heading(page, "Dashboard")


def open_change_of_source(page: Page) -> None:
    """From the dashboard to where metadata is exchanged."""
    steps = page.get_by_role("region", name="Recommended setup steps")
    expect(steps.get_by_text("Step 1")).to_be_visible()
    steps.get_by_role("link", name="Choose your identity source").click()
    source = page.get_by_role("region", name="Identity source")
    source.get_by_role("button", name="Actions").click()
    source.get_by_role("link", name="Change identity source").click()
    heading(page, "Choose identity source")
    page.get_by_role("radio", name="External identity provider").check()
    page.get_by_role("button", name="Next").click()
    heading(page, "Configure external identity provider")


def upload(page: Page, content: str | bytes = GOOGLE) -> None:
    """Chooses the file with the identity provider's metadata, and goes on."""
    metadata = page.get_by_role("region", name="Identity provider metadata")
    metadata.get_by_label("IdP SAML metadata").set_input_files(file(content))
    page.get_by_role("button", name="Next").click()


def confirm(page: Page, word: str = "ACCEPT") -> None:
    """Types the word below Review and confirm."""
    review = page.get_by_role("region", name="Review and confirm")
    review.get_by_label("ACCEPT").fill(word)
    review.get_by_role("button", name="Change identity source").click()


def enable(page: Page) -> Access:
    """Enables automatic provisioning, and copies what the popup shows, as its buttons do it."""
    page.get_by_role("region", name="Automatic provisioning").get_by_role("button", name="Enable").click()
    access = copied(page, page.get_by_role("dialog", name="Inbound automatic provisioning"))
    heading(page, "Settings")
    return access


def copied(page: Page, popup) -> Access:
    """What the popup's buttons copy; then it is closed."""
    expect(popup).to_be_visible()
    token = popup.get_by_label("Access token", exact=True)
    expect(token).to_have_attribute("type", "password")
    popup.get_by_role("button", name="Show token").click()
    expect(token).to_have_attribute("type", "text")
    values = []
    for what in ("SCIM endpoint", "Access token"):
        popup.get_by_role("button", name=f"Copy {what}").click()
        expect(popup.get_by_role("status")).to_contain_text(f"Copied: {what}")
        values.append(page.evaluate("() => navigator.clipboard.readText()"))
    popup.get_by_role("button", name="Close").click()
    expect(popup).to_be_hidden()
    return Access(*values)


def get_token_and_endpoint(page: Page, address: str) -> Access:
    """The whole procedure: what every journey of the other side begins with."""
    open_identity_center(page, address)
    open_change_of_source(page)
    upload(page)
    confirm(page)
    heading(page, "Settings")
    return enable(page)


def another_token(page: Page, address: str) -> Access:
    """Endpoint and a new token, found again any time after the set-up."""
    open_identity_center(page, address)
    page.get_by_role("navigation", name="IAM Identity Center").get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Manage provisioning").click()
    page.get_by_role("button", name="Generate token").click()
    return copied(page, page.get_by_role("dialog", name="Generate new access token"))
