"""Statements that are made by themselves after a day's close, and those asked for, kept as files.

A period is planned once and made in one transaction: its files, what its client is told and what
goes to its folder are all there or none is, and the unique key keeps a second run from a second
file. What is kept is never made again: its bytes are what was told that night.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, delivery, documents
from cessio.contracts import queries as contracts
from cessio.delivery.rules import named
from cessio.identity import Permission
from cessio.identity.queries import users_who_may
from cessio.kernel.calendar import Period, business_date
from cessio.kernel.errors import Conflict, Invalid
from cessio.notifications import notify
from cessio.plumbing.i18n import LANGUAGES
from cessio.plumbing.jobs import enqueue
from cessio.plumbing.mail import base_url
from cessio.plumbing.pdf import verification_code
from cessio.sharing.queries import read_by_guests
from cessio.sharing.rules import Part
from cessio.statements import queries
from cessio.statements.formats import StatementFormat
from cessio.statements.formats.files import MEDIA_TYPES
from cessio.statements.models import KeptStatement, StatementOrder
from cessio.statements.operations.issuing import issue_all
from cessio.statements.queries import kept as kept_queries
from cessio.statements.rules import Statement
from cessio.statements.rules.rhythm import Rhythm, Wanted

KIND = "statement"
PERIOD = "statements.period"


def set_order(session: Session, *, contract_id: int, wanted: Wanted, by: str, at: datetime) -> None:
    """Say how often a contract's statements are made from the period under way on, and as what.

    Raises ``ContractUnknown``, ``Invalid``, ``Conflict`` when it is so already.
    """
    contract = contracts.contract(session, contract_id)
    formats = tuple(one.value for one in StatementFormat if one.value in wanted.formats)
    wanted = Wanted(wanted.rhythm, formats, wanted.language)
    if wanted.rhythm is not Rhythm.NONE and not formats:
        raise Invalid("statement_formats", "choose one format at least", field="format")
    if StatementFormat.FEC in formats and contract.currency != "EUR":
        raise Invalid("statement_fec_euros", "a journal (FEC) is kept in euros: this contract has"
                      " another currency", field="format")  # fmt: skip
    if wanted.language not in LANGUAGES:
        raise Invalid("language_unknown", "this language is not known", field="language")
    before = kept_queries.order_of(session, contract_id)
    if before.wanted == wanted:
        raise Conflict("statement_order_unchanged", "this is so already: nothing changes")
    session.add(
        StatementOrder(
            contract_id=contract_id, rhythm=wanted.rhythm.value, formats=list(formats),
            language=wanted.language, effective_from=business_date(at), set_at=at, set_by=by,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, verb="set_statements", subject_kind="contract", subject_id=contract_id,
        before=_told(before.wanted), after=_told(wanted), by=by, at=at,
        client_id=contract.client_id,
    )  # fmt: skip


def plan_day(session: Session, *, on: date, by: str, at: datetime) -> int:
    """Ask for what ended by a closed day and is not kept yet; returns how many periods."""
    due = kept_queries.due_periods(session, until=on)
    for one in due:
        days = (one.period.start.isoformat(), one.period.end.isoformat())
        enqueue(
            session, kind=PERIOD, key=f"{one.contract_id}/{days[0]}/{days[1]}",
            payload={"contract_id": one.contract_id, "from_on": one.period.start,
                     "to_on": one.period.end, "rhythm": one.rhythm.value},
            by=by, at=at,
        )  # fmt: skip
    return len(due)


def make_period(
    session: Session, *, contract_id: int, period: Period, rhythm: Rhythm, by: str, at: datetime
) -> int:
    """Make a period's statement in every format the contract has it in; returns how many files.

    What is kept already stays as it is: run twice, nothing changes.
    """
    kept_queries.lock_statements(session, contract_id)
    wanted = kept_queries.order_of(session, contract_id).wanted
    kept = kept_queries.kept_formats(session, contract_id=contract_id, period=period)
    formats = [one for one in StatementFormat if one.value in wanted.formats and one not in kept]
    if not formats:
        return 0
    statement = queries.contract_statement(
        session, contract_id=contract_id, from_on=period.start, to_on=period.end
    )
    _keep_all(session, statement, formats, rhythm.value, wanted.language, by=by, at=at)
    _tell(session, statement, at=at)
    return len(formats)


def ask_statement(
    session: Session, *, contract_id: int, from_on: date, to_on: date,
    file_format: StatementFormat, language: str, by: str, at: datetime,
) -> int:  # fmt: skip
    """Make any period's statement and keep it; the same figures are kept once. Returns its id.

    Raises ``NotFound``, ``PeriodError``.
    """
    kept_queries.lock_statements(session, contract_id)
    statement = queries.contract_statement(
        session, contract_id=contract_id, from_on=from_on, to_on=to_on
    )
    known = kept_queries.kept_as(
        session, contract_id=contract_id, period=Period(from_on, to_on), file_format=file_format,
        code=verification_code(statement.sha256),
    )  # fmt: skip
    if known is not None:
        return known
    [made] = _keep_all(session, statement, [file_format], "asked", language, by=by, at=at)
    return made


def _keep_all(
    session: Session, statement: Statement, formats: Sequence[StatementFormat], rhythm: str,
    language: str, *, by: str, at: datetime,
) -> list[int]:  # fmt: skip
    """The files of a statement, kept; by themselves they also go to the client's folder."""
    verify_at = base_url().partition("://")[2] + "/verify"
    made = issue_all(
        session, statement, formats, language=language, by=by, at=at, verify_at=verify_at
    )
    kept = []
    for one, file in zip(formats, made, strict=True):
        document_id = documents.store(
            session, kind=KIND, subject_kind="contract", subject_id=statement.contract_id,
            client_id=statement.client_id, filename=file.filename, media_type=file.media_type,
            content=file.content, by=by, at=at,
        ).id  # fmt: skip
        row = KeptStatement(
            contract_id=statement.contract_id, from_on=statement.from_on, to_on=statement.to_on,
            format=one.value, rhythm=rhythm, verification_code=file.code,
            document_id=document_id, made_at=at, made_by=by,
        )  # fmt: skip
        session.add(row)
        session.flush()
        kept.append(row.id)
        if rhythm != "asked":
            delivery.deliver_to_client(
                session, client_id=statement.client_id, document_id=document_id,
                filename=_delivered_as(statement, one), by=by, at=at,
            )  # fmt: skip
    return kept


def _delivered_as(statement: Statement, file_format: StatementFormat) -> str:
    """A name that no other contract, period or format has."""
    reference = named(statement.reference)
    if reference != statement.reference:
        reference = f"{reference}-{statement.contract_id}"
    days = f"{statement.from_on:%Y%m%d}_{statement.to_on:%Y%m%d}"
    return f"{reference}_{days}.{MEDIA_TYPES[file_format][1]}"


def _tell(session: Session, statement: Statement, *, at: datetime) -> None:
    """Whoever reads the client's statements hears that one is ready, once a period: guests too."""
    days = f"from={statement.from_on.isoformat()}&to={statement.to_on.isoformat()}"
    notify(
        session, kind="statement_ready",
        person_ids=users_who_may(
            session, client_id=statement.client_id, permission=Permission.OWN_SEE
        ),
        values={"contract": statement.reference, "until_on": statement.to_on},
        href=f"/portal/statements?contract={statement.contract_id}&{days}", at=at,
        key=f"statement/{statement.contract_id}/{statement.to_on.isoformat()}",
    )  # fmt: skip
    shares = read_by_guests(
        session, client_id=statement.client_id, contract_id=statement.contract_id,
        part=Part.STATEMENTS, on=business_date(at),
    )  # fmt: skip
    for share in shares:
        notify(
            session, kind="shared_statement", person_ids=[share.person_id],
            values={"client": share.client_name, "contract": statement.reference,
                    "until_on": statement.to_on},
            href=f"/guest/{share.id}/statements?contract={statement.contract_id}&{days}", at=at,
            key=f"shared/{share.id}/{statement.contract_id}/{statement.to_on.isoformat()}",
        )  # fmt: skip


def _told(wanted: Wanted) -> dict[str, object]:
    return {
        "rhythm": wanted.rhythm.value, "formats": ", ".join(wanted.formats),
        "language": wanted.language,
    }  # fmt: skip
