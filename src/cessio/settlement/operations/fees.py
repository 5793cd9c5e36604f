"""Fees of a contract's grid, charged for what happened: once for each thing, by the daily run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import ledger
from cessio.contracts import queries as contracts
from cessio.contracts.rules import flat_fee
from cessio.contracts.rules.grids import line_for
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.settlement import queries
from cessio.settlement.models import FeeCharge
from cessio.settlement.queries.fees import FeeEvent

#: The step of the daily run; what was recorded after it is found by the next one.
STEP = "fees"

#: What a step did: contracts touched, and minor units by currency.
Done = tuple[int, dict[str, int]]


def charge_fees(session: Session, *, on: date, by: str, at: datetime) -> Done:
    """Charge what happened since the last run, and give back the fees of what was undone.

    Returns how many were charged or given back, and their sums with VAT.
    """
    queries.lock_fees(session)
    back = _give_back(session, by=by, at=at)
    since = min(on, queries.last_run(session, step=STEP) or on)
    charges = _priced(session, queries.fee_events(session, from_on=since, to_on=on), on, by, at)
    _post(session, charges, on, by=by, at=at)
    totals: Counter[str] = Counter()
    for sign, rows in ((1, charges), (-1, back)):
        for one in rows:
            totals[one.currency] += sign * (one.net_minor + one.vat_minor)
    return len(charges) + len(back), totals


def _priced(
    session: Session, events: Sequence[FeeEvent], on: date, by: str, at: datetime
) -> list[FeeCharge]:
    """The rows of what the grids price, at the fees that held when it happened."""
    grids = {grid.id: grid for grid in contracts.fee_grids(session)} if events else {}
    terms = contracts.terms_of_all(
        session, on, contract_ids=sorted({one.contract_id for one in events})
    )
    rows = []
    for one in events:
        grid = grids[one.grid_id].on(one.on)
        line = line_for(grid.lines, one.kind, one.base_minor) if grid else None
        amount = line.cost(one.base_minor) if line else 0
        if grid is None or line is None or not amount or one.contract_id not in terms:
            continue
        fee = flat_fee(terms[one.contract_id], amount)
        rows.append(
            FeeCharge(
                contract_id=one.contract_id, kind=one.kind.value, event_id=one.event_id,
                on=one.on, base_minor=one.base_minor, grid_id=one.grid_id,
                grid_version=grid.version, flat_minor=line.flat_minor, rate=line.rate,
                currency=one.currency, net_minor=fee.net_minor, vat_minor=fee.vat_minor,
                charged_at=at, charged_by=by,
            )
        )  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows


def _post(
    session: Session, charges: Sequence[FeeCharge], on: date, *, by: str, at: datetime
) -> None:
    posted = ledger.post_many(session, [_posting(one, on) for one in charges], by=by, at=at)
    for one, done in zip(charges, posted, strict=True):
        one.transaction_id = done.transaction_id
    session.flush()


def _posting(charge: FeeCharge, on: date) -> Posting:
    current = AccountKey(AccountKind.CLIENT_CURRENT, charge.currency, charge.contract_id)
    income = AccountKey(AccountKind.FEE_INCOME, charge.currency)
    lines = [Line(current, charge.net_minor + charge.vat_minor), Line(income, -charge.net_minor)]
    if charge.vat_minor:
        vat = AccountKey(AccountKind.VAT_COLLECTED, charge.currency)
        lines.append(Line(vat, -charge.vat_minor))
    return Posting(
        kind=TransactionKind.SERVICE_FEE, source_kind="fee_charge", source_id=charge.id,
        effect="fee", value_date=on, contract_id=charge.contract_id, memo=charge.kind,
        lines=tuple(lines),
    )  # fmt: skip


def _give_back(session: Session, *, by: str, at: datetime) -> list[FeeCharge]:
    """Reverse the fees of what was reversed since: nothing of it is owed."""
    undone = queries.fees_to_give_back(session)
    for one in undone:
        if one.transaction_id is not None:
            one.reversal_id = ledger.reverse(
                session, transaction_id=one.transaction_id, by=by, at=at, memo=one.kind
            ).transaction_id
        one.reversed_at, one.reversed_by = at, by
    session.flush()
    return undone
