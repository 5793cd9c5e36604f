"""Files people take for a statement: known by how they begin, and called by their name.

A bank that sends one of them makes the camt.053 of the same movements on demand.
"""

from __future__ import annotations

import re

_FOUND = (
    ("MT940", re.compile(rb"(?:.*\n)*?.{0,3}:(?:20|25|28C?|60F|61|62F|86|NS|940):")),
    ("CFONB 120", re.compile(rb"0[1457]\d{5}")),
    ("OFX", re.compile(rb"(\s*OFXHEADER:|(\s*<[?!][^>]*>)*\s*<OFX>)")),
    ("PDF", re.compile(rb"%PDF-")),
    ("Excel", re.compile(rb"PK\x03\x04|\xd0\xcf\x11\xe0")),
    ("pain.002", re.compile(rb"(\s*<[?!][^>]*>)*\s*<[^>]*pain\.002\.")),
    ("CSV", re.compile(rb"[^<\n]*[,;\t][^<\n]*[,;\t][^<\n]*\r?\n")),
)
_HEAD = 2_000


def name_of(data: bytes) -> str | None:
    """The format the file is in when it is one of these, by its first bytes."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    return next((name for name, begins in _FOUND if begins.match(head)), None)
