"""Codes that a camera reads: an address as a QR code, drawn without any other file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from cessio.plumbing.deferred import deferred

if TYPE_CHECKING:
    import segno
else:
    segno = deferred("segno")


def square_svg(text: str) -> str:
    """The QR code of a text as an SVG image, without a margin; a quarter of it may be soiled."""
    drawn = BytesIO()
    segno.make(text, error="q", micro=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()
