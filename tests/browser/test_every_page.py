"""Every page of the back office in a real browser: nothing serious for axe in either theme, nothing
wider than a phone, no complaint in the console.

A pass looks at every page at a desk in both themes and on a phone, at every other one in English;
``CESSIO_TOUR`` makes it look at every page in both languages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import Engine, text

from cessio import identity
from cessio.plumbing.database import transaction
from tests.browser import axe
from tests.browser.conftest import DESK, PHONE
from tests.serving import serve
from tests.sharing import Shelf
from tests.walking import Visit, found, people

#: So many processes may share the work.
PARTS = 3
LANGUAGES = ("fr", "en")


@pytest.fixture
def book(shelf: Shelf) -> Iterator[Engine]:
    """A filled book whose pages were found by their links."""
    with shelf.walked() as engine:
        yield engine


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_can_be_read_by_everybody(
    book: Engine, browser: Browser, tmp_path_factory: pytest.TempPathFactory, part: int
) -> None:
    findings: list[str] = []
    visits = sorted(found(book).visits, key=lambda visit: visit.role)[part::PARTS]
    with serve(book.url, tmp_path_factory.mktemp("walk")) as address:
        for turn, language in enumerate(LANGUAGES):
            with transaction(book) as session:
                session.execute(text("UPDATE person SET language = :to"), {"to": language})
            chosen = visits if os.environ.get("CESSIO_TOUR") else visits[turn :: len(LANGUAGES)]
            findings += _looked_at(book, browser, address, chosen)
    assert not findings, "\n".join(findings)


def _looked_at(book: Engine, browser: Browser, address: str, visits: list[Visit]) -> list[str]:
    """What is wrong with these pages, each opened by somebody of its role."""
    findings: list[str] = []
    for role in sorted({visit.role for visit in visits}):
        context = _signed_in(book, browser, address, role)
        page = context.new_page()
        page.on("pageerror", partial(_note, findings))
        for visit in visits:
            if visit.role == role:
                findings += _look(page, address, visit)
        context.close()
    return findings


def _note(findings: list[str], error: object) -> None:
    findings.append(f"script: {error}")


def _look(page: Page, address: str, visit: Visit) -> list[str]:
    """What is wrong with one page, with its address before each finding."""
    answer = page.goto(address + visit.path)
    assert answer is not None
    found = [] if answer.status == 200 else [f"answered {answer.status}"]
    found += axe.serious(page)
    found += [f"dark: {one}" for one in axe.contrast(page, "dark")]
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    found += [f"{wide} pixels wider than a phone"] if wide > 0 else []
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    return [f"{visit.path}: {one}" for one in found]


def _signed_in(book: Engine, browser: Browser, address: str, role: str) -> BrowserContext:
    with transaction(book) as session:
        signed = identity.open_session(
            session, person_id=people(book)[role], user_agent=None, address=None,
            at=datetime.now(UTC),
        )  # fmt: skip
    context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]},
                                  timezone_id="Europe/Paris", reduced_motion="reduce")  # fmt: skip
    context.add_cookies([
        {"name": "cessio", "value": signed.token, "url": address},
        {"name": "theme", "value": "light", "url": address},
    ])  # fmt: skip
    return context
