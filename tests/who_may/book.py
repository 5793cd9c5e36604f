"""The small demonstration with people of two clients, and a marker in whatever is one's alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from litestar import Litestar
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from cessio import app, contracts, identity
from cessio.contracts import Product, product_defaults
from cessio.identity import Role
from cessio.identity.operations.delegations import end_delegation
from cessio.kernel.calendar import business_date
from cessio.notifications import notify
from cessio.plumbing.database import transaction
from cessio.plumbing.settings import Settings
from cessio.statements import StatementFormat, ask_statement
from tests.walking import NOW

BY = "system:setup"
NOBODYS = 987_654_321

#: By the name of a part of an address: what of it is a client's own.
_OWN = {
    "client_id": "SELECT id FROM client WHERE id = :c",
    "contract_id": "SELECT id FROM contract WHERE client_id = :c",
    "remittance_id": "SELECT one.id FROM remittance one JOIN contract ON contract.id = contract_id"
                     " WHERE client_id = :c",
    "receivable_id": "SELECT id FROM receivable WHERE client_id = :c",
    "debtor_id": "SELECT debtor_id FROM cover_regime JOIN contract ON contract.id = contract_id"
                 " GROUP BY 1 HAVING min(client_id) = :c AND max(client_id) = :c",
    "drawdown_id": "SELECT one.id FROM drawdown one JOIN contract ON contract.id = contract_id"
                   " WHERE client_id = :c",
    "order_id": "SELECT order_id FROM drawdown one JOIN contract ON contract.id = contract_id"
                " WHERE client_id = :c AND order_id IS NOT NULL",
    "account_id": "SELECT one.id FROM party_account one JOIN client USING (company_id)"
                  " WHERE client.id = :c",
    "document_id": "SELECT id FROM document WHERE client_id = :c",
    "kept_id": "SELECT one.id FROM kept_statement one JOIN contract ON contract.id = contract_id"
               " WHERE client_id = :c",
    "invoice_id": "SELECT id FROM fee_invoice WHERE client_id = :c",
    "share_id": "SELECT id FROM share WHERE client_id = :c",
    "person_id": "SELECT id FROM person WHERE client_id = :c",
    "token_id": "SELECT one.id FROM api_token one JOIN person ON person.id = person_id"
                " WHERE client_id = :c",
    "session_id": "SELECT one.id FROM web_session one JOIN person ON person.id = person_id"
                  " WHERE client_id = :c",
    "notification_id": "SELECT one.id FROM notification one JOIN person ON person.id = person_id"
                       " WHERE client_id = :c",
    "job_id": "SELECT id FROM job WHERE client_id = :c",
    "dispute_id": "SELECT one.id FROM dispute one JOIN contract ON contract.id = contract_id"
                  " WHERE client_id = :c",
    "verification_id": "SELECT one.id FROM verification one"
                       " JOIN contract ON contract.id = contract_id WHERE client_id = :c",
    "reply_id": "SELECT id FROM debtor_reply WHERE client_id = :c",
    "change_id": "SELECT one.id FROM due_date_change one"
                 " JOIN contract ON contract.id = contract_id WHERE client_id = :c",
    "proposal_id": "SELECT one.id FROM limit_proposal one"
                   " JOIN contract ON contract.id = contract_id WHERE client_id = :c",
    "signal_id": "SELECT id FROM signal WHERE client_id = :c",
    "line_id": "SELECT bank_line_id FROM cash_application one JOIN cash_allocation"
               " ON application_id = one.id JOIN receivable ON receivable.id = receivable_id"
               " WHERE client_id = :c",
    "application_id": "SELECT application_id FROM cash_allocation"
                      " JOIN receivable ON receivable.id = receivable_id WHERE client_id = :c",
}  # fmt: skip
#: The same thing under another name at one door.
_ALSO = {"statement_id": "kept_id"}
#: What is nobody's own: any row of a table, or a word.
_ANY = {
    "group_id": "company_group", "limit_id": "credit_limit", "reserve_id": "contract_reserve",
    "subject_id": "client", "note_id": "note", "todo_id": "todo", "contact_id": "contact",
    "hold_id": "hold", "set_off_id": "set_off", "letter_id": "dunning_letter",
    "promise_id": "promise", "choice_id": "dunning_choice", "stop_id": "mail_stop",
    "movement_id": "loss_movement", "plan_id": "dunning_plan", "approval_id": "approval",
    "team_id": "team", "absence_id": "absence",
    "delegation_id": "delegation", "owner_id": "beneficial_owner", "report_id": "issued_report",
    "recipient_id": "recipient", "company_id": "company", "settlement_id": "unpaid_settlement",
    "alias_id": "payer_alias", "letter_code_id": "letter_code", "view_id": "saved_view",
    "mapping_id": "column_mapping", "file_id": "recovery_file", "grid_id": "fee_grid",
    "offer_id": "offer", "passkey_id": "passkey", "alert_id": "screening_alert",
    "version_id": "fee_grid_version",
}  # fmt: skip
_WORDS = {
    "line": "1", "number": "1", "file_format": "csv", "kind": "client", "name": "cash.match",
    "folder": "clients", "code": "delay", "token": "x" * 43, "path": "openapi.json",
    "file_path": "/none.css",
}  # fmt: skip

#: Where a client's marker (:m) is written.
_MARKED = (
    ("UPDATE company SET name = :m || ' SAS' WHERE id = (SELECT company_id FROM client"
    " WHERE id = :c)"),
    ("UPDATE company SET name = :m || ' debtor ' || id WHERE id IN (SELECT company_id FROM debtor"
    " WHERE id IN (SELECT debtor_id FROM cover_regime JOIN contract ON contract.id = contract_id"
    " GROUP BY 1 HAVING min(client_id) = :c AND max(client_id) = :c))"),
    "UPDATE client SET code = :m WHERE id = :c",
    "UPDATE contract SET reference = :m || id WHERE client_id = :c",
    "UPDATE receivable SET number = :m || id, order_ref = :m WHERE client_id = :c",
    ("UPDATE remittance SET filename = :m WHERE contract_id IN (SELECT id FROM contract"
    " WHERE client_id = :c)"),
    ("UPDATE remittance_line SET number = :m || line, debtor_name = :m WHERE remittance_id IN"
    " (SELECT one.id FROM remittance one JOIN contract ON contract.id = contract_id"
    " WHERE client_id = :c)"),
    ("UPDATE dispute SET comment = :m WHERE contract_id IN (SELECT id FROM contract"
    " WHERE client_id = :c)"),
    "UPDATE note SET body = :m WHERE subject_kind = 'client' AND subject_id = :c",
    "UPDATE document SET filename = :m || '.pdf' WHERE client_id = :c",
    "UPDATE share SET name = :m, firm = :m WHERE client_id = :c",
    ("UPDATE limit_request SET comment = :m WHERE contract_id IN (SELECT id FROM contract"
    " WHERE client_id = :c)"),
    ("UPDATE drawdown SET creditor_name = :m WHERE contract_id IN (SELECT id FROM contract"
    " WHERE client_id = :c)"),
    "UPDATE person SET name = :m || role WHERE client_id = :c",
    ("UPDATE party_account SET holder = :m WHERE company_id = (SELECT company_id FROM client"
    " WHERE id = :c)"),
)  # fmt: skip


@dataclass
class Book:
    """A filled book, two clients of it, all of them, and what must be told to nobody else."""

    engine: Engine
    app: Litestar
    clients: tuple[int, int]
    everyone: tuple[int, ...]
    markers: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _known: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def own(self, name: str, client_id: int) -> list[str]:
        """Ids of a client by the name of an address's part, newest first; empty if nobody's."""
        name = _ALSO.get(name, name)
        if name not in _OWN:
            return []
        key = name, client_id
        if key not in self._known:
            with self.engine.connect() as connection:
                rows = connection.execute(text(_OWN[name]), {"c": client_id}).scalars()
                self._known[key] = [str(one) for one in sorted(set(rows), reverse=True)]
        return self._known[key]

    def examples(self, name: str, client_id: int) -> list[str]:
        """Something to fill a part of an address with. Raises for a kind that is not known."""
        if own := self.own(name, client_id):
            return own
        if self.is_own(name):
            return [str(NOBODYS)]
        if name in _WORDS:
            return [_WORDS[name]]
        if name not in _ANY:
            raise AssertionError(
                f"no example of {{{name}}}: say in tests/who_may/book.py whose it is"
            )
        with self.engine.connect() as connection:
            found = connection.execute(text(f'SELECT min(id) FROM "{_ANY[name]}"')).scalar()
        return [str(found or 1)]

    def is_own(self, name: str) -> bool:
        """Whether a part of an address names something that one client has."""
        return _ALSO.get(name, name) in _OWN


def make_book(engine: Engine, folder: Path) -> Book:
    """Fill in what the demonstration lacks, and write the markers."""
    settings = Settings(data_dir=folder, secret_file=folder / "secret")
    built = app.build(engine, settings, now=lambda: NOW)
    with transaction(engine) as session:
        clients = session.execute(
            text("SELECT client_id FROM receivable GROUP BY 1 ORDER BY count(*) DESC LIMIT 2")
        ).scalars().all()  # fmt: skip
        for client_id in clients:
            _add(session, client_id)
        session.execute(text("UPDATE person SET language = 'en'"))
        # Who may what is tried by roles: what somebody lent a colleague would pass as an exception.
        lent = session.execute(
            text("SELECT id, lender_id FROM delegation WHERE ended_at IS NULL AND to_on >= :on"),
            {"on": business_date(NOW)},
        )
        for one, lender in lent.all():
            end_delegation(session, delegation_id=one, by=f"person:{lender}", at=NOW)
        everyone = tuple(session.scalars(text("SELECT id FROM client ORDER BY id")))
    book = Book(engine, built, (clients[0], clients[1]), everyone)
    tables = {statement.split()[1] for statement in _MARKED}
    with engine.begin() as connection:
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for client_id in clients:
            book.markers[client_id] = _mark(connection, client_id)
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    return book


def _add(session: Session, client_id: int) -> None:
    """A user of each role and one more, a second contract, a kept statement, a change of date."""
    for role in (Role.SIGNATORY, Role.OPERATOR, Role.READER, Role.READER):
        email = f"{role}.{client_id}.{secrets.token_hex(3)}@probe.example"
        person_id = identity.add_person(
            session, email=email, name="probe", role=role, client_id=client_id, by=BY, at=NOW
        )
        notify(session, person_ids=[person_id], kind="drawdown_refused", values={"why": "probe"},
               href="/portal/funding", at=NOW, key=f"probe-{person_id}")  # fmt: skip
    contract_id = session.scalar(
        text("SELECT min(id) FROM contract WHERE client_id = :c"), {"c": client_id}
    )
    ask_statement(session, contract_id=contract_id, from_on=date(2026, 10, 1),
                  to_on=date(2026, 10, 31), file_format=StatementFormat.CSV, language="en",
                  by=BY, at=NOW)  # fmt: skip
    contracts.sign_contract(
        session, client_id=client_id, product=Product.FULL, terms=product_defaults(Product.FULL),
        signed_on=date(2026, 11, 2), by=BY, at=NOW,
    )  # fmt: skip
    session.execute(
        text("INSERT INTO due_date_change (receivable_id, contract_id, from_on, to_on, reason,"
             " comment, asked_at, asked_by) SELECT id, contract_id, due_date, due_date + 1,"
             " 'agreed', 'probe', :at, :by FROM receivable WHERE client_id = :c"
             " ORDER BY id LIMIT 1"), {"c": client_id, "at": NOW, "by": BY},
    )  # fmt: skip


def _mark(connection: Connection, client_id: int) -> tuple[str, ...]:
    """Write a client's marker wherever the client's own words are; its accounts are one too."""
    marker = "ZQX" + secrets.token_hex(5).upper()
    for statement in _MARKED:
        connection.execute(text(statement), {"m": marker, "c": client_id})
    ibans = connection.execute(
        text("SELECT iban FROM party_account JOIN client USING (company_id) WHERE client.id = :c"),
        {"c": client_id},
    ).scalars().all()  # fmt: skip
    spaced = [" ".join(one[n : n + 4] for n in range(0, len(one), 4)) for one in ibans]
    return (marker, *ibans, *spaced)
