"""Requests for limits that were answered: found, sorted, added up."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.paging import Page, PageRequest
from cessio.limits.models import LimitRequest
from cessio.limits.queries.decided import RequestRow, request_row, request_rows
from cessio.parties.models import Company
from cessio.plumbing.keyset import sorted_page


def answered_requests(
    session: Session, page: PageRequest, *, contract_id: int | None = None,
    debtor_ids: Collection[int] | None = None, sort: str | None = None,
) -> Page[RequestRow]:  # fmt: skip
    """Requests that were answered, the latest first, or by a column."""
    model = LimitRequest
    return sorted_page(
        session, request_rows().where(*_answered(contract_id, debtor_ids)), page, sort=sort,
        sorts={"answered": model.answered_at, "asked": model.asked_at, "due": model.answer_due_on,
               "debtor": Company.name_key, "answer": model.answer, "amount": model.amount_minor},
        default="-answered", unique=model.id, read=lambda row: request_row(*row),
    )  # fmt: skip


def answered_totals(
    session: Session, *, contract_id: int | None = None,
    debtor_ids: Collection[int] | None = None,
) -> tuple[tuple[str, int, int], ...]:  # fmt: skip
    """Of the same list: currency, how many, and what was asked for."""
    model = LimitRequest
    query = (
        select(Contract.currency, func.count(), func.sum(model.amount_minor))
        .select_from(model)
        .join(Contract, Contract.id == model.contract_id)
        .where(*_answered(contract_id, debtor_ids))
        .group_by(Contract.currency).order_by(Contract.currency)
    )  # fmt: skip
    return tuple((row[0], row[1], int(row[2])) for row in session.execute(query))


def _answered(
    contract_id: int | None, debtor_ids: Collection[int] | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [LimitRequest.answered_at.is_not(None)]
    if contract_id is not None:
        found.append(LimitRequest.contract_id == contract_id)
    if debtor_ids is not None:
        found.append(LimitRequest.debtor_id.in_(debtor_ids))
    return found
