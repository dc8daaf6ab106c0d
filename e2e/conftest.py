"""Fixtures of the browser journeys.

`cargo xtask test` says in the environment where the binary and the browser are; by hand:

    USHER_TEST_BINARY=target/debug/usher USHER_TEST_CHROMIUM=/usr/bin/chromium python -m pytest e2e

A journey has processes, data and a browser context of its own, and shares nothing with another one. Where one fails, a
picture of its page is left in `USHER_TEST_ARTEFACTS`, if that is set.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from support import console, scim
from support.aws import Access
from support.process import Usher, free_port

# The longest that a page may take to become what a step expects of it.
STEP_MS = 10_000

# How many people of the demo's company work in Research and get an account.
RESEARCHERS = 16


def _required(name: str) -> Path:
    value = os.environ.get(name)
    assert value, f"{name} is not set: run the journeys with `cargo xtask test --only e2e`"
    return Path(value).resolve()


@pytest.fixture(scope="session")
def binary() -> Path:
    """The binary under test."""
    return _required("USHER_TEST_BINARY")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_required("USHER_TEST_CHROMIUM"))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a browser of its own. Nothing that a page says to the console of the browser may be an error."""
    with _page(browser, request) as page:
        yield page


@pytest.fixture
def colleague(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of somebody else's browser."""
    with _page(browser, request, "colleague") as page:
        yield page


@contextmanager
def _page(browser: Browser, request: pytest.FixtureRequest, whose: str = "", **options) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
        color_scheme="light",
        locale="en-GB",
        **options,
    )
    context.set_default_timeout(STEP_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
    yield page
    _picture(page, request, whose)
    context.close()
    assert not errors, f"the browser complained: {errors}"


def _is_error(message) -> bool:
    """A refusal that a journey provokes is said by the browser as well, and is no mistake of a page."""
    return message.type == "error" and "the server responded with a status of 4" not in message.text


def _picture(page: Page, request: pytest.FixtureRequest, whose: str) -> None:
    artefacts = os.environ.get("USHER_TEST_ARTEFACTS")
    if artefacts and getattr(request.node, "has_failed", False):
        Path(artefacts).mkdir(parents=True, exist_ok=True)
        name = "-".join(filter(None, (request.node.name, whose)))
        page.screenshot(path=Path(artefacts) / f"{name}.png", full_page=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call):
    """Says to the fixtures of a journey whether it failed."""
    report = yield
    item.has_failed = getattr(item, "has_failed", False) or report.failed
    return report


@dataclass
class Emulator:
    """An emulated IAM Identity Center."""

    usher: Usher
    address: str


@pytest.fixture
def emulator(binary: Path, tmp_path: Path) -> Iterator[Emulator]:
    """An emulated IAM Identity Center in which nothing is set up."""
    with Usher(binary, tmp_path, "emulate", "identity-center", "--port", "0") as usher:
        yield Emulator(usher, usher.says(r"emulated on (http://\S+)").group(1))


@dataclass
class Ready:
    """An emulated IAM Identity Center that can be provisioned into."""

    address: str
    # Where its pages are.
    instance: str
    endpoint: str
    token: str


@pytest.fixture
def ready(binary: Path, tmp_path: Path) -> Iterator[Ready]:
    """An emulated IAM Identity Center with an endpoint and a token, for journeys that begin behind the set-up."""
    token_file = tmp_path / "token.txt"
    arguments = ("emulate", "identity-center", "--port", "0", "--ready", "--token-file", str(token_file))
    with Usher(binary, tmp_path, *arguments) as usher:
        address = usher.says(r"emulated on (http://\S+)").group(1)
        endpoint = usher.says(r"SCIM endpoint\s+(http://\S+)").group(1)
        tenant = endpoint.removeprefix(f"{address}/").removesuffix("/scim/v2")
        yield Ready(address, f"{address}/console/instances/{tenant}", endpoint, token_file.read_text().strip())


@dataclass
class Demo:
    """A demo: a company with thirty days of history, and both sides of it."""

    usher: Usher
    console: str
    aws: str


@pytest.fixture(scope="session")
def told_demo(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with its thirty days behind it, made once: journeys look at it, and change nothing."""
    port, emulated = free_port(), free_port()
    arguments = ("demo", "--listen", f"127.0.0.1:{port}", "--port", str(emulated))
    with Usher(binary, tmp_path_factory.mktemp("demo"), *arguments) as usher:
        usher.says(r"usher serves on http://")
        yield Demo(usher, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{emulated}")


@pytest.fixture(scope="session")
def told_session(browser: Browser, told_demo: Demo):
    """What the browser of that demo's first admin keeps: whoever has it is signed in."""
    context = browser.new_context()
    page = context.new_page()
    console.set_up(page, console.set_up_link(told_demo.usher))
    yield context.storage_state()
    context.close()


@pytest.fixture
def told(browser: Browser, request: pytest.FixtureRequest, told_demo: Demo, told_session) -> Iterator[Page]:
    """The first page of that demo's console, signed in."""
    with _page(browser, request, storage_state=told_session) as page:
        page.goto(told_demo.console)
        yield page


@contextmanager
def _fresh(binary: Path, directory: Path) -> Iterator[Demo]:
    port, emulated = free_port(), free_port()
    arguments = ("demo", "--fresh", "--listen", f"127.0.0.1:{port}", "--port", str(emulated))
    with Usher(binary, directory, *arguments) as usher:
        usher.says(console.SERVES)
        yield Demo(usher, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{emulated}")


def _run(page: Page, demo: Demo) -> None:
    console.set_up(page, console.set_up_link(demo.usher))
    console.add_app(page)
    console.switch_unit(page, "/Research", "On")
    console.open_app(page)
    console.configure(page, Access(*scim.enable(demo.aws)))
    console.turn_on(page)
    scim.comes_to(lambda: scim.active(demo.aws), lambda active: len(active) == RESEARCHERS)


@pytest.fixture
def fresh_demo(binary: Path, tmp_path: Path) -> Iterator[Demo]:
    """A demo in which nothing is set up on either side."""
    with _fresh(binary, tmp_path) as demo:
        yield demo


@pytest.fixture
def running(page: Page, fresh_demo: Demo) -> Demo:
    """A demo in which provisioning is on for the people of Research: `page` shows the app, signed in."""
    _run(page, fresh_demo)
    return fresh_demo


@pytest.fixture(scope="session")
def shared(binary: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo, made once: for journeys in which the app, for whom it is on, and the accounts stay as they are."""
    with _fresh(binary, tmp_path_factory.mktemp("shared")) as demo:
        page = browser.new_page()
        page.set_default_timeout(STEP_MS)
        _run(page, demo)
        page.context.close()
        yield demo
