"""What happened that a contract's fee grid may price, and the fees charged for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import DATE
from sqlalchemy.orm import Session

from cessio.contracts.rules import FeeKind
from cessio.kernel.calendar import contract_year, end_of_day, month_end, start_of_day
from cessio.kernel.ids import lock_key
from cessio.settlement.models import FeeCharge, SettlementRun


@dataclass(frozen=True, slots=True)
class FeeEvent:
    """Something that happened under a contract with a fee grid, and was not charged yet."""

    contract_id: int
    grid_id: int
    currency: str
    kind: FeeKind
    event_id: int
    on: date
    base_minor: int


@dataclass(frozen=True, slots=True)
class FeesOfMonth:
    """What one fee came to in a month: of one price, so that the formula can be told."""

    first: date
    kind: FeeKind
    flat_minor: int
    rate: Decimal
    count: int
    base_minor: int
    net_minor: int
    vat_minor: int


#: Contracts with a grid in their own currency, then everything a grid may price, by its day.
_EVENTS = text("""
    WITH priced AS (
      SELECT contract.id, contract.fee_grid_id, contract.currency, contract.starts_on,
             contract.ended_on,
             greatest(contract.starts_on,
                      (contract.created_at AT TIME ZONE 'Europe/Paris')::date) AS opened_on
        FROM contract JOIN fee_grid ON fee_grid.id = contract.fee_grid_id
         AND fee_grid.currency = contract.currency),
    happened AS (
      SELECT id AS contract_id, 'setup' AS kind, id AS event_id, opened_on AS day,
             0::bigint AS minor
        FROM priced WHERE opened_on BETWEEN :from_on AND :to_on
       UNION ALL
      SELECT id, 'monthly', to_char(CAST(:to_on AS date), 'YYYYMM')::bigint, :to_on, 0
        FROM priced
       WHERE :month_ends AND starts_on <= :to_on AND (ended_on IS NULL OR ended_on > :to_on)
       UNION ALL
      SELECT asked.contract_id, 'cover_request', asked.id,
             (asked.asked_at AT TIME ZONE 'Europe/Paris')::date, asked.amount_minor
        FROM limit_request AS asked WHERE asked.asked_at >= :start AND asked.asked_at < :stop
       UNION ALL
      SELECT decided.contract_id, 'debtor_study', decided.debtor_id,
             (decided.decided_at AT TIME ZONE 'Europe/Paris')::date, decided.amount_minor
        FROM credit_limit AS decided
       WHERE decided.kind = 'cover' AND decided.decided_by LIKE 'person:%'
         AND decided.decided_at >= :start AND decided.decided_at < :stop
         AND NOT EXISTS (SELECT FROM credit_limit AS before
                          WHERE before.contract_id = decided.contract_id
                            AND before.debtor_id = decided.debtor_id
                            AND before.kind = 'cover' AND before.id < decided.id)
       UNION ALL
      SELECT remittance.contract_id, 'remittance', remittance.id,
             (entered.at AT TIME ZONE 'Europe/Paris')::date, remittance.invoices_minor
        FROM remittance_state AS entered JOIN remittance ON remittance.id = entered.remittance_id
       WHERE entered.state = 'assigned' AND remittance.state = 'assigned'
         AND remittance.invoices_minor > 0  -- credit notes are owed to us: to tell them is free
         AND entered.at >= :start AND entered.at < :stop
       UNION ALL
      SELECT drawdown.contract_id, 'payout', drawdown.id,
             (entered.at AT TIME ZONE 'Europe/Paris')::date, drawdown.amount_minor
        FROM drawdown_state AS entered JOIN drawdown ON drawdown.id = entered.drawdown_id
       WHERE entered.state = 'paid' AND drawdown.state = 'paid'
         AND entered.at >= :start AND entered.at < :stop
       UNION ALL
      SELECT contract_id, 'dispute', id, opened_on, amount_minor
        FROM dispute
       WHERE opened_at >= :start AND opened_at < :stop AND outcome IS DISTINCT FROM 'reversed')
    SELECT priced.id, priced.fee_grid_id, priced.currency, happened.kind, happened.event_id,
           happened.day, happened.minor
      FROM happened JOIN priced ON priced.id = happened.contract_id
     WHERE NOT EXISTS (SELECT FROM fee_charge AS known
                        WHERE known.contract_id = happened.contract_id
                          AND known.kind = happened.kind AND known.event_id = happened.event_id)
     ORDER BY priced.id, happened.day, happened.kind, happened.event_id
""").bindparams(bindparam("from_on", type_=DATE), bindparam("to_on", type_=DATE))

_ANNIVERSARIES = text("""
    SELECT contract.id, contract.fee_grid_id, contract.currency, contract.starts_on
      FROM contract JOIN fee_grid ON fee_grid.id = contract.fee_grid_id
       AND fee_grid.currency = contract.currency
     WHERE contract.starts_on < :on AND (contract.ended_on IS NULL OR contract.ended_on > :on)
       AND NOT EXISTS (SELECT FROM fee_charge AS known
                        WHERE known.contract_id = contract.id AND known.kind = 'annual'
                          AND known.event_id = to_char(CAST(:on AS date), 'YYYYMMDD')::bigint)
     ORDER BY contract.id
""").bindparams(bindparam("on", type_=DATE))

_UNDONE = text("""
    SELECT charge.id FROM fee_charge AS charge
      JOIN remittance ON remittance.id = charge.event_id AND remittance.state = 'reversed'
     WHERE charge.kind = 'remittance' AND charge.reversed_at IS NULL
     UNION ALL
    SELECT charge.id FROM fee_charge AS charge
      JOIN dispute ON dispute.id = charge.event_id AND dispute.outcome = 'reversed'
     WHERE charge.kind = 'dispute' AND charge.reversed_at IS NULL
     UNION ALL
    SELECT charge.id FROM fee_charge AS charge
      JOIN drawdown ON drawdown.id = charge.event_id AND drawdown.state <> 'paid'
     WHERE charge.kind = 'payout' AND charge.reversed_at IS NULL
     ORDER BY 1
""")

_BY_MONTH = text("""
    SELECT date_trunc('month', head.booked_on)::date, charge.kind, charge.flat_minor, charge.rate,
           sum(moved.sign)::bigint, sum(moved.sign * charge.base_minor)::bigint,
           sum(moved.sign * charge.net_minor)::bigint, sum(moved.sign * charge.vat_minor)::bigint
      FROM fee_charge AS charge
      JOIN LATERAL (VALUES (charge.transaction_id, 1), (charge.reversal_id, -1))
           AS moved (transaction_id, sign) ON moved.transaction_id IS NOT NULL
      JOIN ledger_transaction AS head ON head.id = moved.transaction_id
     WHERE charge.contract_id = :contract AND head.booked_on BETWEEN :from_on AND :to_on
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
""").bindparams(bindparam("from_on", type_=DATE), bindparam("to_on", type_=DATE))


def fee_events(session: Session, *, from_on: date, to_on: date) -> list[FeeEvent]:
    """What happened from a day to a day under contracts with a grid, and was not charged."""
    rows = session.execute(
        _EVENTS,
        {"from_on": from_on, "to_on": to_on, "start": start_of_day(from_on),
         "stop": end_of_day(to_on), "month_ends": to_on == month_end(to_on)},
    )  # fmt: skip
    found = [
        FeeEvent(contract, grid, currency, FeeKind(kind), event, on, minor)
        for contract, grid, currency, kind, event, on, minor in rows
    ]
    return found + _anniversaries(session, to_on)


def _anniversaries(session: Session, on: date) -> list[FeeEvent]:
    """Contracts whose second or a later year begins on a day."""
    return [
        FeeEvent(contract, grid, currency, FeeKind.ANNUAL, int(f"{on:%Y%m%d}"), on, 0)
        for contract, grid, currency, starts_on in session.execute(_ANNIVERSARIES, {"on": on})
        if contract_year(starts_on, on).start == on
    ]


def fees_to_give_back(session: Session) -> list[FeeCharge]:
    """Charges for what was reversed since."""
    ids = list(session.scalars(_UNDONE))
    query = select(FeeCharge).where(FeeCharge.id.in_(ids)).order_by(FeeCharge.id)
    return list(session.scalars(query)) if ids else []


def fees_by_month(
    session: Session, *, contract_id: int, from_on: date, to_on: date
) -> list[FeesOfMonth]:
    """The fees a contract was charged, less those given back, by the month they were booked in."""
    asked = {"contract": contract_id, "from_on": from_on, "to_on": to_on}
    return [
        FeesOfMonth(first, FeeKind(kind), *told)
        for first, kind, *told in session.execute(_BY_MONTH, asked)
    ]


def last_run(session: Session, *, step: str) -> date | None:
    """The last day a step of the daily run was done for."""
    model = SettlementRun
    return session.scalar(select(func.max(model.on)).where(model.step == step))


def lock_fees(session: Session) -> None:
    """Let one run at a time charge fees."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("settlement", "fees"))))
