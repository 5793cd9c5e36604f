"""What axe-core finds on a page: the rules of WCAG 2.2 AA that a machine can judge."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe-core@4.14.1" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """only => axe.run({runOnly: only, resultTypes: ['violations']})
  .then(found => found.violations
  .filter(one => ['serious', 'critical'].includes(one.impact))
  .map(one => one.id + ': '
    + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')))"""
#: Colours are judged where they end, not on their way: a busy machine may still be fading them.
_PAINT = """async theme => {
  document.documentElement.dataset.theme = theme;
  await new Promise(requestAnimationFrame);
  document.getAnimations().forEach(one => one.cancel());
  await new Promise(requestAnimationFrame);
}"""


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def serious(page: Page) -> list[str]:
    """The serious and critical findings on the page that is open, each with where it stands."""
    return _found(page, {"type": "tag", "values": TAGS})


def contrast(page: Page, theme: str) -> list[str]:
    """What is hard to read on the page that is open, painted ``light`` or ``dark``.

    Only the colours differ between the themes, so only they are judged again.
    """
    page.evaluate(_PAINT, theme)
    return _found(page, {"type": "rule", "values": ["color-contrast"]})


def _found(page: Page, only: dict[str, object]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(_RUN, only)
    return found
