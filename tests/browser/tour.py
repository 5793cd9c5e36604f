"""``make tour``: every page as a picture, wide and narrow, in French and in English.

A demonstration book is made in an embedded server of its own (``CESSIO_TOUR_URL`` names a database
that holds one already), a real web server is started on it, and Chromium walks from page to page
by their links, as people of each role. One page of each kind is kept; pictures and the papers go
to ``tour/``. ``make tour TOUR=portal`` (or ``backoffice``, ``public``) looks at one part.
A page that fails, or is wider than its screen, ends the tour with 1.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from cessio import app, demo
from cessio.demo.cast import PASSWORD
from cessio.kernel.calendar import business_date
from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import ensure_running
from cessio.plumbing.settings import Settings
from cessio.worker import compose
from tests.browser.conftest import FLAGS, program
from tests.serving import serve

OUT = Path(__file__).resolve().parents[2] / "tour"
SIZES = {"1440": (1440, 900), "390": (390, 844)}
LANGUAGES = ("fr", "en")
#: The parts, and the roles that walk through each: what one saw, the next does not look at again.
PARTS: dict[str, tuple[str | None, ...]] = {
    "public": (None,),
    "portal": ("signatory",),
    "backoffice": (
        "account_manager", "credit_analyst", "treasury", "cash_clerk", "collector", "auditor",
        "admin",
    ),
}  # fmt: skip
STARTS = {"public": ("/sign-in", "/verify"), "portal": ("/portal",), "backoffice": ("/backoffice",)}
#: Enough of a book for every kind of page, and made in a minute.
SCALE = Decimal("0.25")


@dataclass
class Kinds:
    """The kinds of pages (their routes), and the first address seen of each."""

    patterns: dict[str, re.Pattern[str]]
    seen: dict[str, str] = field(default_factory=dict)

    def kind_of(self, path: str) -> str | None:
        """The route an address belongs to; an exact one before one with a part left open."""
        fitting = [route for route, pattern in self.patterns.items() if pattern.fullmatch(path)]
        return min(fitting, key=lambda route: route.count("{"), default=None)


@dataclass(frozen=True)
class Visit:
    """A page to look at: the name of its picture, and its address."""

    stem: str
    path: str


def main(parts: Sequence[str]) -> int:
    """Walk, and say where the pictures are."""
    browser_path = program()
    if browser_path is None:
        print("NOT DONE: there is no Chromium on this machine", file=sys.stderr)
        return 1
    OUT.mkdir(exist_ok=True)
    failures: list[str] = []
    with book() as (url, data_dir), serve(url, data_dir) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=FLAGS)
        kinds = Kinds(_routes(url, data_dir))
        people = _people(url)
        for part in parts:
            for role in PARTS[part]:
                if role is None or role in people:
                    walker = Walker(browser, url, address, people.get(role or ""), part)
                    failures += walker.walk(kinds)
        browser.close()
    print(f"{len(kinds.seen)} kinds of pages, {len(list(OUT.iterdir()))} files in {OUT.name}/")
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    return 1 if failures else 0


@dataclass(frozen=True)
class Walker:
    """Somebody who looks at all it may see of one part."""

    browser: Browser
    url: URL
    address: str
    email: str | None
    part: str

    def walk(self, kinds: Kinds) -> list[str]:
        """Find the pages by their links in French at a desk, then look at them in every way."""
        failures: list[str] = []
        visits: list[Visit] = []
        with self._context("1440", "fr") as context:
            state = context.storage_state()
            page = context.new_page()
            for visit in self._found(page, kinds, failures):
                visits.append(visit)
                failures += _look(page, None, f"{visit.stem}-1440-fr")
            if self.part == "portal":
                _keep_papers(page, self.address)
        for size in SIZES:
            for language in LANGUAGES:
                if (size, language) != ("1440", "fr"):
                    with self._context(size, language, state) as context:
                        page = context.new_page()
                        for visit in visits:
                            stem = f"{visit.stem}-{size}-{language}"
                            failures += _look(page, self.address + visit.path, stem)
        return failures

    def _found(self, page: Page, kinds: Kinds, failures: list[str]) -> Iterator[Visit]:
        """The first page of each kind that nobody saw before, the page being open on it."""
        waiting = list(STARTS[self.part])
        tried: set[str] = set()
        while waiting:
            path = waiting.pop(0)
            kind = kinds.kind_of(urlsplit(path).path)
            known = kind in kinds.seen and kind not in STARTS_OF_ALL
            if kind is None or kind == "/" or path in tried or known:
                continue
            tried.add(path)
            answer = page.request.get(self.address + path, max_redirects=5)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                kinds.seen[kind] = path
                continue
            if answer.status >= 400:
                failures += [f"{path} answered {answer.status}"] if answer.status >= 500 else []
                continue
            page.goto(self.address + path)
            waiting += [one for one in _links(page) if one not in tried]
            if kind not in kinds.seen:
                kinds.seen[kind] = path
                yield Visit(kind.strip("/").replace("/", "_").translate(_PLAIN), path)

    @contextmanager
    def _context(self, size: str, language: str, state: Any = None) -> Iterator[BrowserContext]:
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, locale=f"{language}-FR",
            timezone_id="Europe/Paris", storage_state=state,
        )  # fmt: skip
        context.add_cookies([{"name": "language", "value": language, "url": self.address}])
        if self.email is not None:
            speak(self.url, self.email, language)
            if state is None:
                page = context.new_page()
                page.goto(f"{self.address}/sign-in")
                page.fill("input[name=email]", self.email)
                page.fill("input[name=password]", PASSWORD)
                page.click("main form button")
                page.wait_for_url(lambda url: "/sign-in" not in url)
        yield context
        context.close()


STARTS_OF_ALL = frozenset(path for paths in STARTS.values() for path in paths)
_PLAIN = str.maketrans({"{": None, "}": None, ":": "-"})


def _links(page: Page) -> list[str]:
    """Where this page leads, in its own order: addresses of this site, no download."""
    found = page.eval_on_selector_all(
        "a[href^='/']:not([download])", "all => all.map(one => one.getAttribute('href'))"
    )
    return [href for href in dict.fromkeys(found) if "format=" not in href and "#" not in href]


def _look(page: Page, url: str | None, stem: str) -> list[str]:
    """A picture of a page; what is wrong with it. Without an address, of the page that is open."""
    answer = page.goto(url) if url else None
    page.screenshot(path=str(OUT / f"{stem}.png"), full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    failures = [f"{stem} is wider than the screen"] if wide else []
    if answer is not None and answer.status >= 400:
        failures.append(f"{url} answered {answer.status}")
    return failures


def _keep_papers(page: Page, address: str) -> None:
    """The statement of a month and a subrogation receipt, as they are sent."""
    page.goto(f"{address}/portal/statements")
    hrefs = {"statement": page.get_attribute("a[href*='/pdf?']", "href")}
    page.goto(f"{address}/portal/remittances?state=assigned")
    first = page.get_attribute("main table tbody th a", "href")
    hrefs["receipt"] = f"{first}/receipt.pdf" if first else None
    for name, href in hrefs.items():
        if href:
            (OUT / f"{name}.pdf").write_bytes(page.request.get(address + href).body())


def _routes(url: URL, data_dir: Path) -> dict[str, re.Pattern[str]]:
    """Every page's route that answers GET, as a pattern of addresses."""
    settings = Settings(data_dir=data_dir, secret_file=data_dir / "tour-secret")
    built = app.build(make_engine(url), settings)
    routes = {
        route.path for route in built.routes
        if "GET" in getattr(route, "methods", ()) and not route.path.startswith(("/api", "/static"))
    }  # fmt: skip
    return {route: re.compile(_pattern(route)) for route in sorted(routes)}


def _pattern(route: str) -> str:
    parts = re.split(r"\{[a-z_]+:([a-z]+)\}", route)
    kinds = {"int": r"\d+"}
    return "".join(
        kinds.get(part, "[^/]+") if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    )


def _people(url: URL) -> dict[str, str]:
    """Who walks: the first person of each role."""
    with make_engine(url).connect() as connection:
        rows = connection.execute(
            text(
                "SELECT DISTINCT ON (role) role, email FROM person WHERE disabled_at IS NULL"
                " ORDER BY role, id"
            )
        )
        return {row[0]: row[1] for row in rows}


def speak(url: URL, email: str, language: str) -> None:
    with make_engine(url).begin() as connection:
        connection.execute(
            text("UPDATE person SET language = :language WHERE email = :email"),
            {"language": language, "email": email},
        )


@contextmanager
def book() -> Iterator[tuple[URL, Path]]:
    """A database with the demonstration, and a directory for the web server."""
    with tempfile.TemporaryDirectory(prefix="cessio-tour-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        named = os.environ.get("CESSIO_TOUR_URL")
        if named:
            yield make_url(named), folder
            return
        server = ensure_running(folder / "postgres")
        try:
            migrate.upgrade(server.url)
            compose()
            until = business_date(datetime.now(UTC))
            demo.fill(make_engine(server.url), until=until, scale=SCALE)
            yield make_url(server.url), folder
        finally:
            server.stop()


if __name__ == "__main__":
    asked = [part for part in sys.argv[1:] if part in PARTS]
    raise SystemExit(main(asked or list(PARTS)))
