"""The emulated Identity Center, looked at past its pages: by its SCIM endpoint, and by its administration."""

import json
import urllib.error
import urllib.request


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


def person(name: str) -> dict:
    """A user as SCIM writes one."""
    return {
        "userName": f"{name}@example.com",
        "name": {"givenName": name.title(), "familyName": "Example"},
        "displayName": f"{name.title()} Example",
        "active": True,
        "emails": [{"value": f"{name}@example.com", "type": "work", "primary": True}],
    }
