"""A whole day with a bank that is not ours: order out, answer in, money in, statements in.

The bank is the ``mock-bank`` package in a process of its own, with its own clock and rules.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cessio import banking
from cessio.banking import queries
from cessio.banking.rules import PayoutOutcome
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as ledger

BY = "person:1"
OURS = "NL41MOCK0000000001"
CLOSED = "NL84MOCK0000000003"


@dataclass(frozen=True, slots=True)
class Bank:
    """The bank's doors."""

    url: str

    def call(self, method: str, path: str, body: bytes | None = None) -> Any:
        kind = "application/json" if body and body.startswith(b"{") else "application/xml"
        request = urllib.request.Request(
            self.url + path, data=body, method=method, headers={"Content-Type": kind}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def letters(self, kind: str) -> list[bytes]:
        """The messages of a kind that wait for us, oldest first."""
        waiting = self.call("GET", "/_mock/mailbox")
        found = [
            letter for letter in waiting
            if letter["type"].startswith(kind) and letter["account"] == "ACME"
        ]  # fmt: skip
        return [letter["body"].encode() for letter in sorted(found, key=lambda one: one["id"])]


@pytest.fixture(scope="module")
def bank() -> Iterator[Bank]:
    """The bank, opened on the morning of the tests' Monday."""
    pytest.importorskip("mockbank")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "mockbank", "--port", str(port), "--clock", "2026-11-16T09:00", "-q"]
    )
    door = Bank(f"http://127.0.0.1:{port}")
    for _ in range(100):
        with suppress(OSError):
            door.call("GET", "/_mock/health")
            break
        time.sleep(0.1)
    yield door
    process.terminate()
    process.wait(10)


def test_a_day_with_the_bank(bank: Bank, session: Session, now: datetime) -> None:
    account_id = banking.open_account(
        session, name="Mock", iban=OURS, bic="MOCKNL2A", holder="ACME Corporation",
        is_payout=True, by="system:setup", at=now,
    )  # fmt: skip
    order = banking.seal_payment_order(
        session, account_id=account_id, execute_on=date(2026, 11, 17), by=BY, at=now,
        payments=[
            banking.Payment("DD-1", 100_050, "EUR", "Alpha Métallerie SAS",
                            "FR7630004008120001012345640", "BNPAFRPPXXX",
                            banking.Address("Lyon", "FR"), "Tirage"),
            banking.Payment("DD-2", 200_000, "EUR", "Initech Services", CLOSED, "MOCKNL2A"),
        ],
    )  # fmt: skip
    taken = bank.call(
        "POST", "/payments", queries.order_file(session, order_id=order.order_id).content
    )
    assert (taken["accepted"], taken["rejected"], taken["findings"]) == (1, 1, [])
    banking.sign_payment_order(session, order_id=order.order_id, seen=order.sha256, by="person:2",
                               at=now)  # fmt: skip
    banking.record_order_sent(session, order_id=order.order_id, by=BY, at=now)

    (answer,) = bank.letters("pain.002")
    said = banking.record_bank_answer(session, data=answer, filename="002.xml", by=BY, at=now)
    assert said.order_id == order.order_id
    assert [(one.outcome, one.reason) for one in said.payments] == [
        (PayoutOutcome.PENDING, None), (PayoutOutcome.REJECTED, "account_closed"),
    ]  # fmt: skip

    credit = {
        "account": "ACME", "amount": 1_200_000, "reference": "RF18539007547034",
        "note": "FACTURE F-2026-001",
        "debtor": {"name": "Distribution Durand SA", "iban": "FR3330002005500000157841Z25"},
    }  # fmt: skip
    bank.call("POST", "/_mock/credits", json.dumps(credit).encode())
    bank.call("POST", "/_mock/advance?days=3")

    later = now + timedelta(days=3)
    imported = [
        one
        for letter in bank.letters("camt.053")
        for one in banking.import_statement(
            session, data=letter, filename="053.xml", by=BY, at=later
        )
    ]
    assert len(imported) >= 2
    assert [one.warnings for one in imported] == [()] * len(imported)
    lines = {
        line.amount_minor: line
        for one in imported
        for line in queries.lines(session, statement_id=one.statement_id)
    }
    assert set(lines) == {1_200_000, -100_050}
    assert lines[-100_050].end_to_end_id == "DD-1"
    assert lines[1_200_000].party_name == "Distribution Durand SA"
    assert lines[1_200_000].text == "FACTURE F-2026-001"
    assert lines[1_200_000].references == ("RF18539007547034",)
    moved = ledger.balance(session, AccountKey(AccountKind.BANK, "EUR", bank_id=account_id))
    assert moved == 1_099_950
    (position,) = queries.positions(session)
    (held,) = [one for one in bank.call("GET", "/_mock/accounts") if one["id"] == "ACME"]
    assert position.bank_minor == held["balance"] == 12_500_000 + moved
    assert queries.gaps(session) == []
