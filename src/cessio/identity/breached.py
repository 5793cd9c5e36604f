"""Passwords that others have lost: a sorted file of SHA-1, searched on disk by halving.

The form is that of the "Have I Been Pwned" download ordered by hash: on each line a hash in
hexadecimal, then a colon and a count. Lines may hold only the first digits of a hash.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import BinaryIO

from cessio.plumbing.settings import SettingError

_LINE = re.compile(rb"([0-9A-F]{16,40})(?::\d+)?\r?\n?", re.I)
_FIELD = "CESSIO_BREACHED_PASSWORDS"
_file: Path | None = None


def use(path: Path | None) -> None:
    """Refuse the passwords of this file from now on. Raises ``SettingError`` for another file."""
    global _file
    if path is not None:
        _check(path)
    _file = path


def is_listed(password: str) -> bool:
    """Whether the file has it; without a file none is."""
    if _file is None:
        return False
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with _file.open("rb") as stream:
        found = _last_not_after(stream, digest)
    return found is not None and digest.startswith(found)


def _last_not_after(stream: BinaryIO, digest: bytes) -> bytes | None:
    """The last hash of the file that does not come after this one."""
    low, high = 0, stream.seek(0, 2)
    found: bytes | None = None
    while low < high:
        middle = (low + high) // 2
        stream.seek(middle)
        if middle:
            stream.seek(middle - 1)
            stream.readline()
        start = stream.tell()
        read = _hash_of(stream.readline()) if start < high else None
        if read is None or read > digest:
            high = middle
        else:
            found, low = read, stream.tell()
    return found


def _hash_of(line: bytes) -> bytes | None:
    match = _LINE.fullmatch(line)
    return match[1].upper() if match else None


def _check(path: Path) -> None:
    """See that it can be read, and that its first lines are hashes in order."""
    try:
        with path.open("rb") as stream:
            read = [_hash_of(stream.readline(200)) for _ in range(2)]
    except OSError as error:
        raise SettingError(
            "breached_unreadable", "the file {path} cannot be read: {reason}", field=_FIELD,
            path=str(path), reason=error.strerror or str(error),
        ) from None  # fmt: skip
    first, second = read
    if first is None or (second is not None and second <= first):
        raise SettingError(
            "breached_unordered", "{path} holds no list of SHA-1 hashes in hexadecimal, in order",
            field=_FIELD, path=str(path),
        )  # fmt: skip
