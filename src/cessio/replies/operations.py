"""What the holder of a letter does by its code, and what we make of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.correspondence import queries as correspondence
from cessio.identity.operations import network_of
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Conflict, Invalid, Problems
from cessio.notifications import notify
from cessio.parties import queries as parties
from cessio.receivables import queries as receivables
from cessio.receivables.operations import open_dispute
from cessio.receivables.rules import DisputeReason
from cessio.replies import queries, rules
from cessio.replies.models import DebtorReply, DebtorReplyInvoice, LetterAccess
from cessio.replies.queries import Opening
from cessio.replies.rules import Act, Means, ReplyKind, ReplyState

_DAY = timedelta(days=1)


class TooOften(CessioError):
    """The code was used more often today than a clerk would."""


class ReplyDecided(Conflict):
    """Somebody decided on the reply before."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who speaks for the debtor, as they say it, and where from."""

    name: str
    contact: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that comes with a reply; its name as its sender wrote it."""

    name: str
    content: bytes


def note_look(session: Session, opening: Opening, *, address: str, at: datetime) -> None:
    """Write down that a page of the code was opened. Raises ``TooOften``."""
    _note(session, opening, Act.LOOK, address, None, at)


def say_paid(
    session: Session, opening: Opening, *, receivable_ids: list[int], paid_on: date,
    amount_minor: int, means: Means, reference: str | None, paid_to: str | None,
    comment: str | None, author: Author, at: datetime,
) -> int:  # fmt: skip
    """The debtor says that it paid; returns the reply. The same said again is the same reply.

    Nothing is booked: whoever matches cash looks for it. Raises ``Problems``, ``TooOften``.
    """
    open_now = queries.invoices(session, opening, receivable_ids)
    faults = rules.chosen_problems(receivable_ids, open_now)
    faults += rules.paid_problems(paid_on, amount_minor, on=business_date(at))
    if faults:
        raise Problems(faults)
    row = _reply(opening, ReplyKind.PAID, author, amount_minor, comment, at)
    row.paid_on, row.means, row.reference, row.paid_to = paid_on, means.value, reference, paid_to
    row.digest = rules.digest_of(ReplyKind.PAID, receivable_ids, paid_on, amount_minor, reference)
    return _keep(session, opening, row, open_now, author, at)


def say_disputed(
    session: Session, opening: Opening, *, receivable_id: int, reason: DisputeReason,
    amount_minor: int | None, comment: str, paper: Paper | None, author: Author, at: datetime,
) -> int:  # fmt: skip
    """The debtor contests an invoice, all that is open of it or a part; returns the reply.

    It waits for one of us: whoever found a letter must not stop a client's funding. Its paper is
    kept beside the invoice, for us alone. Raises ``Problems``, ``Invalid``, ``TooOften``.
    """
    open_now = queries.invoices(session, opening, [receivable_id])
    if faults := rules.chosen_problems([receivable_id], open_now):
        raise Problems(faults)
    amount = open_now[receivable_id] if amount_minor is None else amount_minor
    if not 0 < amount <= open_now[receivable_id]:
        raise Invalid("dispute_amount", "a dispute is over part of the {open_minor} that is open",
                      field="amount_minor", open_minor=open_now[receivable_id],
                      currency=opening.currency)  # fmt: skip
    media_type = documents.paper_type(paper.content) if paper is not None else None
    row = _reply(opening, ReplyKind.DISPUTED, author, amount, comment, at)
    row.reason = reason.value
    row.digest = rules.digest_of(ReplyKind.DISPUTED, [receivable_id], reason.value, amount, comment)
    known = queries.open_twin(session, opening.id, row.digest)
    reply_id = _keep(session, opening, row, open_now, author, at)
    if paper is not None and media_type is not None and known is None:
        documents.store(
            session, kind="debtor_letter", subject_kind="receivable", subject_id=receivable_id,
            filename=paper.name, media_type=media_type, content=paper.content,
            by=_by(opening), at=at,
        )  # fmt: skip
    return reply_id


def ask_account(
    session: Session, opening: Opening, *, iban: str, address: str, at: datetime
) -> bool:
    """Whether letters told this debtor to pay to this account. Raises ``TooOften``.

    Only the accounts of its own letters are confirmed: nobody learns of another by asking.
    """
    correspondence.locked_code(session, opening.id)
    is_genuine = iban in queries.accounts_named(session, opening)
    act = Act.GENUINE if is_genuine else Act.FOREIGN
    _note(session, opening, act, address, iban, at, like=(Act.GENUINE, Act.FOREIGN))
    return is_genuine


def accept_reply(
    session: Session, *, reply_id: int, answer: str | None, by: str, at: datetime
) -> tuple[int, ...]:
    """It is as the debtor says; returns the disputes that this opened, of a contested invoice.

    An invoice that was paid or disputed meanwhile is left as it is. ``answer`` is what the debtor
    reads. Raises ``ReplyDecided``.
    """
    row = _decided(session, reply_id, ReplyState.ACCEPTED, answer, by, at)
    opened = []
    if row.kind == ReplyKind.DISPUTED:
        for one in queries.reply(session, reply_id).invoices:
            dispute_id = _dispute(session, row, one.receivable_id, by, at)
            if dispute_id is not None:
                opened.append(dispute_id)
    _record(session, "reply.accept", row, {"disputes": opened}, answer, by, at)
    return tuple(opened)


def refuse_reply(session: Session, *, reply_id: int, answer: str, by: str, at: datetime) -> None:
    """It is not as the debtor says, and the debtor reads why. Raises ``ReplyDecided``."""
    if not answer.strip():
        raise Invalid("answer_missing", "say why: the debtor reads it", field="answer")
    row = _decided(session, reply_id, ReplyState.REFUSED, answer.strip(), by, at)
    _record(session, "reply.refuse", row, {}, answer, by, at)


def _reply(
    opening: Opening, kind: ReplyKind, author: Author, amount_minor: int, comment: str | None,
    at: datetime,
) -> DebtorReply:  # fmt: skip
    return DebtorReply(
        code_id=opening.id, contract_id=opening.contract_id, client_id=opening.client_id,
        debtor_id=opening.debtor_id, kind=kind.value, state=ReplyState.OPEN.value,
        name=author.name, contact=author.contact, amount_minor=amount_minor, comment=comment,
        said_at=at,
    )  # fmt: skip


def _keep(
    session: Session, opening: Opening, row: DebtorReply, open_now: dict[int, int],
    author: Author, at: datetime,
) -> int:  # fmt: skip
    """Keep what was said once, tell who looks after the client, and write it in the trail."""
    correspondence.locked_code(session, opening.id)
    known = queries.open_twin(session, opening.id, row.digest)
    if known is not None:
        return known
    _note(session, opening, Act(row.kind), author.address, None, at)
    session.add(row)
    session.flush()
    session.add_all(
        DebtorReplyInvoice(reply_id=row.id, receivable_id=number, open_minor=minor)
        for number, minor in open_now.items()
    )
    session.flush()
    people = (*parties.in_charge(session, opening.client_id, on=business_date(at)),
              parties.collector_id(session, opening.client_id))  # fmt: skip
    notify(
        session, person_ids=people, kind=f"debtor_says_{row.kind}", key=f"reply:{row.id}", at=at,
        href=f"/backoffice/replies/{row.id}",
        values={"debtor": opening.debtor_name, "client": opening.client_name,
                "amount_minor": row.amount_minor, "currency": opening.currency},
    )  # fmt: skip
    told = {"kind": row.kind, "receivable_ids": sorted(open_now), "amount_minor": row.amount_minor,
            "letter": opening.letter, "name": author.name}  # fmt: skip
    _record(session, "reply.say", row, told, row.comment, _by(opening), at)
    return row.id


def _note(
    session: Session, opening: Opening, act: Act, address: str, detail: str | None, at: datetime,
    like: tuple[Act, ...] = (),
) -> None:  # fmt: skip
    done = queries.done_since(session, opening.id, at - _DAY)
    if sum(done.get(one, 0) for one in like or (act,)) >= rules.MOST_A_DAY[act]:
        raise TooOften("reply_too_often", "this code was used too often today: come back tomorrow,"
                       " or call us")  # fmt: skip
    session.add(LetterAccess(code_id=opening.id, at=at, act=act.value,
                             network=network_of(address), detail=detail))  # fmt: skip
    session.flush()


def _decided(
    session: Session, reply_id: int, state: ReplyState, answer: str | None, by: str, at: datetime
) -> DebtorReply:
    row = queries.locked_reply(session, reply_id)
    if row.state != ReplyState.OPEN:
        raise ReplyDecided("reply_decided", "somebody decided on this reply before")
    row.state, row.answer, row.decided_at, row.decided_by = state.value, answer or None, at, by
    session.flush()
    return row


def _dispute(
    session: Session, row: DebtorReply, receivable_id: int, by: str, at: datetime
) -> int | None:
    """Open the dispute a reply asks for, over no more than is still open."""
    view = receivables.receivable(session, receivable_id)
    if view.row.open_minor <= 0 or any(one.ended_at is None for one in view.disputes):
        return None
    dispute_id = open_dispute(
        session, receivable_id=receivable_id,
        reason=DisputeReason(row.reason or DisputeReason.OTHER),
        amount_minor=min(row.amount_minor, view.row.open_minor), comment=row.comment, by=by,
        at=at,
    )  # fmt: skip
    session.execute(
        update(DebtorReplyInvoice)
        .where(DebtorReplyInvoice.reply_id == row.id,
               DebtorReplyInvoice.receivable_id == receivable_id)
        .values(dispute_id=dispute_id)
    )  # fmt: skip
    return dispute_id


def _by(opening: Opening) -> str:
    return f"debtor:{opening.debtor_id}"


def _record(
    session: Session, verb: str, row: DebtorReply, after: dict[str, object], why: str | None,
    by: str, at: datetime,
) -> None:  # fmt: skip
    audit.record(
        session, verb=verb, subject_kind="debtor_reply", subject_id=row.id,
        after={"debtor_id": row.debtor_id, **after}, why=why, by=by, at=at,
        client_id=row.client_id,
    )  # fmt: skip
