"""Archives: whole, the same each time, and never more than one file in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date

from cessio.plumbing.archive import zip_chunks

ON = date(2026, 11, 23)
FILES = {"L-1.pdf": b"%PDF-1", "relevé.csv": b"a;b\r\n" * 500, "empty": b""}


def test_an_archive_holds_its_files_under_the_day_and_is_always_the_same() -> None:
    made = b"".join(zip_chunks(FILES.items(), on=ON))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert {one.date_time[:3] for one in archive.infolist()} == {(2026, 11, 23)}
    assert made == b"".join(zip_chunks(FILES.items(), on=ON))


def test_a_file_is_read_when_the_one_before_it_has_left() -> None:
    read: list[int] = []

    def papers() -> Iterator[tuple[str, bytes]]:
        for number in range(3):
            read.append(number)
            yield f"{number}.bin", bytes([number]) * 10_000

    pieces = zip_chunks(papers(), on=ON)
    assert next(pieces).startswith(b"PK")
    assert read == [0]
    assert len(b"".join(pieces)) < 1_000  # the rest: two files that shrink, and the list
    assert read == [0, 1, 2]
