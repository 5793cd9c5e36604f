"""A client sees its own and not a byte of another's, whatever address it writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import text

from cessio.documents import store
from cessio.funding import request_drawdown
from cessio.identity.operations import issue_token
from cessio.identity.rules import Scope, may_use
from cessio.limits import ask_for_limit
from cessio.notifications import notify
from cessio.parties.operations import give_certificate
from cessio.plumbing import jobs
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from cessio.sharing import Part, ShareRole, share_by_link
from cessio.sharing.operations import Reader
from cessio.statements import StatementFormat, ask_statement, issue_invoices, print_invoice
from tests.receivables.books import assigned, draft, invoice
from tests.web.browser import machine
from tests.web.portal.conftest import Portal

#: What only Alpha's pages may say.
CANARIES = ("CANARI-", "Garages Leroy", "Alpha Métallerie", "ALPHA")


@dataclass
class Ids:
    """Alpha's own, by the name of the path parameter."""

    values: dict[str, Any]


@pytest.fixture
def ids(portal: Portal) -> Ids:
    """Something of every kind in Alpha's book."""
    book, now = portal.book, portal.now
    fanny = book.people.fanny
    with transaction(portal.engine) as session:
        done = assigned(session, book, now, invoice(book, "CANARI-1", 900_000, debtor="leroy"))
        open_draft = draft(session, book, now, invoice(book, "CANARI-2", 100_000, debtor="leroy"))
        operations.check(session, remittance_id=open_draft, on=date(2026, 11, 16), by=book.by,
                         at=now)  # fmt: skip
        drawn = request_drawdown(
            session, contract_id=book.alpha, amount_minor=100_00, by=fanny.by, at=now
        )
        ask_for_limit(session, contract_id=book.alpha, debtor_id=book.people.leroy.id,
                      amount_minor=50_000_00, comment="CANARI-3", by=fanny.by, at=now)  # fmt: skip
        job = jobs.enqueue(session, kind="remittance.check", key="canary", by=fanny.by, at=now,
                           payload={"remittance_id": open_draft},
                           client_id=book.people.alpha.id)  # fmt: skip
        token = issue_token(
            session, person_id=fanny.id, name="CANARI-4", scopes=[Scope.FUNDING_READ],
            expires_at=now.replace(year=2027), by=fanny.by, at=now,
        )  # fmt: skip
        receivable = session.scalar(text("SELECT id FROM receivable WHERE number = 'CANARI-1'"))
        notify(session, person_ids=[fanny.id], kind="drawdown_refused", values={"why": "CANARI-7"},
               href="/portal/funding", at=now, key="canary")  # fmt: skip
        told = session.scalar(text("SELECT id FROM notification WHERE key = 'canary'"))
        file = store(
            session, kind="remittance_file", subject_kind="remittance", subject_id=open_draft,
            filename="CANARI-5.csv", media_type="text/csv", content=b"CANARI-6",
            client_id=book.people.alpha.id, by=fanny.by, at=now,
        )  # fmt: skip
        paper = store(
            session, kind="attachment", subject_kind="receivable", subject_id=int(receivable or 0),
            filename="CANARI-8.pdf", media_type="application/pdf", content=b"CANARI-9",
            client_id=book.people.alpha.id, by=book.by, at=now,
        )  # fmt: skip
        rib = give_certificate(
            session, account_id=book.people.alpha.account_id, filename="CANARI-11.pdf",
            content=b"%PDF-CANARI-12", by=fanny.by, at=now,
        )  # fmt: skip
        given = share_by_link(
            session, client_id=book.people.alpha.id, parts=[Part.STATEMENTS], contract_ids=None,
            reader=Reader("CANARI-10", "", ShareRole.BANKER), until_on=date(2027, 3, 31),
            by=fanny.by, at=now,
        )  # fmt: skip
        kept = ask_statement(
            session, contract_id=book.alpha, from_on=date(2026, 11, 1), to_on=date(2026, 11, 30),
            file_format=StatementFormat.CSV, language="en", by=fanny.by, at=now,
        )  # fmt: skip
        issue_invoices(session, month=date(2026, 11, 1), by=book.by, at=now + timedelta(days=15))
        fees = session.scalar(text("SELECT id FROM fee_invoice WHERE contract_id = :id"),
                              {"id": book.alpha})  # fmt: skip
        print_invoice(session, invoice_id=fees, by=book.by, at=now + timedelta(days=15))
    portal.visit(fanny)
    with transaction(portal.engine) as session:
        own = session.scalar(
            text("SELECT id FROM web_session WHERE person_id = :id LIMIT 1"), {"id": fanny.id}
        )
    return Ids(
        {
            "remittance_id": [done.remittance_id, open_draft], "line": [1], "job_id": [job],
            "receivable_id": [receivable], "drawdown_id": [drawn.drawdown_id],
            "contract_id": [book.alpha], "debtor_id": [book.people.leroy.id],
            "session_id": [own], "token_id": [token.id], "file_format": ["csv"],
            "document_id": [file.id, paper.id, rib], "notification_id": [told],
            "share_id": [given.share_id], "account_id": [book.people.alpha.account_id],
            "person_id": [book.people.gilles.id], "kept_id": [kept], "statement_id": [kept],
            "invoice_id": [fees],
        }
    )  # fmt: skip


def routes(app: Litestar) -> list[tuple[str, str]]:
    """Every address of the portal and each of its methods."""
    found = [
        (method, route.path_format if hasattr(route, "path_format") else route.path)
        for route in app.routes if isinstance(route, HTTPRoute)
        for method in sorted(route.methods) if method in ("GET", "POST")
    ]  # fmt: skip
    return [(method, path) for method, path in found if path.startswith("/portal")]


def filled(path: str, ids: Ids) -> list[str]:
    """The address with each of Alpha's ids in it."""
    names = re.findall(r"{(\w+)(?::\w+)?}", path)
    made = [path]
    for name in names:
        pattern = re.compile(rf"{{{name}(?::\w+)?}}")
        made = [pattern.sub(str(value), one) for one in made for value in ids.values[name]]
    return made


def test_every_address_with_another_clients_ids_is_not_there(portal: Portal, ids: Ids) -> None:
    helene = portal.visit(portal.book.people.helene, "en")
    walked = 0
    for method, path in routes(portal.app):
        if "{" not in path:
            continue
        for address in filled(path, ids):
            query = "?line=ineligible&reason=disputed" if "withheld" in address else ""
            answer = helene.request(method, address + query)
            assert answer.status_code == 404, (method, address, answer.status_code)
            assert not [word for word in CANARIES if word in answer.text], address
            walked += 1
    assert walked > 20


def test_pages_without_ids_show_the_readers_own_book_alone(portal: Portal, ids: Ids) -> None:
    helene = portal.visit(portal.book.people.helene, "en")
    alpha = portal.book.alpha
    for method, path in routes(portal.app):
        if method != "GET" or "{" in path:
            continue
        answer = helene.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
        assert not [word for word in CANARIES if word in answer.text], path
        other = helene.get(f"{path}?contract={alpha}")
        assert not [word for word in CANARIES if word in other.text], path


def test_a_key_of_another_client_reads_nothing_and_changes_nothing(
    portal: Portal, ids: Ids
) -> None:
    """Every address of the API that names something, with Alpha's ids and Bravo's key."""
    helene = portal.book.people.helene
    with transaction(portal.engine) as session:
        key = issue_token(
            session, person_id=helene.id, name="all",
            scopes=[one for one in Scope if may_use(helene.role, one)],
            expires_at=portal.now.replace(year=2027), by=helene.by, at=portal.now,
        )  # fmt: skip
    script = machine(portal.app, key.secret)
    walked = set()
    for route in portal.app.routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/api/v1"):
            continue
        for method in sorted(route.methods & {"GET", "POST", "PUT", "DELETE"}):
            names = re.findall(r"{(\w+)(?::\w+)?}", route.path_format)
            everything = Ids({name: ids.values.get(name, [1]) for name in names})
            for address in filled(route.path_format, everything):
                sent = {"json": {}} if method in ("POST", "PUT") else {}
                answer = script.request(
                    method, address, headers={"Idempotency-Key": f"canary-{len(walked)}"}, **sent
                )
                ours = ("400", "403", "404", "409", "415", "422") if names else ()
                assert not ours or str(answer.status_code) in ours, (method, address, answer.text)
                assert answer.status_code < 500, (method, address)
                assert not [word for word in CANARIES if word in answer.text], address
                walked.add((method, route.path_format))
    assert len(walked) > 40


def test_the_owner_sees_them(portal: Portal, ids: Ids) -> None:
    fanny = portal.fanny
    seen = set()
    for method, path in routes(portal.app):
        if method != "GET":
            continue
        for address in filled(path, ids):
            query = "?line=concentration" if "withheld" in address else ""
            answer = fanny.get(address + query)
            assert answer.status_code < 500, (address, answer.text[-1500:])
            if answer.status_code in (200, 303):
                seen.add(path)
    missed = {path for method, path in routes(portal.app) if method == "GET"} - seen
    # A typed draft has no file whose columns could be told.
    assert all("/columns" in path for path in missed)
