"""The books a second time: from the documents alone, in plain integers, without any code of ours.

What was assigned, paid, set off, drawn and said by the bank is read row by row; every balance is
worked out anew and held against what the ledger and the stored columns say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

Figures = dict[str, Mapping[Any, int]]
_ALIVE = frozenset({"requested", "granted", "ordered", "paid"})


def worked_out(session: Session) -> Figures:
    """Every balance, from the documents."""
    papers = {row.id: row for row in _rows(session, "SELECT * FROM receivable")}
    parts = _rows(session, "SELECT part.*, whole.kind AS whole, whole.bank_line_id FROM"
                  " cash_allocation AS part JOIN cash_application AS whole ON whole.id ="
                  " application_id WHERE undone_at IS NULL")  # fmt: skip
    wholes = _rows(session, "SELECT * FROM cash_application WHERE undone_at IS NULL")
    settled = _rows(session, "SELECT * FROM set_off WHERE undone_at IS NULL")
    lines = _rows(session, "SELECT * FROM bank_line")
    drawn = [one for one in _rows(session, "SELECT * FROM drawdown") if one.state in _ALIVE]

    owed: Counter[int] = Counter()
    for paper in papers.values():
        owed[paper.id] = 0 if paper.reversed_at else paper.amount_minor
    for part in parts:
        if part.kind != "on_account":
            owed[part.receivable_id] -= part.amount_minor
    for one in settled:
        owed[one.invoice_id] -= one.amount_minor
        owed[one.credit_id] += one.amount_minor

    by_account: Counter[tuple[int, int]] = Counter()
    for paper_id, minor in owed.items():
        by_account[papers[paper_id].contract_id, papers[paper_id].debtor_id] += minor

    used: Counter[int] = Counter()
    for whole in wholes:
        if whole.bank_line_id is not None:
            used[whole.bank_line_id] += whole.amount_minor

    leaving: Counter[int] = Counter()
    for one in drawn:
        leaving[one.contract_id] -= one.amount_minor if one.debited_line_id is None else 0

    held = {part.receivable_id for part in parts if part.kind == "on_account"}
    to_clients = -sum(one.amount_minor for one in papers.values()
                      if not one.reversed_at and one.id not in held)  # fmt: skip
    to_clients += sum(one.amount_minor + one.commission_minor for one in drawn)
    to_clients += sum(part.amount_minor for part in parts if part.kind == "difference")
    to_clients += sum(whole.amount_minor for whole in wholes if whole.bank_line_id is None)
    to_clients -= sum(whole.amount_minor - sum(part.amount_minor for part in parts
                                               if part.application_id == whole.id
                                               and part.kind != "difference")
                      for whole in wholes if whole.bank_line_id is not None)  # fmt: skip
    return {
        "open": _told(owed), "receivables": _told(by_account),
        "used": _told({one.id: used[one.id] for one in lines if one.amount_minor > 0
                       and one.return_code is None}),
        "bank": _told({"all": sum(one.amount_minor for one in lines)}),
        "suspense": _told({"all": used.total() - sum(one.amount_minor for one in lines)
                           - sum(one.amount_minor for one in drawn if one.debited_line_id)}),
        "leaving": _told(leaving), "clients": _told({"all": to_clients}),
    }  # fmt: skip


def kept(session: Session) -> Figures:
    """The same balances as the program keeps them."""
    accounts = _rows(session, "SELECT * FROM ledger_account")

    def of(*kinds: str) -> int:
        return sum(one.balance_minor for one in accounts if one.kind in kinds)

    return {
        "open": _told({one.id: one.open_minor for one in _rows(session, _OPEN)}),
        "receivables": _told({(one.contract_id, one.debtor_id): one.balance_minor
                              for one in accounts if one.kind == "RECEIVABLE"}),
        "used": _told({one.id: one.applied_minor for one in _rows(session, _LINES)}),
        "bank": _told({"all": of("BANK")}),
        "suspense": _told({"all": of("SUSPENSE_CASH")}),
        "leaving": _told({one.contract_id: one.balance_minor for one in accounts
                          if one.kind == "PAYOUT_CLEARING"}),
        "clients": _told({"all": of("CLIENT_CURRENT", "RETENTION_FUND", "FEE_INCOME",
                                    "VAT_COLLECTED", "INTEREST_INCOME")}),
    }  # fmt: skip


_OPEN = "SELECT id, open_minor FROM receivable"
_LINES = "SELECT id, applied_minor FROM bank_line WHERE amount_minor > 0 AND return_code IS NULL"


def _rows(session: Session, query: str) -> list[Any]:
    return list(session.execute(text(query)))


def _told(found: Mapping[Any, int]) -> dict[Any, int]:
    return {key: minor for key, minor in found.items() if minor}
