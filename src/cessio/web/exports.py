"""Tables as files: exactly the lines that are shown, with typed cells, in the reader's language.

A CSV is data and nothing else: no total is ever a line of it, whoever reads it adds it up again.
An XLSX is read by people: what stands in the list's foot is its last line, in bold. Both are named
after the list and the day they were taken.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response

from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Invalid
from cessio.plumbing import formats, i18n
from cessio.plumbing.archive import zip_chunks
from cessio.plumbing.csv import DIALECTS, csv_chunks
from cessio.plumbing.i18n import gettext as _
from cessio.plumbing.tables import Column
from cessio.plumbing.xlsx import make_xlsx, refuse_too_many
from cessio.web import page as pages
from cessio.web import sending

__all__ = ["FORMATS", "Column", "export", "export_archive", "export_file", "file_response"]

FORMATS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: The kinds a file is given as; any other is bytes. None of them is a page or a picture of code.
SERVED = frozenset({
    "application/pdf", "application/xml", "application/json", "application/zip", "image/png",
    "image/jpeg", "text/csv", "text/plain", "application/octet-stream", "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet", XLSX,
})  # fmt: skip
#: Whoever shows a file all the same runs nothing of it and lets it reach nothing.
FILE_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"


def export(
    request: Request[Any, Any, Any],
    file_format: str,
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    at: datetime,
    title: str,
    totals: Sequence[Any] | None = None,
    count: int | None = None,
) -> Response[Any]:
    """Answer with a CSV or XLSX file called ``name`` and the day of ``at``, the edge's now.

    ``rows`` that are read as they are asked for leave as they are read: no file is too long for a
    CSV. What no sheet holds is refused, at once where ``count`` says how many there are.
    """
    pages.start(request)
    name = f"{name}-{business_date(at).isoformat()}"
    if file_format == "csv":
        body = sending.from_database(request, csv_chunks(columns, rows, DIALECTS[i18n.language()]))
        return _answer(body, f"{name}.csv", "text/csv; charset=utf-8")
    if file_format == "xlsx":
        if count is not None:
            refuse_too_many(count)
        file = sending.workbook_file()
        make_xlsx(file, columns, rows, title=title, at=at, about=_about(at), totals=totals)
        return _answer(sending.from_workbook(file), f"{name}.xlsx", XLSX)
    raise Invalid(
        "format_unknown", "{format} is not a format of this list", format=file_format[:20]
    )


def export_archive(
    request: Request[Any, Any, Any], name: str, files: Iterable[tuple[str, bytes]], *, on: date
) -> Response[Any]:
    """Answer with a ZIP of files that are read as they leave; ask for it with ``?format=zip``."""
    body = sending.from_database(request, zip_chunks(files, on=on))
    return _answer(body, f"{name}-{on.isoformat()}.zip", "application/zip")


def export_file(
    request: Request[Any, Any, Any], chunks: Generator[bytes], filename: str, media_type: str
) -> Response[Any]:
    """Answer with a file of a form of its own, read as it leaves."""
    return _answer(sending.from_database(request, chunks), filename, media_type)


def _about(at: datetime) -> dict[str, str]:
    page = pages.current()
    about = {
        _("Taken on"): formats.datetime(at),
        _("By"): page.viewer.name,
        _("Page"): page.path,
    }
    return about | {key: value for key, value in page.query if key != "format"}


def _answer(body: bytes | sending.Sending, filename: str, media_type: str) -> Response[Any]:
    if isinstance(body, bytes):
        return file_response(body, filename, media_type)
    return sending.SentFile(body, media_type=media_type, headers=_as_download(filename))


def file_response(body: bytes, filename: str, media_type: str) -> Response[bytes]:
    """Bytes as a download that no browser shows, guesses or runs."""
    kind = media_type.partition(";")[0].strip().lower()
    told = media_type if kind in SERVED else "application/octet-stream"
    return Response(body, media_type=told, headers=_as_download(filename))


def _as_download(filename: str) -> dict[str, str]:
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", filename)
    return {
        "Content-Disposition": (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
        ),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": FILE_POLICY,
    }
