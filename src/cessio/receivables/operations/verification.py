"""Verifying invoices before they are funded: requiring it, asking the debtor, taking the answer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Fact
from cessio.contracts.rules import IneligibleReason
from cessio.correspondence import Recipient, TemplateKind, Text, Variable, register, send
from cessio.kernel.errors import Conflict, Invalid
from cessio.kernel.money import Money
from cessio.plumbing.i18n import lazy
from cessio.receivables.bulk import verification as bulk
from cessio.receivables.models import Hold, Receivable, Verification
from cessio.receivables.operations.disputes import open_dispute
from cessio.receivables.queries import locks
from cessio.receivables.queries import verification as reads
from cessio.receivables.rules import DisputeReason
from cessio.receivables.rules.verification import (
    ENDS,
    OPEN,
    WITHHOLDING,
    Answer,
    VerificationMethod,
    VerificationReason,
    VerificationState,
)

#: Letters and digits that nobody takes for another.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

INVOICE_VERIFICATION = register(
    TemplateKind(
        "invoice_verification",
        lazy("Invoice to confirm, to a debtor"),
        (
            Variable("client", lazy("The client that sold the invoice"), "Alpha Métallerie SAS"),
            Variable("debtor", lazy("The debtor"), "Distribution Durand SA"),
            Variable("number", lazy("Number of the invoice"), "F-2026-0042"),
            Variable("issued_on", lazy("Date of the invoice"), date(2026, 11, 2)),
            Variable("amount", lazy("Amount of the invoice"), Money(12_000_00, "EUR")),
            Variable("code", lazy("Code of the answer page"), "7F3K-92QD-XM4T"),
            Variable("link", lazy("Address of the answer page"),
                     "https://cessio.example/confirm/7F3K-92QD-XM4T"),
        ),
        Text(
            "Merci de confirmer la facture {number} de {client}",
            "Madame, Monsieur,\n\n"
            "Votre fournisseur {client} nous a cédé la facture {number} du {issued_on}, d’un "
            "montant de {amount}, à la charge de {debtor}.\n\n"
            "Merci de nous dire si vous l’avez reçue et si elle est due. Deux minutes suffisent, "
            "sans compte ni mot de passe :\n\n{link}\n\n"
            "Le code de cette page est {code}. Vous pouvez aussi répondre à ce message ou nous "
            "appeler.\n\nCordialement,\n\n{factor}",
        ),
        Text(
            "Please confirm invoice {number} of {client}",
            "Dear Sir or Madam,\n\n"
            "Your supplier {client} has assigned to us invoice {number} of {issued_on} for "
            "{amount}, owed by {debtor}.\n\n"
            "Please tell us whether you received it and whether it is due. It takes two minutes, "
            "without an account or a password:\n\n{link}\n\n"
            "The code of that page is {code}. You may also answer this message or call us.\n\n"
            "Yours faithfully,\n\n{factor}",
        ),
    )
)  # fmt: skip


class VerificationEnded(Conflict):
    """The verification was answered or dropped before."""


def mark_lines(session: Session, *, remittance_id: int, receivable_ids: Collection[int]) -> None:
    """These lines, and no others of the remittance, are verified once assigned, whatever else."""
    bulk.mark_lines(session, remittance_id=remittance_id, receivable_ids=sorted(receivable_ids))


def require_verification(
    session: Session, *, receivable_ids: Collection[int], reason: VerificationReason, by: str,
    at: datetime,
) -> int:  # fmt: skip
    """Withhold open invoices until they are verified; returns how many were not withheld before.

    One that waits already gains the reason; one that was confirmed is left, unless a person asks.
    """
    ids = reads.assigned_among(session, receivable_ids)
    invoices = locks.locked_receivables(session, ids)
    latest = reads.latest_verifications(session, ids)
    held = reads.open_verification_holds(session, ids)
    facts = []
    for invoice in invoices.values():
        known = latest.get(invoice.id)
        if known is not None and known.state in OPEN:
            if reason.value not in known.reasons:
                known.reasons = [*known.reasons, reason.value]
            continue
        if known is not None and reason is not VerificationReason.BY_HAND:
            continue
        row = _wait(session, invoice, reason, held.get(invoice.id), by, at)
        facts.append(_fact("verification.require", row, invoice, {"reason": reason}))
    session.flush()
    return audit.record_all(session, facts=facts, by=by, at=at)


def _wait(
    session: Session, invoice: Receivable, reason: VerificationReason, hold: Hold | None, by: str,
    at: datetime,
) -> Verification:  # fmt: skip
    row = Verification(receivable_id=invoice.id, contract_id=invoice.contract_id,
                       reasons=[reason.value], state=VerificationState.WAITING.value,
                       required_at=at, required_by=by)  # fmt: skip
    session.add(row)
    if hold is None:
        session.add(Hold(receivable_id=invoice.id, contract_id=invoice.contract_id,
                         reason=IneligibleReason.NOT_VERIFIED.value, placed_at=at,
                         placed_by=by))  # fmt: skip
    session.flush()
    return row


def ask_debtor(
    session: Session, *, verification_id: int, to: Recipient, page: str, by: str, at: datetime
) -> str:
    """Write to the debtor and ask it to confirm; returns the code of its answer page.

    ``page`` is the address that the code is appended to. Asking again makes the code before
    worthless. Raises ``VerificationEnded``, what ``correspondence.send`` raises.
    """
    row = _open_row(session, verification_id)
    view = reads.verification(session, verification_id)
    code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    send(
        session, template=INVOICE_VERIFICATION.code, to=to,
        values={"client": view.client_name, "debtor": view.debtor_name, "number": view.number,
                "issued_on": view.issue_date, "code": code, "link": f"{page}/{code}",
                "amount": Money(view.amount_minor, view.currency)},
        subject_kind="receivable", subject_id=view.receivable_id, client_id=None,
        key=f"verification/{verification_id}/{at.isoformat()}", by=by, at=at,
    )  # fmt: skip
    row.state, row.asked_at, row.asked_by = VerificationState.ASKED.value, at, by
    row.asked_to, row.code_sha256 = to.email, hashlib.sha256(code.encode()).digest()
    session.flush()
    _record(session, "verification.ask", row, {"to": to.email}, None, by, at)
    return code


def answer_verification(
    session: Session, *, verification_id: int, answer: Answer, method: VerificationMethod,
    confirmed_minor: int | None = None, contact: str | None = None, note: str | None = None,
    dispute: DisputeReason | None = None, by: str, at: datetime,
) -> VerificationState:  # fmt: skip
    """Record what is known of an invoice, by whom and how.

    *Yes* ends its hold. *Partly* ends it too and disputes what is not confirmed. *No* keeps it
    held; ``dispute`` opens a dispute over all that is open. Raises ``VerificationEnded``,
    ``Invalid``.
    """
    row = _open_row(session, verification_id)
    invoice = locks.locked_receivables(session, [row.receivable_id])[row.receivable_id]
    confirmed = _confirmed(answer, confirmed_minor, invoice)
    row.state, row.method, row.contact = ENDS[answer].value, method.value, contact
    row.note, row.confirmed_minor, row.ended_at, row.ended_by = note, confirmed, at, by
    session.flush()
    if answer is not Answer.NO:
        _end_hold(session, [row.receivable_id], by, at)
    told = {"answer": answer, "method": method, "contact": contact, "confirmed_minor": confirmed}
    _record(session, "verification.answer", row, told, note, by, at)
    denied = invoice.open_minor - (confirmed or 0)
    wanted = answer is Answer.PARTLY or (answer is Answer.NO and dispute is not None)
    is_disputed = locks.open_dispute_of(session, invoice.id) is not None
    if wanted and denied > 0 and invoice.open_minor > 0 and not is_disputed:
        open_dispute(session, receivable_id=invoice.id, reason=dispute or DisputeReason.OTHER,
                     amount_minor=min(denied, invoice.open_minor), comment=note, by=by,
                     at=at)  # fmt: skip
    return ENDS[answer]


def _confirmed(answer: Answer, minor: int | None, invoice: Receivable) -> int | None:
    if answer is Answer.NO:
        return 0
    if answer is Answer.YES:
        return invoice.amount_minor
    if minor is None or not 0 < minor < invoice.amount_minor:
        raise Invalid(
            "confirmed_amount", "what is confirmed is part of the {amount_minor} of the invoice",
            field="confirmed_minor", amount_minor=invoice.amount_minor,
        )  # fmt: skip
    return minor


def verify_again(session: Session, *, verification_id: int, by: str, at: datetime) -> int:
    """Take up a failed verification anew; returns the new one's id. Raises ``Conflict``."""
    before = reads.locked_verification(session, verification_id)
    if before.state != VerificationState.FAILED:
        raise Conflict("verification_not_failed", "only a failed verification is taken up again")
    require_verification(session, receivable_ids=[before.receivable_id],
                         reason=VerificationReason.BY_HAND, by=by, at=at)  # fmt: skip
    return reads.verifications_of(session, before.receivable_id)[0].id


def verify_invoices(
    session: Session, *, receivable_ids: Collection[int], comment: str | None = None,
    by: str, at: datetime,
) -> int:  # fmt: skip
    """A person says that many invoices are verified: their holds end; returns how many did."""
    ids = sorted(locks.locked_receivables(session, receivable_ids))
    for row in reads.latest_verifications(session, ids).values():
        if row.state in WITHHOLDING:
            row.state, row.note = VerificationState.CONFIRMED.value, comment
            row.ended_at, row.ended_by = at, by
    session.flush()
    return _end_hold(session, ids, by, at, comment)


def signal_cleared(
    session: Session, *, receivable_ids: Collection[int], by: str, at: datetime
) -> int:
    """Drop verifications that only a signal asked for, once it is explained; returns how many."""
    dropped = []
    for row in reads.latest_verifications(session, receivable_ids).values():
        if row.state not in OPEN or VerificationReason.SIGNAL.value not in row.reasons:
            continue
        left = [one for one in row.reasons if one != VerificationReason.SIGNAL.value]
        if left:
            row.reasons = left
            continue
        row.state, row.ended_at, row.ended_by = VerificationState.DROPPED.value, at, by
        dropped.append(row.receivable_id)
    session.flush()
    return _end_hold(session, dropped, by, at)


def drop_settled(session: Session, *, by: str, at: datetime) -> None:
    """End the verifications of invoices that owe nothing any more."""
    bulk.drop_settled(session, by=by, at=at)


def _end_hold(
    session: Session, receivable_ids: Collection[int], by: str, at: datetime,
    why: str | None = None,
) -> int:  # fmt: skip
    holds = reads.open_verification_holds(session, receivable_ids)
    invoices = locks.locked_receivables(session, holds)
    facts = []
    for receivable_id, hold in holds.items():
        hold.ended_at, hold.ended_by = at, by
        told = {"receivable_id": receivable_id, "reason": hold.reason}
        facts.append(Fact("hold.lift", "hold", hold.id, why=why, after=told,
                          client_id=invoices[receivable_id].client_id))  # fmt: skip
    session.flush()
    return audit.record_all(session, facts=facts, by=by, at=at)


def _open_row(session: Session, verification_id: int) -> Verification:
    row = reads.locked_verification(session, verification_id)
    if row.ended_at is not None:
        raise VerificationEnded("verification_ended", "this invoice was verified before")
    return row


def _fact(verb: str, row: Verification, invoice: Receivable, after: dict[str, object]) -> Fact:
    told = {"receivable_id": invoice.id, "number": invoice.number, **after}
    return Fact(verb, "verification", row.id, after=audit.json_safe(told),
                client_id=invoice.client_id)  # fmt: skip


def _record(
    session: Session, verb: str, row: Verification, after: Mapping[str, object], why: str | None,
    by: str, at: datetime,
) -> None:  # fmt: skip
    invoice = locks.locked_receivables(session, [row.receivable_id])[row.receivable_id]
    audit.record(
        session, verb=verb, subject_kind="verification", subject_id=row.id,
        after={"receivable_id": row.receivable_id, **after}, why=why, by=by, at=at,
        client_id=invoice.client_id,
    )  # fmt: skip
