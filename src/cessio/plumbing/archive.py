"""ZIP files made of other files while they leave: one of them in memory at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterable
from datetime import date
from typing import BinaryIO, cast


class _Outgoing:
    """Where the archive is written to: what was written since it was last taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zip_chunks(files: Iterable[tuple[str, bytes]], *, on: date) -> Generator[bytes]:
    """The archive, a piece for each file; the same files of the same day give the same bytes.

    Names are taken as they are: give names of our own making. What is larger than the classic
    limits (4 GB, 65,535 files) is written in the ZIP64 form that today's tools read.
    """
    out = _Outgoing()
    stamp = (on.year, on.month, on.day, 0, 0, 0)
    with zipfile.ZipFile(cast(BinaryIO, out), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
            yield out.taken()
    yield out.taken()
