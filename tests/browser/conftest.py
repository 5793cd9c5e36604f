"""A real Chromium, and pages that may not complain.

* ``browser``: one Chromium for the run; without one, the tests are skipped and the end says so.
* ``tab``: a page of 1440 × 900 in French; ``narrow``: the same of 390 × 844 (a phone).
  Errors in the console, failed requests and requests that leave the machine fail the test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
]  # fmt: skip

DESK, PHONE = (1440, 900), (390, 844)

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program() -> str | None:
    """The Chromium to use: the one ``infra/setup/browser.sh`` found, or one on the path."""
    named = os.environ.get("CESSIO_TEST_BROWSER") or None
    return named or next((path for name in PROGRAMS if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    path = program()
    if path is None:
        pytest.skip("no Chromium on this machine: pages were not looked at in a browser")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A desktop page in French."""
    with _page(browser, *DESK) as page:
        yield page


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    """A phone's page in French."""
    with _page(browser, *PHONE) as page:
        yield page


@contextmanager
def _page(browser: Browser, width: int, height: int) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR", timezone_id="Europe/Paris"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
    page.on("request", lambda request: complaints.extend(_stranger(request)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    yield page
    context.close()
    # A refused form is answered 422 on purpose, and Chromium calls that an error.
    assert [text for text in complaints if "status of 422" not in text] == []


def _stranger(request: Request) -> list[str]:
    host = urlsplit(request.url).hostname
    return [] if host in {None, "127.0.0.1", "localhost"} else [f"left the machine: {request.url}"]
