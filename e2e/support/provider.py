"""An OpenID provider that others wrote (oidc-provider-mock): whoever is at its page says who they are."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from support.process import Usher, free_port

# Who is known there: what the provider calls them, and their address.
PEOPLE = {
    "ada-17": "ada@example.com",
    "bob-18": "bob@example.com",
    "eve-19": "eve@example.com",
    "gus-20": "gus@gmail.com",
}


@contextmanager
def provider(directory: Path) -> Iterator[str]:
    """A provider, until the block ends: its address."""
    port = free_port()
    claims = (
        json.dumps({"sub": subject, "email": email, "email_verified": True}) for subject, email in PEOPLE.items()
    )
    people = [argument for person in claims for argument in ("--user-claims", person)]
    arguments = ("-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", *people)
    # It is a process like any other, only not of the binary.
    with Usher(Path(sys.executable), directory, *arguments) as process:
        process.says("Uvicorn running on")
        yield f"http://127.0.0.1:{port}"


def stay_here(page: Page) -> None:
    """Lets the provider's pages have no style from another host: journeys ask nobody else."""
    page.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(content_type="text/css", body=""))


def be(page: Page, subject: str) -> None:
    """At the provider's page, says who it is."""
    people = page.get_by_role("form", name="Authenticate predefined users")
    people.get_by_role("button", name=subject, exact=True).click()


def deny(page: Page) -> None:
    """At the provider's page, says no."""
    page.get_by_role("button", name="Deny").click()
