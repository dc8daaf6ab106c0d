"""The emulated Identity Center, looked at past its pages: by its SCIM endpoint, and by its administration."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TypeVar

from support.metadata import GOOGLE
from support.process import PATIENCE_SECONDS

T = TypeVar("T")


def status(endpoint: str, token: str) -> int:
    """What a list of users is answered with for this token."""
    request = urllib.request.Request(f"{endpoint}/Users", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def send(endpoint: str, token: str, method: str, path: str, body: object = None) -> dict:
    """What a request to the SCIM endpoint is answered with, which has to be a success."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{endpoint}{path}", data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if text else {}


def admin(address: str, path: str) -> dict:
    """What the emulator's administration says at this path."""
    with urllib.request.urlopen(f"{address}/admin{path}", timeout=10) as answer:
        return json.load(answer)


def tell(address: str, path: str, body: object = None) -> dict:
    """What the emulator's administration answers to this."""
    data = b"" if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/admin{path}", data=data, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if text else {}


def tenant(address: str) -> str:
    """The id of the only tenant."""
    [tenant] = admin(address, "/tenants")["tenants"]
    return tenant["id"]


def enable(address: str) -> tuple[str, str]:
    """Sets the only tenant up as its pages do, for journeys that begin behind that: its endpoint, and a token."""
    of = f"/tenants/{tenant(address)}"
    tell(address, f"{of}/identity-source", {"metadata": GOOGLE, "confirmation": "ACCEPT"})
    enabled = tell(address, f"{of}/provisioning/enable")
    return enabled["endpoint"], enabled["token"]["value"]


def revoke_tokens(address: str) -> None:
    """Deletes every access token, as whoever administers AWS may."""
    of = f"/tenants/{tenant(address)}/tokens"
    for token in admin(address, of)["tokens"]:
        tell(address, f"{of}/{token['id']}/delete", {"confirmation": "DELETE"})


def edit(address: str, **edit: object) -> None:
    """An edit by another hand, past SCIM."""
    tell(address, f"/tenants/{tenant(address)}/edits", edit)


def users(address: str) -> dict[str, dict]:
    """Everybody who is there, by user name."""
    listed = admin(address, f"/tenants/{tenant(address)}/users?limit=1000")["users"]
    return {user["userName"]: user for user in listed}


def active(address: str) -> set[str]:
    """The user names of those whose accounts are on."""
    return {name for name, user in users(address).items() if user["active"]}


def comes_to(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """What a look shows once it is as wanted: what a run does in the background takes its time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not wanted(seen := look()):
        assert time.monotonic() < deadline, f"it stayed at {seen!r}"
    return seen


def person(name: str) -> dict:
    """A user as SCIM writes one."""
    return {
        "userName": f"{name}@example.com",
        "name": {"givenName": name.title(), "familyName": "Example"},
        "displayName": f"{name.title()} Example",
        "active": True,
        "emails": [{"value": f"{name}@example.com", "type": "work", "primary": True}],
    }
