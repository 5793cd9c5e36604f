"""The daily seals for who checks them: what each covers, its code, its file, and the verifier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Response, get

from cessio.closing import queries, verifier
from cessio.closing.jobs import VERIFY
from cessio.identity import Permission
from cessio.kernel.errors import NotFound
from cessio.plumbing import jobs
from cessio.plumbing.jobs import JobState
from cessio.web.backoffice.lists import asked_number, file_format, in_order
from cessio.web.exports import Column, export, export_archive, file_response
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db, Id, On

PATH = "/backoffice/settlement/seals"
SEE = staff(Permission.SEE_LEDGER)
SHOWN = 60
#: More seals than days in a working life.
ALL = 20_000


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_seals(request: AnyRequest, session: Db, at: At, on: On) -> Response[Any]:
    """Seals, latest first, with their codes; what the last verification found; all of them."""
    if wanted := file_format(request):
        every = queries.seals(session, limit=ALL)
        if wanted == "zip":
            files = ((f"{one.name}.txt", one.content.encode()) for one in every)
            return export_archive(request, "seals", files, on=on)
        columns = [Column(_("Number"), "number"), Column(_("Closed up to"), "date"),
                   Column(_("Lines sealed"), "number"), Column(_("Code")),
                   Column(_("Sealed"), "datetime")]  # fmt: skip
        cells = ((one.number, one.on, one.row_count, one.code, one.sealed_at) for one in every)
        return export(request, wanted, "seals", columns, cells, at=at, title=_("Daily seals"))
    rows = queries.seals(session, before=asked_number(request, "before"), limit=SHOWN + 1)
    last = queries.last_seal(session)
    proved = last_verification(session)
    return render(
        request, "backoffice/settlement/show_seals.html", last=last, proved=proved,
        rows=in_order(request, rows[:SHOWN], {
            "number": lambda one: one.number, "rows": lambda one: one.row_count,
            "code": lambda one: one.code, "sealed": lambda one: one.sealed_at,
        }),
        more=rows[SHOWN - 1].number if len(rows) > SHOWN else None,
        total=queries.seal_count(session), last_closed=queries.last_closed(session),
        key=last.public_key if last is not None else None, findings=_findings(proved),
    )  # fmt: skip


@get(f"{PATH}/{{number:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def take_seal(session: Db, number: Id) -> Response[Any]:
    """The file of one seal."""
    found = queries.seal(session, number)
    if found is None:
        raise NotFound("seal_unknown", "there is no such seal")
    return file_response(found.content.encode(), f"{found.name}.txt", "text/plain; charset=utf-8")


@get(f"{PATH}/verifier", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def take_verifier() -> Response[Any]:
    """The program that checks a book against its seals: one file, to be read before it is run."""
    source = Path(verifier.__file__).read_bytes()
    return file_response(source, "verifier.py", "text/x-python; charset=utf-8")


def last_verification(session: Db) -> jobs.JobView | None:
    """The last run of the proofs that looked at the seals too."""
    runs = jobs.recent_jobs(session, kind=VERIFY, limit=12)
    return next((one for one in runs if one.state == JobState.DONE and _proof(one)), None)


def _proof(run: jobs.JobView) -> dict[str, Any] | None:
    """What a verification said of the seals; it may be of before there were any."""
    return next((one for one in run.result["proofs"] if one["name"] == "daily seals"), None)


def _findings(run: jobs.JobView | None) -> list[dict[str, Any]]:
    proof = _proof(run) if run is not None else None
    return proof["findings"] if proof is not None else []


HANDLERS = [show_seals, take_seal, take_verifier]
