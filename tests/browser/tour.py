"""``make tour``: every main page as a picture, wide and narrow, in French and in English.

A demonstration book is made in an embedded server of its own (or ``CESSIO_TOUR_URL`` names a
database that holds one), a real web server is started on it, and Chromium walks through the pages
of three people. Pictures go to ``tour/``; a page that answers an error ends the tour with 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from cessio import demo
from cessio.demo.cast import PASSWORD
from cessio.kernel.calendar import business_date
from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import ensure_running
from cessio.worker import compose
from tests.browser.conftest import FLAGS, program
from tests.serving import serve

OUT = Path(__file__).resolve().parents[2] / "tour"
SIZES = {"1440": (1440, 900), "390": (390, 844)}
PORTAL = [
    "/portal", "/portal/remittances", "/portal/remittances/new", "/portal/invoices",
    "/portal/debtors", "/portal/funding", "/portal/statements",
]  # fmt: skip
STAFF = [
    "/backoffice", "/backoffice/clients", "/backoffice/debtors", "/backoffice/contracts",
    "/backoffice/remittances", "/backoffice/receivables", "/backoffice/limits",
    "/backoffice/funding", "/backoffice/bank", "/backoffice/bank/matching",
    "/backoffice/settlement", "/backoffice/audit",
]  # fmt: skip
#: From a list, the first line's own page is looked at too.
OPENED = {
    "/portal/remittances", "/portal/invoices", "/backoffice/clients", "/backoffice/debtors",
    "/backoffice/contracts", "/backoffice/remittances", "/backoffice/receivables",
    "/backoffice/funding", "/backoffice/bank",
}  # fmt: skip


def main() -> int:
    """Walk, and say where the pictures are."""
    path = program()
    if path is None:
        print("NOT DONE: there is no Chromium on this machine", file=sys.stderr)
        return 1
    OUT.mkdir(exist_ok=True)
    failures: list[str] = []
    with _book() as (url, data_dir), serve(url, data_dir) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        people = _people(url)
        for size, (width, height) in SIZES.items():
            for language in ("fr", "en"):
                for name, email, pages in people:
                    failures += _walk(
                        browser, address, email, pages, f"{name}-{size}-{language}", width,
                        height, language,
                    )  # fmt: skip
        browser.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT.name}/")
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _people(url: URL) -> list[tuple[str, str, list[str]]]:
    """Who walks: an administrator of screens there is not, so one person of each audience."""
    with make_engine(url).connect() as connection:
        rows = connection.execute(
            text(
                "SELECT DISTINCT ON (role) role, email FROM person WHERE disabled_at IS NULL"
                " AND role IN ('signatory', 'account_manager', 'treasury', 'cash_clerk')"
                " ORDER BY role, id"
            )
        )
        found = {row[0]: row[1] for row in rows}
    desk = [page for page in STAFF if "bank" not in page and "funding" not in page]
    money = ["/backoffice/funding", "/backoffice/settlement"]
    cash = ["/backoffice/bank", "/backoffice/bank/matching"]
    walks = [("portal", "signatory", PORTAL), ("manager", "account_manager", desk),
             ("treasury", "treasury", money), ("cash", "cash_clerk", cash)]  # fmt: skip
    return [(name, found[role], pages) for name, role, pages in walks if role in found]


def _walk(
    browser: Browser, address: str, email: str, pages: list[str], name: str, width: int,
    height: int, language: str,
) -> list[str]:  # fmt: skip
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=language, timezone_id="Europe/Paris"
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    failures = []
    for path in pages:
        failures += _look(page, f"{address}{path}", f"{name}{path.replace('/', '_')}")
        if path in OPENED:
            link = page.locator("main table tbody th a").first
            if link.count():
                href = link.get_attribute("href") or ""
                stem = f"{name}{path.replace('/', '_')}_one"
                failures += _look(page, f"{address}{href}", stem)
    context.close()
    return failures


def _look(page: Page, url: str, stem: str) -> list[str]:
    answer = page.goto(url)
    page.screenshot(path=str(OUT / f"{stem}.png"), full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    failures = [f"{url} is wider than the screen"] if wide else []
    if answer is None or answer.status >= 400:
        failures.append(f"{url} answered {answer.status if answer else 'nothing'}")
    return failures


@contextmanager
def _book() -> Iterator[tuple[URL, Path]]:
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
            demo.fill(make_engine(server.url), until=until)
            yield make_url(server.url), folder
        finally:
            server.stop()


if __name__ == "__main__":
    raise SystemExit(main())
