"""Telling clients before an approval lapses or a limit ends: each limit and date once.

A line under the bell and a mail to each of the client's people who may ask for limits; the pages
of the portal say it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.correspondence import Recipient, TemplateKind, Text, Variable, register, send
from cessio.correspondence.kinds import Values
from cessio.identity import Permission
from cessio.identity.queries import people
from cessio.identity.rules import may
from cessio.kernel.money import Money
from cessio.limits.models import ApprovalNotice, EndingNotice
from cessio.limits.queries import (
    EndingLimit,
    IdleApproval,
    ending_limits,
    idle_approvals,
    policy,
)
from cessio.limits.rules import UnusedApproval
from cessio.notifications import notify
from cessio.plumbing.i18n import lazy

_SHARED = (
    Variable("debtor", lazy("The debtor"), "Distribution Durand SA"),
    Variable("amount", lazy("Amount of the limit"), Money(12_000_000, "EUR")),
)

LIMIT_ENDS = register(
    TemplateKind(
        "limit_ends",
        lazy("To a client: a limit is about to end"),
        (
            *_SHARED,
            Variable("ends_on", lazy("Last day of the limit"), date(2026, 12, 15)),
        ),
        Text(
            "Votre limite sur {debtor} s’achève le {ends_on}",
            "Bonjour {recipient},\n\n"
            "La limite de {amount} que nous vous avons accordée sur {debtor} vaut jusqu’au "
            "{ends_on} inclus. Les factures que vous nous céderez ensuite ne seront plus couvertes "
            "par elle ; celles qui le sont le restent selon votre contrat.\n\n"
            "Si vous en avez encore besoin, demandez-en une nouvelle dès maintenant dans votre "
            "espace, à la page « Débiteurs et limites ».\n\n{factor}",
        ),
        Text(
            "Your limit on {debtor} ends on {ends_on}",
            "Dear {recipient},\n\n"
            "The limit of {amount} we gave you on {debtor} holds until {ends_on} included. "
            "Invoices you assign afterwards will not come under it; those that do already keep "
            "their cover as your contract says.\n\n"
            "If you still need it, ask for a new one now in your portal, on the page “Debtors and "
            "limits”.\n\n{factor}",
        ),
    )
)
APPROVAL_LAPSES = register(
    TemplateKind(
        "approval_lapses",
        lazy("To a client: a limit it does not use is about to lapse"),
        (
            *_SHARED,
            Variable("used_on", lazy("Day it was last used"), date(2026, 5, 4)),
            Variable("lapses_on", lazy("Day it lapses"), date(2026, 11, 30)),
        ),
        Text(
            "Votre limite sur {debtor} ne sert plus",
            "Bonjour {recipient},\n\n"
            "La limite de {amount} que nous vous avons accordée sur {debtor} n’a plus servi depuis "
            "le {used_on}. Sans nouvelle facture, elle prendra fin le {lapses_on}.\n\n"
            "Pour la garder, il suffit de nous céder une facture sur ce débiteur avant cette date, "
            "ou de nous écrire.\n\n{factor}",
        ),
        Text(
            "Your limit on {debtor} is no longer used",
            "Dear {recipient},\n\n"
            "The limit of {amount} we gave you on {debtor} has not been used since {used_on}. "
            "Without a new invoice it ends on {lapses_on}.\n\n"
            "To keep it, assign an invoice on this debtor before that day, or write to us."
            "\n\n{factor}",
        ),
    )
)


def announce_idle_approvals(
    session: Session, *, on: date, by: str, at: datetime
) -> tuple[IdleApproval, ...]:
    """Tell clients of approvals about to lapse; returns those told of, once each."""
    due = tuple(
        idle for idle in idle_approvals(session, on=on)
        if idle.verdict is UnusedApproval.NOTIFY and idle.noticed_for is None
    )  # fmt: skip
    session.add_all(
        ApprovalNotice(
            limit_id=idle.limit_id, cancels_on=idle.cancels_on, noticed_at=at, noticed_by=by
        )
        for idle in due
    )
    session.flush()
    facts = [
        audit.Fact(verb="announce_idle_approval", subject_kind="limit", subject_id=idle.limit_id,
                   client_id=idle.client_id, after={"cancels_on": idle.cancels_on})
        for idle in due
    ]  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)
    told = _readers(session, [idle.client_id for idle in due])
    for idle in due:
        values: Values = {
            "debtor": idle.debtor_name, "amount": Money(idle.amount_minor, idle.currency),
            "used_on": idle.last_used_on, "lapses_on": idle.cancels_on,
        }  # fmt: skip
        _tell(session, told, "approval_lapses", idle.limit_id, idle.debtor_id, idle.client_id,
              idle.cancels_on, values, by=by, at=at)  # fmt: skip
    return due


def announce_endings(
    session: Session, *, on: date, by: str, at: datetime
) -> tuple[EndingLimit, ...]:
    """Tell clients of limits about to end; returns those told of, once each.

    How many days before is the house's (``set_policy``).
    """
    within = policy(session).notice_days
    due = tuple(
        row for row in ending_limits(session, on=on, within_days=within) if row.told_at is None
    )
    session.add_all(
        EndingNotice(limit_id=row.limit.id, ends_on=row.ends_on, noticed_at=at, noticed_by=by)
        for row in due
    )
    session.flush()
    facts = [
        audit.Fact(verb="announce_ending_limit", subject_kind="limit", subject_id=row.limit.id,
                   client_id=row.limit.client_id, after={"ends_on": row.ends_on})
        for row in due
    ]  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)
    told = _readers(session, [row.limit.client_id for row in due])
    for row in due:
        limit = row.limit
        values: Values = {
            "debtor": limit.debtor_name, "amount": Money(limit.amount_minor, limit.currency),
            "ends_on": row.ends_on,
        }  # fmt: skip
        _tell(session, told, "limit_ends", limit.id, limit.debtor_id, limit.client_id,
              row.ends_on, values, by=by, at=at)  # fmt: skip
    return due


def _readers(
    session: Session, client_ids: Sequence[int]
) -> dict[int, tuple[identity.queries.PersonView, ...]]:
    """Who of each client is told: those who may ask for limits."""
    return {
        client_id: tuple(
            one for one in people(session, client_id=client_id)
            if may(one.role, Permission.OWN_ASK_LIMITS)
        )
        for client_id in dict.fromkeys(client_ids)
    }  # fmt: skip


def _tell(
    session: Session, readers: Mapping[int, Sequence[identity.queries.PersonView]], code: str,
    limit_id: int, debtor_id: int, client_id: int, day: date, values: Values, *,
    by: str, at: datetime,
) -> None:  # fmt: skip
    told = readers[client_id]
    shown = dict(values)
    amount = shown.pop("amount")
    if isinstance(amount, Money):
        shown |= {"amount_minor": amount.minor, "currency": amount.currency}
    notify(
        session, person_ids={one.id for one in told}, kind=code, values=shown,
        href=f"/backoffice/debtors/{debtor_id}", client_href=f"/portal/debtors/{debtor_id}",
        at=at, key=f"{code}/{limit_id}/{day}",
    )  # fmt: skip
    for one in told:
        send(
            session, template=code, to=Recipient(one.email, one.name, one.language),
            values=values, subject_kind="limit", subject_id=limit_id, client_id=client_id,
            key=f"{code}/{limit_id}/{day}/{one.id}", by=by, at=at,
        )  # fmt: skip
