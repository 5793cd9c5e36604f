"""Handing invoices over for legal recovery: reminders stop, and a file is made of all there is.

The file is one archive or more: the account with its penalties, the papers of the invoices, what
was written and said, and the deeds by which the invoices are ours. It is made once by a job and
kept as it was given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.audit import Fact
from cessio.collections.models import RecoveryFile, RecoveryLine
from cessio.collections.operations.recovery_account import (
    account_code,
    account_csv,
    account_pdf,
    verify_at,
)
from cessio.collections.operations.telling import tell_handed_over
from cessio.collections.queries import recovery as queries
from cessio.collections.queries.owed import Owed, owed
from cessio.collections.rules.recovery import MOST, RecoveryEnd, in_parts
from cessio.collections.words import happened
from cessio.documents.rules import safe_filename
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.parties import queries as parties
from cessio.plumbing.archive import zip_chunks
from cessio.plumbing.csv import write_csv
from cessio.plumbing.i18n import gettext, use_language
from cessio.plumbing.jobs import enqueue
from cessio.plumbing.tables import Column
from cessio.receivables.formats.receipt import receipt_pdf
from cessio.receivables.queries.receipts import receipt_view

RECOVERY = "collections.recovery_file"
#: Who recovers by law in France reads French.
FILE_LANGUAGE = "fr"


@dataclass(frozen=True, slots=True)
class _Piece:
    """One file of the archive: its name, what it is, and its bytes or where they are."""

    name: str
    what: str
    day: date
    size: int
    content: bytes | None = None
    document_id: int | None = None


def hand_over(
    session: Session, *, debtor_id: int, given_to: str, reference: str | None = None,
    note: str | None = None, receivable_ids: Collection[int] | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Hand open invoices of a debtor over to whoever recovers them; returns the file's id.

    Those that are late and not handed over yet unless chosen. Raises ``Invalid``, ``Conflict``
    for invoices handed over already.
    """
    on, whom = business_date(at), given_to.strip()
    if not whom:
        raise Invalid("recoverer_missing", "say who recovers", field="given_to")
    rows = owed(session, debtor_id=debtor_id, on=on, receivable_ids=receivable_ids)
    gone = queries.handed_over(session, [one.receivable_id for one in rows])
    # Of what is older than the judgment nobody is sued any more (C. com. art. L622-21).
    judged_on = parties.debtor_file(session, debtor_id).insolvent_on
    stopped = {one.receivable_id for one in rows if judged_on and one.issue_date < judged_on}
    if receivable_ids is None:
        rows = tuple(one for one in rows
                     if one.due_date < on and one.receivable_id not in gone | stopped)  # fmt: skip
    elif stopped:
        raise Conflict("proceedings_stopped", "{n} of these invoices are older than the judgment of"
                       " {on}: nobody may be sued for them, declare them as a claim instead",
                       n=len(stopped), on=judged_on)  # fmt: skip
    elif gone:
        raise Conflict("handed_over_before", "{n} of these invoices were handed over before",
                       n=len(gone))  # fmt: skip
    if not rows or (receivable_ids is not None and len(rows) < len(set(receivable_ids))):
        raise Invalid("nothing_to_hand_over", "choose open invoices of this debtor",
                      field="invoice")  # fmt: skip
    if len(rows) > MOST:
        raise Invalid("too_many_to_hand_over", "a file has at most {most} invoices",
                      field="invoice", most=MOST)  # fmt: skip
    row = RecoveryFile(
        debtor_id=debtor_id, given_to=whom, reference=(reference or "").strip() or None,
        note=(note or "").strip() or None, on=on, invoice_count=len(rows), handed_at=at,
        handed_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(
        RecoveryLine(
            file_id=row.id, receivable_id=one.receivable_id, currency=one.currency,
            open_minor=one.open_minor, penalty_minor=one.late.penalty_minor,
            indemnity_minor=one.late.indemnity_minor,
        )
        for one in rows
    )  # fmt: skip
    session.flush()
    _trace(session, "receivable.hand_over", row, rows, note, by, at)
    tell_handed_over(session, rows, debtor_id=debtor_id, file_id=row.id, at=at)
    enqueue(session, kind=RECOVERY, key=str(row.id), payload={"file_id": row.id}, by=by, at=at)
    return row.id


def build_file(session: Session, *, file_id: int, by: str, at: datetime) -> int:
    """Make the archives of a file, once; returns how many. Raises ``NotFound``.

    One archive is held at a time, and one paper while it is put in.
    """
    row = queries.file_for_update(session, file_id)
    if row is None:
        raise NotFound("recovery_file_unknown", "there is no such file")
    if row.built_at is not None:
        return 0
    ids = queries.line_ids(session, file_id)
    name = parties.debtor_file(session, row.debtor_id).company.name
    with use_language(FILE_LANGUAGE):
        others = _numbered([
            *_letters(session, row, ids), *_deeds(session, row, ids), *_papers(session, ids),
        ])  # fmt: skip
        pieces = [*_account(session, row, ids, others, at), *others]
        index = _index(row, pieces)
    parts = in_parts(pieces)
    for place, part in enumerate(parts, start=1):
        tail = f"-{place}" if len(parts) > 1 else ""
        body = b"".join(zip_chunks(_read(session, [index, *part]), on=row.on))
        documents.store(
            session, kind="recovery_file", subject_kind="recovery_file", subject_id=row.id,
            filename=f"contentieux-{safe_filename(name)}-{row.on.isoformat()}{tail}.zip",
            media_type="application/zip", content=body, by=by, at=at,
        )  # fmt: skip
    row.built_at = at
    session.flush()
    return len(parts)


def end_recovery(
    session: Session, *, file_id: int, reason: RecoveryEnd, why: str | None = None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Whoever recovers has the file no more: its open invoices are reminded of again.

    Raises ``NotFound``, ``Conflict`` the second time.
    """
    row = queries.file_for_update(session, file_id)
    if row is None:
        raise NotFound("recovery_file_unknown", "there is no such file")
    if row.ended_at is not None:
        raise Conflict("recovery_ended", "this file was ended before")
    row.ended_at, row.ended_by, row.end_reason = at, by, reason.value
    session.flush()
    rows = owed(session, debtor_id=row.debtor_id, on=business_date(at),
                receivable_ids=queries.line_ids(session, file_id))  # fmt: skip
    _trace(session, "receivable.recovery_ended", row, rows, why, by, at)


def _trace(
    session: Session, verb: str, row: RecoveryFile, rows: Sequence[Owed], why: str | None,
    by: str, at: datetime,
) -> None:  # fmt: skip
    told = {"given_to": row.given_to, "reason": row.end_reason}
    facts = [
        Fact(verb, "receivable", one.receivable_id, client_id=one.client_id, why=why,
             after={**told, "number": one.number, "amount_minor": one.open_minor})
        for one in rows
    ]  # fmt: skip
    facts.append(Fact(verb, "debtor", row.debtor_id, why=why,
                      after={**told, "invoices": row.invoice_count}))  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)


def _account(
    session: Session, row: RecoveryFile, ids: Sequence[int], others: Sequence[_Piece], at: datetime
) -> list[_Piece]:  # fmt: skip
    """What is owed with what lateness adds, the list of the other pieces, and what was said."""
    lines = queries.account_lines(session, row.id)
    row.verification_code = account_code(row, lines)
    table = account_csv(lines)
    paper = account_pdf(session, row, lines, [(one.name, one.what, one.day) for one in others],
                        code=row.verification_code, language=FILE_LANGUAGE, at=at)  # fmt: skip
    about = [
        Column(gettext("Date"), "date"), Column(gettext("What")), Column(gettext("Invoice")),
        Column(gettext("Amount"), "money"), Column(gettext("Currency")), Column(gettext("Words")),
        Column(gettext("Until"), "date"),
    ]  # fmt: skip
    kinds = {"promise": gettext("Promise to pay"), "call": gettext("Call"),
             "dispute": gettext("Dispute"), "reply": gettext("Debtor’s reply")}  # fmt: skip
    told = ((day, kinds[kind], number, minor, currency, happened(kind, codes, said), until)
            for day, kind, number, minor, currency, codes, said, until
            in queries.history(session, row.debtor_id, ids))  # fmt: skip
    what = gettext("Account with penalties and indemnities")
    return [
        _Piece("1-decompte.pdf", what, row.on, len(paper), paper),
        _Piece("1-decompte.csv", what, row.on, len(table), table),
        _table("2-echanges.csv", gettext("Promises, calls, disputes and replies"), row.on, about,
               told),
    ]  # fmt: skip


def _table(name: str, what: str, on: date, columns: Sequence[Column], rows: object) -> _Piece:
    content = write_csv(columns, rows, "french_excel")  # type: ignore[arg-type]
    return _Piece(name, what, on, len(content), content)


def _letters(session: Session, row: RecoveryFile, ids: Sequence[int]) -> Iterator[_Piece]:
    for (number, channel, to, address, subject, body, document_id, filename, _sha, size,
         day) in queries.said(session, row.debtor_id, ids):  # fmt: skip
        what = f"{subject} ({to})"
        if document_id is not None:
            yield _Piece(f"3-courriers/{day}-{safe_filename(filename)}", what, day, size,
                         document_id=document_id)  # fmt: skip
            continue
        text = f"{day}\n{to} <{address}>\n{subject}\n\n{body}\n".encode()
        yield _Piece(f"3-courriers/{day}-{channel}-{number}.txt", what, day, len(text), text)


def _deeds(session: Session, row: RecoveryFile, ids: Sequence[int]) -> Iterator[_Piece]:
    for remittance_id, number, _sha, day, numbers in queries.deeds(session, ids):
        facts = {"number": number, "invoices": ", ".join(numbers[:20])}
        name = f"4-quittances/{safe_filename(number)}"
        paper = receipt_pdf(session, remittance_id, verify_at=verify_at())[1]
        yield _Piece(
            f"{name}.pdf", gettext("Subrogation receipt {number} for {invoices}", **facts), day,
            len(paper), paper,
        )  # fmt: skip
        sealed = receipt_view(session, remittance_id).content
        yield _Piece(
            f"{name}.txt", gettext("Sealed text of receipt {number}", number=number), day,
            len(sealed), sealed,
        )  # fmt: skip


def _papers(session: Session, ids: Sequence[int]) -> Iterator[_Piece]:
    for one in queries.papers(session, ids):
        name = f"5-factures/{safe_filename(one.about)}-{safe_filename(one.filename)}"
        yield _Piece(name, gettext("Document of invoice {number}", number=one.about), one.day,
                     one.size, document_id=one.document_id)  # fmt: skip


def _numbered(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Names that are told apart by machines that know no capitals, and short enough for them."""
    taken: set[str] = set()
    found = []
    for place, one in enumerate(pieces, start=1):
        folder, _slash, last = one.name.rpartition("/")
        name = "/".join(part for part in (folder, last[-100:].lstrip(". ")) if part)
        if name.casefold() in taken:
            name = "/".join(part for part in (folder, f"{place:05d}-{last[-90:]}") if part)
        taken.add(name.casefold())
        found.append(_Piece(name, one.what, one.day, one.size, one.content, one.document_id))
    return found


def _index(row: RecoveryFile, pieces: Sequence[_Piece]) -> _Piece:
    columns = [Column(gettext("File")), Column(gettext("What")), Column(gettext("Date"), "date")]
    cells = [(one.name, one.what, one.day) for one in pieces]
    return _table("0-index.csv", gettext("Index"), row.on, columns, cells)


def _read(session: Session, pieces: Sequence[_Piece]) -> Iterator[tuple[str, bytes]]:
    for one in pieces:
        content = one.content
        if content is None:
            content = documents.read(session, one.document_id).content
        yield one.name, content
