"""The portfolio: what waits on each contract, and the contracts of a portfolio."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits on a contract. ``cash_minor`` is money whose likeliest invoices are its own."""

    remittances: int = 0
    remittances_minor: int = 0
    disputes: int = 0
    disputes_minor: int = 0
    requests: int = 0
    request_due_on: date | None = None
    cash: int = 0
    cash_minor: int = 0
    cash_since: date | None = None


@dataclass(frozen=True, slots=True)
class PortfolioContract:
    """A live contract of a portfolio, and who looks after its client."""

    contract_id: int
    reference: str
    client_id: int
    client_name: str
    product: str
    currency: str
    account_manager_id: int | None
    account_manager: str | None


@dataclass(frozen=True, slots=True)
class Weight:
    """What one debtor owes under a contract, or all of a client's."""

    debtor_id: int
    name: str
    open_minor: int


_CONTRACTS = text("""
    SELECT contract.id, contract.reference, client.id, company.name, contract.product,
           contract.currency, client.account_manager_id, person.name
      FROM contract
      JOIN client ON client.id = contract.client_id
      JOIN company ON company.id = client.company_id
      LEFT JOIN person ON person.id = client.account_manager_id
     WHERE contract.starts_on <= :on AND (contract.ended_on IS NULL OR contract.ended_on > :on)
       AND (CAST(:clients AS bigint[]) IS NULL OR client.id = ANY(:clients))
     ORDER BY company.name_key, contract.id
""")

#: Money that waits goes to the contract that the surest proposal names.
_WAITING = text(
    """
    SELECT contract_id, 'remittances', count(*),
           sum(invoices_minor + credit_notes_minor)::bigint, NULL::date
      FROM remittance WHERE state = 'submitted' GROUP BY contract_id
     UNION ALL
    SELECT contract_id, 'disputes', count(*), sum(amount_minor)::bigint, NULL
      FROM dispute WHERE ended_at IS NULL GROUP BY contract_id
     UNION ALL
    SELECT contract_id, 'requests', count(*), 0, min(answer_due_on)
      FROM limit_request WHERE answer IS NULL GROUP BY contract_id
     UNION ALL
    SELECT receivable.contract_id, 'cash', count(DISTINCT line.id),
           sum(named.amount_minor)::bigint, min(line.booked_on)
      FROM match_proposal AS proposal
      JOIN bank_line AS line ON line.id = proposal.bank_line_id
       AND line.amount_minor > 0 AND line.applied_minor < line.amount_minor
     CROSS JOIN LATERAL jsonb_to_recordset(proposal.allocations)
             AS named (receivable_id bigint, amount_minor bigint)
      JOIN receivable ON receivable.id = named.receivable_id
     WHERE proposal.rank = 1
     GROUP BY receivable.contract_id
"""
)

_OUTSTANDING = text("""
    SELECT currency, sum(balance_minor)::bigint FROM ledger_account
     WHERE kind = 'RECEIVABLE' AND contract_id = ANY(:contracts) GROUP BY currency
""")

#: By the accounts of the ledger, of which there is one a debtor and contract.
_WEIGHTS = text("""
    SELECT account.debtor_id, company.name, sum(account.balance_minor)::bigint AS minor
      FROM ledger_account AS account
      JOIN debtor ON debtor.id = account.debtor_id
      JOIN company ON company.id = debtor.company_id
     WHERE account.kind = 'RECEIVABLE' AND account.contract_id = ANY(:contracts)
       AND account.balance_minor <> 0
     GROUP BY account.debtor_id, company.name ORDER BY minor DESC, account.debtor_id
""")


def portfolio_contracts(
    session: Session, *, on: date, clients: Collection[int] | None = None
) -> tuple[PortfolioContract, ...]:
    """The live contracts of some clients, or of all, by name."""
    facts = {"on": on, "clients": None if clients is None else list(clients)}
    return tuple(PortfolioContract(*row) for row in session.execute(_CONTRACTS, facts).all())


def waiting_work(session: Session) -> dict[int, Waiting]:
    """What waits on every contract that something waits on, in one statement."""
    found: dict[int, dict[str, int | date | None]] = {}
    for contract, what, count, minor, when in session.execute(_WAITING).all():
        held = found.setdefault(contract, {})
        held[what] = count
        if what == "requests":
            held["request_due_on"] = when
        else:
            held[f"{what}_minor"] = minor
        if what == "cash":
            held["cash_since"] = when
    return {contract: Waiting(**held) for contract, held in found.items()}  # type: ignore[arg-type]


def outstanding_of(session: Session, contract_ids: Collection[int]) -> dict[str, int]:
    """What debtors owe under some contracts, by currency, as the ledger has it."""
    rows = session.execute(_OUTSTANDING, {"contracts": list(contract_ids)}).all()
    return {row[0]: row[1] for row in rows}


def concentration(session: Session, *, contract_ids: Collection[int]) -> tuple[Weight, ...]:
    """What each debtor owes under some contracts, the most first; it sums to the outstanding."""
    rows = session.execute(_WEIGHTS, {"contracts": list(contract_ids)})
    return tuple(Weight(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class ClientCounts:
    """How much there is in each part of a client's file."""

    debtors: int
    remittances: int
    disputes: int
    notes: int
    todos: int
    documents: int


_COUNTS = text("""
    SELECT (SELECT count(DISTINCT account.debtor_id) FROM ledger_account AS account
              JOIN contract ON contract.id = account.contract_id
             WHERE contract.client_id = :client AND account.kind = 'RECEIVABLE'
               AND account.balance_minor <> 0),
           (SELECT count(*) FROM remittance JOIN contract ON contract.id = remittance.contract_id
             WHERE contract.client_id = :client AND remittance.state = 'submitted'),
           (SELECT count(*) FROM dispute JOIN contract ON contract.id = dispute.contract_id
             WHERE contract.client_id = :client AND dispute.ended_at IS NULL),
           (SELECT count(*) FROM note
             WHERE subject_kind = 'client' AND subject_id = :client AND ended_at IS NULL),
           (SELECT count(*) FROM todo
             WHERE subject_kind = 'client' AND subject_id = :client AND done_at IS NULL),
           (SELECT count(*) FROM document WHERE client_id = :client)
""")


def client_counts(session: Session, *, client_id: int) -> ClientCounts:
    """The counts on the tabs of a client's file, in one statement."""
    return ClientCounts(*session.execute(_COUNTS, {"client": client_id}).one())
