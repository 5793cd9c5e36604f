"""Text as XML carries it, for the writers that are templates."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile('[&<>"\r]')
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


def escaped(text: str) -> str:
    """The text with its markup escaped; characters that no XML can carry become ``?``."""
    if text.isascii() and text.isalnum():
        return text
    text = _FORBIDDEN.sub("?", text)
    if _MARKUP.search(text):
        text = _MARKUP.sub(lambda found: _ESCAPES[found.group()], text)
    return text
