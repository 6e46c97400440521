"""Pages in a headless Chromium, for test modules of several rooms."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def open_chromium() -> Iterator:
    """A browser that is installed; the test is skipped if there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    names = "chromium", "chromium-browser", "google-chrome"
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        pytest.skip("needs Chromium; on Debian and Ubuntu: apt install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--mute-audio"])
        yield browser
        browser.close()


class Tab:
    """A page from a file or a server of this machine, and what went wrong in it.

    Attributes:
        page: Playwright's page.
        complaints: What its scripts and the browser complained about.
        requests: Addresses that were asked for, without the page's own and embedded ones.
    """

    def __init__(self, browser, path: Path | str, **context) -> None:
        self.page = browser.new_context(offline=isinstance(path, Path), **context).new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)
        self.page.goto(path.as_uri() if isinstance(path, Path) else path)

    def _asked(self, request) -> None:
        if not request.url.startswith("data:") and not request.is_navigation_request():
            self.requests.append(request.url)

    def close(self) -> None:
        self.page.context.close()

    def focused(self) -> str:
        """What has the keyboard's focus, as a screen reader would name it."""
        return self.page.evaluate(
            "(e => e.getAttribute('aria-label') ?? e.textContent.trim())(document.activeElement)"
        )

    def until(self, condition: str) -> None:
        """Wait for an expression to be true; Playwright's own waiting needs eval, which our pages forbid."""
        end = monotonic() + 60
        while not self.page.evaluate(condition):
            assert monotonic() < end, f"never: {condition}"
            self.page.wait_for_timeout(50)

    def playing(self, start: float = 0.0) -> dict:
        """The player, once it has played from a second for a moment."""
        self.until(f"!player.paused && player.currentTime > {start} + 0.2")
        return self.page.evaluate(
            "({time: player.currentTime, duration: player.duration, source: player.currentSrc})"
        )

    def flaws(self, *rules: str) -> list[str]:
        """What axe finds wrong for those who use a keyboard or a screen reader, or see little.

        Args:
            rules: Only these of its rules; by default all of WCAG 2 at AA, and good practice.
        """
        axe = pytest.importorskip(
            "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python"
        )
        found = axe.Axe().run(self.page, options={"runOnly": rules or RULES}).response["violations"]
        return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]
