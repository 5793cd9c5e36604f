"""The pictures of ``infra/tour`` out of those ``make tour`` took: cut to one screen, as WebP.

``python -m tests.browser.showcase`` after ``make tour``.
"""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, program
from tests.browser.tour import OUT

SHOWN = Path(__file__).resolve().parents[2] / "infra" / "tour"
#: Of each picture: its source, and the width and height of the part shown.
PICTURES = {
    "office-today": ("backoffice-1440-en", 1440, 900),
    "office-availability": ("backoffice_contracts_contract_id-int-1440-en", 1440, 900),
    "office-remittance": ("backoffice_remittances_remittance_id-int-1440-en", 1440, 900),
    "office-debtor": ("backoffice_debtors_debtor_id-int-1440-en", 1440, 900),
    "office-limit": ("backoffice_limits_decide-1440-en", 1440, 900),
    "office-settlement": ("backoffice_settlement-1440-en", 1440, 900),
    "portal-today": ("portal-1440-en", 1440, 900),
    "portal-statement": ("portal_statements-1440-en", 1440, 900),
}
PHONES = (
    "portal-390-fr", "portal_invoices-390-fr", "portal_debtors_debtor_id-int-390-fr",
    "portal_remittances_new-390-fr",
)  # fmt: skip
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
    """Cut and pack every picture."""
    SHOWN.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program(), args=FLAGS)
        page = browser.new_page()
        for name, (source, width, height) in PICTURES.items():
            _keep(page, name, _image(source, f"inline-size:{width}px;block-size:{height}px"),
                  (width, height), 1200)  # fmt: skip
        phones = "".join(_image(one, "", "phone") for one in PHONES)
        _keep(page, "portal-phone", f"<div class='row'>{phones}</div>", (1816, 956), 1400)
        cover = _image(PICTURES["office-availability"][0],
                       "inline-size:1440px;block-size:900px", "screen")  # fmt: skip
        cover = f"<div class='cover'>{cover}{_image(PHONES[0], '', 'phone')}</div>"
        _keep(page, "cover", cover, (1720, 1040), 1600)
        browser.close()
    for path in sorted(SHOWN.glob("*.webp")):
        print(f"{path.name}: {path.stat().st_size // 1000} kB")
    return 0


def _image(stem: str, style: str, kind: str = "") -> str:
    data = base64.b64encode((OUT / f"{stem}.png").read_bytes()).decode()
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
