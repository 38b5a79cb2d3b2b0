"""A real headless Chromium, and pages opened in it as a reader would: from disk, offline."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="'chromium' is not on PATH")
_ARGUMENTS = ("--no-sandbox", "--disable-background-networking")
_WEBGL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")  # without a graphics card
_WHOLE = "html[data-state=whole], html[data-state=failed]"
_WAIT_MS = 300_000
"""How long anything asked of a page may take: what draws it has no core of its own on a busy machine."""


@dataclass
class Opened:
    """A page that was opened, with what it said and asked for, and what it took."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    load_s: float = 0.0

    def report(self, expression: str, *arguments: Any) -> Any:
        """What ``window.ca1report`` gives for an expression; ``a`` are the arguments."""
        return self.page.evaluate(f"a => window.ca1report.{expression}", list(arguments))

    def state(self) -> str:
        """How far the page is: ``whole`` or ``failed``."""
        return self.page.evaluate("document.documentElement.dataset.state")


@contextmanager
def chromium(*, webgl: bool = True) -> Iterator[Any]:
    """A browser; with WebGL on a machine without a graphics card it draws everything more slowly."""
    from playwright.sync_api import sync_playwright

    arguments = [*_ARGUMENTS, *(_WEBGL if webgl else ())]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Any, file: Path, width: int = 1280, height: int = 900, scheme: str = "light"
) -> Iterator[Opened]:
    """A page from disk, with no network, when all of it is there."""
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
    context.set_default_timeout(_WAIT_MS)
    one = Opened(context.new_page())
    one.page.on("console", lambda message: one.said.append(message.text))
    one.page.on("pageerror", lambda error: one.said.append(str(error)))
    one.page.on("request", lambda request: one.asked.append(request.url))
    start = time.perf_counter()
    one.page.goto(file.as_uri())
    one.page.wait_for_selector(_WHOLE, state="attached")
    one.load_s = time.perf_counter() - start
    yield one
    context.close()
