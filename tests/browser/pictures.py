"""Pictures of what somebody sees at a step of a story, wide and narrow, in French and in English.

Only with ``CESSIO_TOUR`` naming a folder; the story itself is never disturbed: the pictures are
taken in a tab beside it, and its language is given back.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser import axe
from tests.browser.conftest import DESK, PHONE

SIZES = {"1440": DESK, "390": PHONE}
LANGUAGES = ("en", "fr")


def looked_at(page: Page, name: str) -> None:
    """Nothing serious for axe on the page that is open; its pictures where they are asked for."""
    assert axe.serious(page) == [], page.url
    take(page, name)


def take(page: Page, name: str) -> None:
    """The page that is open as ``<name>-<width>-<language>.png``, in every size and language."""
    folder = os.environ.get("CESSIO_TOUR")
    if not folder:
        return
    spoken = page.evaluate("document.documentElement.lang")[:2]
    twin = page.context.new_page()
    for language in (spoken, *(one for one in LANGUAGES if one != spoken)):
        _speak(page, language)
        answer = twin.goto(page.url)
        same = answer is not None and answer.status == 200
        if language == spoken and not (same and _title(twin) == _title(page)):
            _keep(page, Path(folder), name, language)  # what a form answered has no address
            break
        _keep(twin, Path(folder), name, language)
    _speak(page, spoken)
    twin.close()


def _title(page: Page) -> str:
    return page.locator("h1").first.inner_text()


def _keep(page: Page, folder: Path, name: str, language: str) -> None:
    before = page.viewport_size
    for width, (wide, high) in SIZES.items():
        page.set_viewport_size({"width": wide, "height": high})
        page.screenshot(path=folder / f"{name}-{width}-{language}.png", full_page=True)
    if before is not None:
        page.set_viewport_size(before)


def _speak(page: Page, language: str) -> None:
    """The person signed in chooses a language, as the menu lets them."""
    parts = urlsplit(page.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    token = page.locator("input[name=csrf_token]").first.input_value()
    answer = page.request.post(
        f"{origin}/preferences", headers={"origin": origin}, max_redirects=0,
        form={"csrf_token": token, "language": language, "next": "/account"},
    )  # fmt: skip
    assert answer.status == 303, answer.text()[:200]
