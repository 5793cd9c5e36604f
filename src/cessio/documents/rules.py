"""What may be stored, and under which name it is given back."""

from __future__ import annotations

import re
import unicodedata

from cessio.kernel.errors import Conflict, Invalid


class TooManyFiles(Conflict):
    """More files than anybody's work is, from one hand."""


#: The largest file kept in the database.
BYTES_MAX = 64 * 1024 * 1024
#: What one client, one of the staff or one debtor may leave here in a day: many times what
#: anybody's work is.
FILES_A_DAY, BYTES_A_DAY = 5_000, 2 * 1024**3
#: The largest paper that a client or a debtor sends with what it says.
PAPER_BYTES = 8_000_000
#: What a paper begins with → its media type. Nothing else is taken from outside the house.
_PAPERS = {
    b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg",
}  # fmt: skip
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*(?:; ?charset=[a-zA-Z0-9-]+)?")
_LENGTH_MAX = 180


def safe_filename(name: str) -> str:
    """A name that means nothing to a file system or a header: no path, no control character.

    Long names keep their end, where the extension is; a name of nothing is ``document``.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(
        each if each.isprintable() and each not in '<>:"|?*;' else "_" for each in last
    ).strip(". ")
    return kept[-_LENGTH_MAX:] or "document"


def paper_type(content: bytes) -> str:
    """The media type of a paper by its first bytes. Raises ``Invalid`` for any other file."""
    for beginning, media_type in _PAPERS.items():
        if content.startswith(beginning):
            return media_type
    raise Invalid("paper_kind", "send a PDF, a JPEG or a PNG", field="paper")


def problems(media_type: str, content: bytes) -> list[Invalid]:
    """Every reason not to store these bytes under this media type."""
    found = []
    if not _MEDIA_TYPE.fullmatch(media_type):
        found.append(
            Invalid("media_type_unreadable", "{value} is not a media type", field="media_type",
                    value=media_type[:60])
        )  # fmt: skip
    if len(content) > BYTES_MAX:
        found.append(
            Invalid("file_too_large", "A file has at most {most} bytes", field="content",
                    most=BYTES_MAX)
        )  # fmt: skip
    return found


def is_counted(by: str) -> bool:
    """Whether files of an actor count: the machine's own work is bounded by what asks for it."""
    return by.partition(":")[0] in {"person", "token", "share", "debtor"}


def quota_problem(files: int, size: int, more: int) -> TooManyFiles | None:
    """Why ``more`` bytes are not taken from who left so many files and bytes here in a day."""
    if files < FILES_A_DAY and size + more <= BYTES_A_DAY:
        return None
    return TooManyFiles(
        "files_too_many", "{files} files were left here since yesterday, by you and your keys or "
        "colleagues: {most} files or {gigabytes} GB a day are taken. Go on tomorrow",
        files=files, most=FILES_A_DAY, gigabytes=BYTES_A_DAY // 1024**3,
    )  # fmt: skip
