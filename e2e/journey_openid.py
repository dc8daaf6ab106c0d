"""Sign-in with OpenID Connect, at a provider that others wrote: the first admin, an invitation, and who does not get in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from support import console
from support.accessibility import look
from support.process import Usher, free_port
from support.provider import be, deny, provider, stay_here


@contextmanager
def _served(binary: Path, directory: Path, issuer: str) -> Iterator[Usher]:
    """`usher serve`, known to the provider."""
    (directory / "client-secret").write_text("s3cret\n", encoding="utf-8")
    (directory / "usher.toml").write_text(
        f'listen = "127.0.0.1:{free_port()}"\n'
        f'[openid]\nissuer = "{issuer}"\nclient_id = "usher"\nclient_secret_file = "client-secret"\n',
        encoding="utf-8",
    )
    with Usher(binary, directory, "serve", "--config", "usher.toml") as usher:
        yield usher


def test_admins_sign_in_at_a_provider_that_others_wrote(
    page: Page, colleague: Page, binary: Path, tmp_path: Path
) -> None:
    stay_here(page)
    stay_here(colleague)
    with provider(tmp_path) as issuer, _served(binary, tmp_path, issuer) as usher:
        name = issuer.removeprefix("http://")
        address = console.address(usher)
        page.goto(console.set_up_link(usher))
        look(page)
        page.get_by_role("link", name=f"Set up with {name}").click()
        be(page, "gus-20")
        expect(page.get_by_role("alert")).to_contain_text("does not end in @gmail.com")
        look(page)
        page.goto(console.set_up_link(usher))
        page.get_by_role("link", name=f"Set up with {name}").click()
        be(page, "ada-17")
        console.heading(page, "Home")
        expect(page.get_by_role("banner").get_by_text("super admin")).to_be_visible()

        link = console.invite(page, "bob@example.com", "operator")
        look(page)
        colleague.goto(link)
        look(colleague)
        colleague.get_by_role("link", name=f"Join with {name}").click()
        be(colleague, "bob-18")
        console.heading(colleague, "Home")
        colleague.goto(f"{address}/account")
        expect(colleague.get_by_text(f"You sign in with {name}, and have no password here.")).to_be_visible()
        look(colleague)
        console.menu(page, "Admins")
        row = page.get_by_role("row", name="bob@example.com")
        expect(row.get_by_role("cell", name=name)).to_be_visible()
        look(page)

        console.sign_out(colleague)
        look(colleague)
        colleague.get_by_role("link", name=f"Sign in with {name}").click()
        deny(colleague)
        # This provider's no comes without the state (RFC 6749 §4.1.2.1 asks for it), so that nobody can say whose it is.
        expect(colleague.get_by_role("alert")).to_contain_text("begin again")
        look(colleague)
        colleague.get_by_role("link", name=f"Sign in with {name}").click()
        be(colleague, "eve-19")
        expect(colleague.get_by_role("alert")).to_contain_text("eve@example.com may not sign in here")
        look(colleague)
        colleague.goto(f"{address}/account")
        colleague.get_by_role("link", name=f"Sign in with {name}").click()
        be(colleague, "bob-18")
        console.heading(colleague, "Your account")

        console.menu(page, "Audit log")
        for word in ("sign in refused", "eve@example.com", "not_invited", "join"):
            expect(page.get_by_role("main").get_by_text(word).first).to_be_visible()
        look(page)
