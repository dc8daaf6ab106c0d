"""The seed's procedure "Get the API access token and endpoint URL", at the emulated AWS pages.

Each test follows it with the role and the label of each step, and looks at the emulated Identity Center for what came
of it.
"""

from pathlib import Path

from playwright.sync_api import Page, expect

from conftest import Emulator
from support import aws, scim
from support.process import Usher, free_port, run


def test_the_procedure_ends_with_a_token_that_opens_the_endpoint(page: Page, emulator: Emulator) -> None:
    page.goto(f"{emulator.address}/console/instances")
    page.get_by_role("button", name="Enable").click()

    access = aws.get_token_and_endpoint(page, emulator.address)

    [tenant] = scim.admin(emulator.address, "/tenants")["tenants"]
    assert tenant["endpoint"] == access.endpoint
    assert tenant["source"]["entity_id"] == "https://idp.example.com/o/saml2?idpid=C03example"
    assert scim.status(access.endpoint, access.token) == 200
    assert scim.status(access.endpoint, access.token[:-4]) == 401
    expect(page.get_by_text(access.token)).to_have_count(0)


def test_the_service_is_found_with_the_search_box(page: Page, emulator: Emulator) -> None:
    page.goto(emulator.address)
    page.get_by_role("searchbox", name="Search for services and features").fill("IAM Identity Center")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="IAM Identity Center").click()
    aws.heading(page, "IAM Identity Center")


def test_endpoint_and_a_new_token_are_found_again_any_time(page: Page, emulator: Emulator) -> None:
    page.goto(f"{emulator.address}/console/instances")
    page.get_by_role("button", name="Enable").click()
    first = aws.get_token_and_endpoint(page, emulator.address)

    page.get_by_role("link", name="Dashboard").click()
    page.get_by_role("navigation", name="IAM Identity Center").get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Manage provisioning").click()
    configuration = page.get_by_role("region", name="Configuration")
    expect(configuration.get_by_label("SCIM endpoint", exact=True)).to_have_value(first.endpoint)
    page.get_by_role("button", name="Generate token").click()
    second = aws.copied(page, page.get_by_role("dialog", name="Generate new access token"))
    assert second.endpoint == first.endpoint
    for token in (first.token, second.token):
        assert scim.status(first.endpoint, token) == 200
    expect(page.get_by_role("button", name="Generate token")).to_be_disabled()

    page.get_by_role("button", name="Delete token").first.click()
    popup = page.get_by_role("dialog", name="Delete access token")
    popup.get_by_label("DELETE").fill("DELETE")
    popup.get_by_role("button", name="Delete token").click()
    expect(page.get_by_role("status").filter(has_text="You deleted an access token")).to_be_visible()
    assert [scim.status(first.endpoint, token) for token in (first.token, second.token)] == [401, 200]


def test_a_wrong_file_gets_one_sentence_and_the_right_one_goes_on(page: Page, emulator: Emulator) -> None:
    page.goto(f"{emulator.address}/console/instances")
    page.get_by_role("button", name="Enable").click()
    aws.open_change_of_source(page)
    for content, why in (("userName,displayName", "not well-formed XML"), ("<html/>", "no EntityDescriptor")):
        aws.upload(page, content)
        expect(page.get_by_role("alert")).to_contain_text(why)
    aws.upload(page)
    aws.confirm(page, "yes")
    expect(page.get_by_role("alert")).to_have_text("Type ACCEPT to confirm")
    aws.confirm(page)
    expect(page.get_by_role("status")).to_contain_text("You changed your identity source")
    [tenant] = scim.admin(emulator.address, "/tenants")["tenants"]
    assert tenant["source"]["kind"] == "external-provider"


def test_escape_closes_the_popup_as_close_does(page: Page, emulator: Emulator) -> None:
    page.goto(f"{emulator.address}/console/instances")
    page.get_by_role("button", name="Enable").click()
    aws.open_change_of_source(page)
    aws.upload(page)
    aws.confirm(page)
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    aws.heading(page, "Settings")


def test_a_fresh_demo_is_wired_by_hand_with_the_token_that_was_copied(
    page: Page, binary: Path, tmp_path: Path
) -> None:
    port = free_port()
    with Usher(binary, tmp_path, "demo", "--fresh", "--no-serve", "--port", str(port)) as usher:
        address = usher.says(r"emulated AWS runs at (http://\S+)").group(1)
        access = aws.get_token_and_endpoint(page, address)

        (tmp_path / "token.txt").write_text(access.token + "\n", encoding="utf-8")
        run(binary, tmp_path, "app", "add", "aws", "--template", "aws")
        run(binary, tmp_path, "app", "authorize", "aws", "--endpoint", access.endpoint, "--token-file", "token.txt")
        run(binary, tmp_path, "app", "access", "aws", "--ou", "/Research", "on")
        run(binary, tmp_path, "app", "deprovision", "aws", "--suspended", "7d")
        run(binary, tmp_path, "app", "enable", "aws")
        run(binary, tmp_path, "sync", "aws")

        page.get_by_role("navigation", name="IAM Identity Center").get_by_role("link", name="Users").click()
        page.get_by_label("Find users").fill("ingrid.solberg")
        page.get_by_role("button", name="Find").click()
        page.get_by_role("link", name="ingrid.solberg@example.com").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Enabled")
