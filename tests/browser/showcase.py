"""The pictures of ``infra/tour``: ten screens of a demonstration book, as WebP, and the cover.

``python -m tests.browser.showcase`` makes a book of its own, or uses the one that
``CESSIO_TOUR_URL`` names.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy.engine import URL

from cessio.demo.cast import PASSWORD
from tests.browser.conftest import DESK, FLAGS, PHONE, program
from tests.browser.tour import book, speak
from tests.serving import serve

SHOWN = Path(__file__).resolve().parents[2] / "infra" / "tour"
ALICE, CHLOE, DENIS = "alice@cessio.example", "chloe@cessio.example", "denis@cessio.example"
INES, FANNY = "ines@cessio.example", "fanny@alpha.example"
#: Of each picture: who looks, from which page on; then keys pressed, or links clicked (CSS).
PICTURES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "office-today": (ALICE, "/backoffice", ()),
    "office-portfolio": (ALICE, "/backoffice/portfolio", ()),
    "office-client": (ALICE, "/backoffice/portfolio", ("tbody th a >> nth=0",)),
    "office-remittance": (ALICE, "/backoffice/remittances", ("o",)),
    "office-debtor": (CHLOE, "/backoffice/limits", ("tbody a[href*='/debtors/'] >> nth=0",)),
    "office-limit": (CHLOE, "/backoffice/limits", ("o", "a")),
    "office-matching": (DENIS, "/backoffice/bank/matching", ("tbody tr:nth-child(3) th a",)),
    "office-payments": (INES, "/backoffice/funding", ()),
    "portal-today": (FANNY, "/portal", ()),
}
#: On a phone, in French.
PHONES = (("/portal", ()), ("/portal/invoices", ()),
          ("/portal/debtors", ("main tbody th a >> nth=0",)), ("/portal/funding", ()))  # fmt: skip
COVER = "office-client"
_WEBP = """([width, quality]) => {
  const image = document.images[0], canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = Math.round(image.naturalHeight * width / image.naturalWidth);
  const pen = canvas.getContext('2d');
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/webp', quality).split(',')[1];
}"""
_STYLE = """<style>* { box-sizing: border-box } body { margin: 0; background: #e9ede9 }
  img { display: block; object-fit: cover; object-position: top; background: #fff }
  .row { display: flex; gap: 48px; padding: 56px; justify-content: center }
  .screen { border-radius: 14px; box-shadow: 0 2px 6px #16211d22, 0 24px 60px #16211d33 }
  .phone { inline-size: 390px; block-size: 823px; border-radius: 40px; border: 9px solid #16211d;
    box-shadow: 0 24px 60px #16211d44 }
  .cover { position: relative; inline-size: 1720px; block-size: 1040px }
  .cover .screen { position: absolute; inset: 64px auto auto 64px }
  .cover .phone { position: absolute; inset: auto 64px 48px auto }</style>"""


def main() -> int:
    """Take, cut and pack every picture."""
    SHOWN.mkdir(parents=True, exist_ok=True)
    with book() as (url, folder), serve(url, folder) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program(), args=FLAGS)
        shots = {name: _taken(browser, url, address, *what) for name, what in PICTURES.items()}
        with _signed_in(browser, url, address, FANNY, "fr", PHONE) as page:
            phones = [_shot(page, address, path, steps) for path, steps in PHONES]
        page = browser.new_page()
        for name, shot in shots.items():
            _keep(page, name, _image(shot, f"inline-size:{DESK[0]}px;block-size:{DESK[1]}px"),
                  DESK, 1200)  # fmt: skip
        row = "".join(_image(one, "", "phone") for one in phones)
        _keep(page, "portal-phone", f"<div class='row'>{row}</div>", (1816, 956), 1400)
        cover = _image(shots[COVER], f"inline-size:{DESK[0]}px;block-size:{DESK[1]}px", "screen")
        cover = f"<div class='cover'>{cover}{_image(phones[0], '', 'phone')}</div>"
        _keep(page, "cover", cover, (1720, 1040), 1600)
        browser.close()
    for path in sorted(SHOWN.glob("*.webp")):
        print(f"{path.name}: {path.stat().st_size // 1000} kB")
    return 0


def _taken(
    browser: Browser, url: URL, address: str, who: str, path: str, steps: tuple[str, ...]
) -> bytes:
    """One screen at a desk, in English."""
    with _signed_in(browser, url, address, who, "en", DESK) as page:
        return _shot(page, address, path, steps)


@contextmanager
def _signed_in(
    browser: Browser, url: URL, address: str, who: str, language: str, size: tuple[int, int]
) -> Iterator[Page]:
    speak(url, who, language)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=f"{language}-GB",
        timezone_id="Europe/Paris", reduced_motion="reduce",
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/sign-in")
    page.fill("input[name=email]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url(lambda at: "/sign-in" not in at)
    yield page
    context.close()


def _shot(page: Page, address: str, path: str, steps: tuple[str, ...]) -> bytes:
    page.goto(address + path)
    for step in steps:
        with page.expect_navigation():
            if len(step) == 1:
                page.keyboard.press(step)
            else:
                page.click(step)
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")
    return page.screenshot()


def _image(shot: bytes, style: str, kind: str = "") -> str:
    data = base64.b64encode(shot).decode()
    return f"<img class='{kind}' style='{style}' src='data:image/png;base64,{data}'>"


def _keep(page: Page, name: str, body: str, size: tuple[int, int], width: int) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.set_content(_STYLE + body)
    page.wait_for_function("[...document.images].every(one => one.complete)")
    shot = base64.b64encode(page.screenshot()).decode()
    page.set_content(f"<img src='data:image/png;base64,{shot}'>")
    page.wait_for_function("document.images[0].complete && document.images[0].naturalWidth > 0")
    packed: str = page.evaluate(_WEBP, [width, 0.82])
    (SHOWN / f"{name}.webp").write_bytes(base64.b64decode(packed))


if __name__ == "__main__":
    raise SystemExit(main())
