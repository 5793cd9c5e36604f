"""Lists as they are published, read into entries; a file with a fault is refused whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cessio.kernel.errors import Invalid
from cessio.screening.formats.eu import read_eu
from cessio.screening.formats.france import read_france
from cessio.screening.formats.plain import read_plain
from cessio.screening.formats.reading import ReadList
from cessio.screening.rules import ListSource

_READERS: dict[ListSource, Callable[[bytes], ReadList]] = {
    ListSource.EU: read_eu,
    ListSource.FRANCE: read_france,
    ListSource.OWN: read_plain,
}

#: The consolidated list of the Union is some 25 MB.
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DatedList:
    """The entries of a file and the date it bears."""

    read: ReadList
    dated_on: date


def read_list(data: bytes, *, source: ListSource, dated_on: date | None) -> DatedList:
    """Read a whole file; ``dated_on`` is asked for where the file bears no date itself.

    Raises ``Invalid`` with the line (or the place) of the first fault.
    """
    if len(data) > MAX_BYTES:
        raise Invalid("list_too_large", "the file is larger than {most} MB", field="file",
                      most=MAX_BYTES // 2**20)  # fmt: skip
    read = _READERS[source](data)
    if not read.entries:
        raise Invalid("list_empty", "the file lists nobody: is it the right one?", field="file")
    found = read.dated_on or dated_on
    if found is None:
        raise Invalid("list_undated", "this file bears no date: say of which day it is",
                      field="dated_on")  # fmt: skip
    return DatedList(read, found)


__all__ = ["MAX_BYTES", "DatedList", "ReadList", "read_list"]
