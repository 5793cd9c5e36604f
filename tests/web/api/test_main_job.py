"""The main job by machines alone: two people's keys, from the documents to the statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from cessio.closing.bulk import prove
from cessio.identity import Scope
from cessio.identity.operations.tokens import issue_token
from cessio.identity.rules import may_use
from cessio.plumbing.database import transaction
from cessio.statements import issue_invoices, print_invoice
from cessio.statements.queries.invoices import fee_invoices_of, unprinted
from tests.people import Named
from tests.web.backoffice.desk import Desk, make_desk, money_in, money_out


class Machine:
    """A program that holds somebody's key, with every scope its person may have."""

    def __init__(self, desk: Desk, person: Named) -> None:
        with transaction(desk.engine) as session:
            held = [one for one in Scope if may_use(person.role, one)]
            self.secret = issue_token(
                session, person_id=person.id, name="tests", scopes=held,
                expires_at=desk.now + timedelta(days=1), by=person.by, at=desk.now,
            ).secret  # fmt: skip
        self.client = TestClient(desk.app)
        self.sent = 0

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", headers=self._headers())
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer

    def post(self, path: str, body: object | None = None, file: bytes | None = None) -> Any:
        self.sent += 1
        headers = self._headers() | {"Idempotency-Key": f"k{self.sent}"}
        answer = (
            self.client.post(f"/api/v1{path}", json=body, headers=headers)
            if file is None
            else self.client.post(
                f"/api/v1{path}", files={"file": ("f.xml", file, "application/xml")},
                headers=headers,
            )
        )  # fmt: skip
        assert answer.status_code in (200, 201), f"{path}: {answer.text}"
        return answer.json()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path, payout_approval_threshold_minor=5_000_00)


def test_from_the_documents_to_the_statement_by_keys_alone(desk: Desk) -> None:
    people = desk.book.people
    fanny, bruno, denis = (Machine(desk, one) for one in (people.fanny, people.bruno, people.denis))
    contract = f"/contracts/{desk.book.alpha}"

    sent = fanny.post("/remittances", {
        "contract_id": desk.book.alpha,
        "documents": [{"number": "F-1", "issue_date": "2026-11-02", "due_date": "2026-12-17",
                       "amount_minor": 10_000_00, "debtor_id": people.durand.id}],
    })  # fmt: skip
    number = sent["remittance"]["remittance"]["id"]
    effect = fanny.get(f"/remittances/{number}/effect").json()
    fanny.post(f"/remittances/{number}/submission")
    available = fanny.get(f"{contract}/availability").json()["available_minor"]
    assert effect["after"]["available_minor"] == available
    assert effect["before"]["available_minor"] < available

    asked = fanny.post("/drawdowns", {"contract_id": desk.book.alpha, "amount_minor": 6_000_00})
    assert asked["state"] == "requested"
    drawn = f"/drawdowns/{asked['drawdown_id']}"
    seen = bruno.get(drawn).json()["seen"]
    assert bruno.post(f"{drawn}/decision", {"answer": "approve", "seen": seen}) == {
        "state": "granted"
    }
    sealed = bruno.post("/payment-orders", {
        "account_id": desk.account_id, "execute_on": "2026-11-16",
        "drawdown_ids": [asked["drawdown_id"]],
    })  # fmt: skip
    order = f"/payment-orders/{sealed['order_id']}"
    seen = {"seen": bruno.get(order).json()["order"]["sha256"]}
    assert Machine(desk, people.ines).post(f"{order}/signatures", seen) == {"signatures": 2}
    assert b"pain.001.001.09" in bruno.get(f"{order}/file").content
    bruno.post(f"{order}/sending")
    assert bruno.get(order).json()["payouts"][0]["state"] == "ordered"

    name = bruno.get(order).json()["payouts"][0]["end_to_end_id"]
    denis.post("/bank-statements", file=desk.bank_file(
        money_out(desk, 6_000_00, name), money_in(desk, 10_000_00, "FACTURE F-1"),
        money_in(desk, 3_210_00, "VIREMENT", name="CENTRALE", iban=None),
    ))  # fmt: skip
    assert bruno.get(order).json()["payouts"][0]["state"] == "paid"
    (line,) = denis.get("/bank-lines").json()["lines"]
    assert line["open_minor"] == 3_210_00
    treasury(denis, line["line_id"])
    parked = f"/bank-lines/{line['line_id']}"
    denis.post(f"{parked}/parking", {"owner_id": people.alice.id, "note": "whose is it?"})
    assert denis.get("/bank-lines").json()["lines"] == []
    denis.post(f"{parked}/unparking")
    applied = denis.post(f"{parked}/applications", {
        "chosen": [{"amount_minor": 3_210_00, "receivable_id": _receivable(fanny, "FA-1003")}],
    })  # fmt: skip
    undone = f"/applications/{applied['application_id']}/undo"
    assert denis.post(undone, {"reason": "not his"}) == {"undone": True}

    account = fanny.get(f"{contract}/statement?from_on=2026-11-01&to_on=2026-11-30").json()
    amounts = [row["amount_minor"] for row in account["current"]["lines"]]
    assert -6_000_00 in amounts
    assert 10_000_00 in amounts
    with transaction(desk.engine) as session:
        assert [one for proof in prove(session) for one in proof.findings] == []
    fee_invoices(desk, fanny)


def fee_invoices(desk: Desk, fanny: Machine) -> None:
    """A month's invoice is listed, its paper fetched; another client's is as if it were not."""
    later, job = desk.now + timedelta(days=20), "job:statements.fee_invoices"
    other = desk.book.bravo
    with transaction(desk.engine) as session:
        issue_invoices(session, month=desk.today, by=job, at=later)
        for invoice_id in unprinted(session, after=0, limit=9):
            print_invoice(session, invoice_id=invoice_id, by=job, at=later)
        theirs = [one.id for one in fee_invoices_of(session, contract_id=other)]
    (made,) = fanny.get(f"/contracts/{desk.book.alpha}/fee-invoices").json()["fee_invoices"]
    assert made["net_minor"] > 0
    assert fanny.get(f"/fee-invoices/{made['id']}/file").content.startswith(b"%PDF-")
    for hidden in (
        f"/contracts/{other}/fee-invoices",
        *(f"/fee-invoices/{one}/file" for one in theirs),
        "/fee-invoices/9999/file",
    ):
        with pytest.raises(AssertionError, match=r"not_found|unknown"):
            fanny.get(hidden)


def treasury(denis: Machine, line_id: int) -> None:
    """Every filter finds the movement, its totals are the suspense account; the position agrees."""
    position = denis.get("/treasury-position").json()
    suspense = sum(one["unallocated_minor"] for one in position["accounts"])
    for narrowed in ("", "&payer=central", "&amount_minor=321000", "&from_on=2026-11-16",
                     "&state=match", "&order=-amount&limit=1"):  # fmt: skip
        found = denis.get(f"/bank-movements?{narrowed}").json()
        assert [row["line_id"] for row in found["rows"]] == [line_id], narrowed
        assert sum(one["open_minor"] for one in found["totals"]) == suspense == 3_210_00
    for none in ("state=parked", "payer=nobody", "to_on=2026-11-01", "amount_minor=-1"):
        assert denis.get(f"/bank-movements?{none}").json()["rows"] == [], none
    with pytest.raises(AssertionError, match="choice_unknown"):
        denis.get("/bank-movements?state=lost")
    assert position["payouts"] == []
    assert all(one["books_minor"] == one["bank_minor"] for one in position["accounts"])


def _receivable(machine: Machine, number: str) -> int:
    (row,) = machine.get(f"/receivables?number={number}&status=any").json()["rows"]
    found: int = row["id"]
    return found
