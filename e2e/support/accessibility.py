"""axe over a page, light and dark: no violation on any page in any state."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parent.parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")

# A popup that has just been opened is looked at as it will stay, not halfway there.
SETTLED = "() => Promise.all(document.getAnimations().map((animation) => animation.finished))"


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands: one line for each element concerned."""
    # Through the debugger, past the page's own policy, which lets no such script in.
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    return [
        f"{violation['id']}: {violation['help']}: {' '.join(map(str, node['target']))}\n{node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Fails unless axe finds nothing, by day and by night."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(SETTLED)
        found = violations(page)
        assert not found, f"{page.url}, {scheme}:\n" + "\n".join(found)
    page.emulate_media(color_scheme="light")


def assert_fits(page: Page) -> None:
    """Fails if a page is wider than the window that shows it, from a telephone's to a large screen's."""
    was = page.viewport_size
    for width in (360, 768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{page.url} is {overflow} pixels too wide at {width}"
    page.set_viewport_size(was)


def look(page: Page) -> None:
    """Fails unless the page can be read by everybody and fits every window."""
    assert_accessible(page)
    assert_fits(page)
