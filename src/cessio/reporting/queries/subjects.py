"""What the things of the audit trail are called, and the page of each: one statement for a page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing by its own name; ``at`` is what follows the address of its kind, if it has one."""

    name: str
    at: str | None


_COMPANY = "JOIN company ON company.id = {part}.company_id"
_DEBTOR = "JOIN debtor ON debtor.id = thing.debtor_id " + _COMPANY.format(part="debtor")
_CLIENT = "JOIN client ON client.id = thing.client_id " + _COMPANY.format(part="client")
_INVOICE = "JOIN receivable ON receivable.id = thing.{by}"
_OF_CONTRACT = "JOIN contract ON contract.id = thing.contract_id"
_PLAYS = (
    "COALESCE('clients/' || (SELECT min(id) FROM client WHERE company_id = {company}),"
    " 'debtors/' || (SELECT min(id) FROM debtor WHERE company_id = {company}))"
)
#: By kind: its table, what it is called, what follows its address, what is joined for that.
_KINDS: dict[str, tuple[str, str, str, str]] = {
    "client": ("client", "company.name", "thing.id", _COMPANY.format(part="thing")),
    "debtor": ("debtor", "company.name", "thing.id", _COMPANY.format(part="thing")),
    "company": ("company", "thing.name", _PLAYS.format(company="thing.id"), ""),
    "party_account": ("party_account", "company.name", _PLAYS.format(company="company.id"),
                      _COMPANY.format(part="thing")),
    "group": ("company_group", "thing.name", "thing.id", ""),
    "person": ("person", "thing.name", "NULL", ""),
    "contract": ("contract", "thing.reference || ' · ' || company.name", "thing.id", _CLIENT),
    "remittance": ("remittance", "contract.reference || '-' || lpad(thing.number::text, 5, '0')",
                   "thing.id", _OF_CONTRACT),
    "receivable": ("receivable", "thing.number", "thing.id", ""),
    "hold": ("hold", "receivable.number", "receivable.id", _INVOICE.format(by="receivable_id")),
    "dispute": ("dispute", "receivable.number", "receivable.id",
                _INVOICE.format(by="receivable_id")),
    "set_off": ("set_off", "receivable.number", "receivable.id", _INVOICE.format(by="invoice_id")),
    "verification": ("verification", "receivable.number", "thing.id",
                     _INVOICE.format(by="receivable_id")),
    "limit": ("credit_limit", "company.name", "thing.contract_id || '/' || thing.debtor_id",
              _DEBTOR),
    "limit_request": ("limit_request", "company.name",
                      "thing.contract_id || '/' || thing.debtor_id", _DEBTOR),
    "promise": ("promise", "company.name", "thing.debtor_id || '/promises'", _DEBTOR),
    "debtor_reply": ("debtor_reply", "company.name", "thing.id", _DEBTOR),
    "letter_code": ("letter_code", "company.name", "thing.id", _DEBTOR),
    "signal": ("signal", "company.name", "thing.id", _CLIENT),
    "column_mapping": ("column_mapping", "company.name", "NULL", _CLIENT),
    "fee_invoice": ("fee_invoice", "thing.number", "NULL", ""),
    "drawdown": ("drawdown", "COALESCE(thing.end_to_end_id, contract.reference)", "thing.id",
                 _OF_CONTRACT),
    "payment_order": ("payment_order", "thing.message_id", "thing.id", ""),
    "bank_statement": ("bank_statement", "thing.statement_ref", "thing.id", ""),
    "bank_line": ("bank_line", "COALESCE(thing.party_name, thing.end_to_end_id, thing.bank_ref)",
                  "thing.id", ""),
    "factor_account": ("factor_account", "thing.name", "NULL", ""),
    "index_fixing": ("index_fixing", "to_char(thing.fixed_on, 'DD/MM/YYYY')", "NULL", ""),
    "token": ("api_token", "thing.name", "NULL", ""),
    "offer": ("offer", "thing.code", "NULL", ""),
    "fee_grid": ("fee_grid", "thing.code", "NULL", ""),
}  # fmt: skip


def subjects(
    session: Session, wanted: Collection[tuple[str, int]]
) -> dict[tuple[str, int], Subject]:
    """The things of these kinds and numbers that have a name; of a kind not known here, none."""
    ids: dict[str, list[int]] = {}
    for kind, number in set(wanted):
        if kind in _KINDS:
            ids.setdefault(kind, []).append(number)
    if not ids:
        return {}
    parts = [_part(kind) for kind in sorted(ids)]
    rows = session.execute(text(" UNION ALL ".join(parts)), ids)
    return {(kind, number): Subject(name, at) for kind, number, name, at in rows if name}


def _part(kind: str) -> str:
    table, name, at, joins = _KINDS[kind]
    found = ", ".join((f"SELECT '{kind}'", "thing.id", name, f"({at})::text"))
    return " ".join((found, "FROM", table, "AS thing", joins, f"WHERE thing.id = ANY(:{kind})"))
