"""What is known of payers: under which names and accounts, since when, why, and used how often."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine
from cessio.cash.models import CashApplication, PayerAlias
from cessio.kernel.paging import Page, PageRequest
from cessio.parties.models import Company, Debtor
from cessio.plumbing.keyset import sorted_page


@dataclass(frozen=True, slots=True)
class AliasView:
    """A name or account a debtor pays under; ``line_id`` is the match it was learned from."""

    alias_id: int
    debtor_id: int
    debtor_name: str
    kind: str
    seen: str
    learned_at: datetime
    learned_by: str
    line_id: int | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """How many receipts came under a name or account, and when the last one."""

    count: int = 0
    last_on: date | None = None


def aliases(session: Session, *, debtor_id: int | None = None, limit: int = 200) -> list[AliasView]:
    """Names and accounts learned or entered, latest first."""
    return list(alias_page(session, PageRequest(limit), debtor_id=debtor_id).rows)


def alias_page(
    session: Session, request: PageRequest, *, debtor_id: int | None = None,
    words: str | None = None, ended: bool = False, sort: str | None = None,
) -> Page[AliasView]:  # fmt: skip
    """The same page by page; ``words`` are part of the name, the account or the debtor's name.

    ``ended`` gives those that hold no longer; ``sort`` is another order than the latest first.
    """
    model = PayerAlias
    query = (
        select(
            model.id, model.debtor_id, Company.name, model.kind, model.seen, model.learned_at,
            model.learned_by, CashApplication.bank_line_id, model.ended_at, model.ended_by,
        )
        .join(Debtor, Debtor.id == model.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .outerjoin(CashApplication, CashApplication.id == model.application_id)
        .where(model.ended_at.is_not(None) if ended else model.ended_at.is_(None))
    )  # fmt: skip
    if debtor_id is not None:
        query = query.where(model.debtor_id == debtor_id)
    if words:
        compact = "".join(words.split()).upper()
        query = query.where(
            or_(
                Company.name.icontains(words, autoescape=True),
                model.seen.icontains(words, autoescape=True), model.key == compact,
            )
        )  # fmt: skip
    return sorted_page(
        session, query, request, sort=sort, default="-learned", unique=model.id,
        sorts={"learned": model.id, "debtor": Company.name_key, "seen": model.seen},
        read=lambda row: AliasView(*row),
    )  # fmt: skip


def alias(session: Session, *, alias_id: int) -> AliasView | None:
    """One that holds."""
    found = alias_page(session, PageRequest(1, after=(alias_id + 1,)))
    return next((one for one in found.rows if one.alias_id == alias_id), None)


def uses(session: Session, shown: Collection[AliasView]) -> dict[int, Use]:
    """How often each was seen on receipts, in one statement for names and one for accounts."""
    found: dict[int, Use] = {}
    for kind, column in (("iban", BankLine.party_iban), ("name", BankLine.party_name)):
        seen = {one.seen for one in shown if one.kind == kind}
        if not seen:
            continue
        rows = session.execute(
            select(column, func.count(), func.max(BankLine.booked_on))
            .where(column.in_(seen), BankLine.amount_minor > 0)
            .group_by(column)
        )
        by_seen = {row[0]: Use(row[1], row[2]) for row in rows}
        found |= {one.alias_id: by_seen.get(one.seen, Use()) for one in shown if one.kind == kind}
    return found
