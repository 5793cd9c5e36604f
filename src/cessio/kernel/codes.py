"""Codes that people read off paper and type: groups of four, in letters nobody takes for digits."""

from __future__ import annotations

import re
import secrets

#: Crockford's 32 characters: five bits each.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TAKEN_FOR = str.maketrans("OIL", "011")


def new_code(groups: int) -> str:
    """Twenty random bits a group: ``7F3K-92QD-XM4T-0B6R``."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(groups))


def read_code(typed: str, groups: int) -> str | None:
    """The code in its own spelling, however it was typed: spaces, small letters, no hyphens."""
    plain = re.sub(r"[^0-9A-Z]", "", typed[:200].upper()).translate(_TAKEN_FOR)
    if len(plain) != 4 * groups or not set(plain) <= set(_ALPHABET):
        return None
    return "-".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def code_of(digest: bytes, groups: int) -> str:
    """A digest's first bits in the same spelling: what is printed of it, and compared by eye."""
    value = int.from_bytes(digest, "big") >> (8 * len(digest) - 20 * groups)
    letters = "".join(_ALPHABET[value >> 5 * place & 31] for place in range(4 * groups))[::-1]
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))
