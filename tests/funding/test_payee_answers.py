"""What a bank says of many payees: by a file, by a gateway; shown where the account is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy.orm import Session
from tests.people import ALPHA, BRAVO, People, settle_in

from cessio.funding import queries
from cessio.funding.formats.payee_answers import MOST_ROWS, PayeeAnswer, read_answers
from cessio.funding.operations import accept_payee, take_answers
from cessio.funding.operations.verifying import Taken
from cessio.funding.rules.payees import Payee, PayeeOutcome, PayeeSource
from cessio.kernel.errors import Forbidden, Invalid
from cessio.parties import add_account
from cessio.plumbing import confined
from cessio.plumbing.payee_gateway import PayeeGateway


@pytest.fixture
def people(session: Session, now: datetime) -> People:
    return settle_in(session, at=now)


CSV = f"""\ufeffNom du bénéficiaire;IBAN;Résultat;Nom suggéré;Date
ALPHA METALLERIE SAS;{ALPHA.iban};MTCH;;2026-11-16
Bravo Textile SARL;{BRAVO.iban[:4]} {BRAVO.iban[4:]};cmtc;BRAVO TEXTILES;2026-11-16
Nobody We Pay;FR1420041010050500013M02606;NMTC;;2026-11-16
""".encode()


def payee(session: Session, iban: str) -> Payee:
    [one] = [each for each in queries.all_payees(session) if each.iban == iban]
    return one


def take(session: Session, data: bytes, people: People, now: datetime) -> Taken:
    return take_answers(session, read_answers(data), source=PayeeSource.FILE,
                        by=people.ines.by, at=now)  # fmt: skip


def test_a_bank_file_says_what_it_knows_of_those_we_pay_and_only_of_those(
    session: Session, people: People, now: datetime
) -> None:
    assert take(session, CSV, people, now) == Taken(kept=2, known=0, strangers=1)
    alpha, bravo = payee(session, ALPHA.iban), payee(session, BRAVO.iban)
    assert (alpha.outcome, alpha.source) == (PayeeOutcome.MATCH, PayeeSource.FILE)
    assert (bravo.outcome, bravo.returned_name) == (PayeeOutcome.CLOSE, "BRAVO TEXTILES")
    assert alpha.checked_by == people.ines.by
    assert take(session, CSV, people, now) == Taken(kept=0, known=2, strangers=1)


def test_a_change_of_iban_or_name_voids_the_answer(
    session: Session, people: People, now: datetime
) -> None:
    take(session, CSV, people, now)
    other = "FR1420041010050500013M02606"
    add_account(session, company_id=people.alpha.company_id, iban=other, is_payout=True,
                by=people.alice.by, at=now)  # fmt: skip
    assert payee(session, other).outcome is None
    [renamed] = queries.payees(session, [("Alpha Autre", ALPHA.iban)])
    assert renamed.outcome is None
    assert queries.names_checked(session, [ALPHA.iban]) == {ALPHA.iban: ALPHA.name}


def test_who_took_the_file_does_not_accept_what_is_doubtful_in_it(
    session: Session, people: People, now: datetime
) -> None:
    told = [{"name": ALPHA.name, "iban": ALPHA.iban, "outcome": "NMTC"}]
    take(session, json.dumps({"results": told}).encode(), people, now)
    check = payee(session, ALPHA.iban).check_id
    assert check is not None
    with pytest.raises(Forbidden):
        accept_payee(session, check_id=check, reason="Known.", by=people.ines.by, at=now)
    accept_payee(session, check_id=check, reason="Called.", by=people.bruno.by, at=now)
    take(session, json.dumps(told).encode(), people, now)
    assert not payee(session, ALPHA.iban).is_held  # the same word again takes nothing back


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "payee_column"),
        (b"name,iban\nA,B\n", "payee_column"),
        (b"name,iban,outcome,iban\n", "payee_column"),
        (b"name,iban,outcome\n", "payee_file_empty"),
        (b"name,iban,outcome\nA,B,MTCH,x\n", "payee_row_shifted"),
        (b"\xff\xfe", "payee_file_encoding"),
        (b"[", "payee_file_json"),
        (b'{"a": [], "b": []}', "payee_file_json"),
        (b"[" * 100_000, "payee_file_json"),
        (b"x" * 2_000_001, "payee_file_large"),
        (b"name,iban,outcome\n" + b"A,B,MTCH\n" * (MOST_ROWS + 1), "payee_file_large"),
    ],
)
def test_a_file_that_is_no_answer_says_what_is_wrong(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_answers(data)
    assert refused.value.code == code
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("row", "code"),
    [("A;B;YES;", "payee_code"), ("A;B;CMTC;", "payee_name_back"), (";B;MTCH;", "payee_pair")],
)
def test_a_line_that_says_nothing_is_named_also_from_the_child_that_reads(row: str, code: str
                                                                          ) -> None:  # fmt: skip
    data = f"name;iban;result;returned name\nA;B;MTCH;\n{row}\n".encode()
    with pytest.raises(Invalid) as refused:
        confined.read(read_answers, data)
    assert (refused.value.code, refused.value.params["line"]) == (code, 3)


class Bank(BaseHTTPRequestHandler):
    """A bank that knows one name otherwise and nobody else."""

    status = 200
    heard: list[dict[str, Any]] = []  # of the class: one server, one test

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).heard.append({"token": self.headers["Authorization"], **asked})
        told = [{**one, "outcome": "CMTC", "returned_name": "ALPHA"} for one in asked["payees"]]
        self.send_response(type(self).status)
        self.end_headers()
        self.wfile.write(json.dumps({"results": told}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its parent's
        """Say nothing."""


@contextmanager
def bank(status: int = 200) -> Iterator[tuple[PayeeGateway, list[dict[str, Any]]]]:
    kind = type("ThisBank", (Bank,), {"status": status, "heard": []})
    with HTTPServer(("127.0.0.1", 0), kind) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.server_address[1]}/vop?x=1"
        yield PayeeGateway(url, "secret"), kind.heard  # type: ignore[attr-defined]
        listening.shutdown()


def test_a_gateway_is_asked_over_http_and_answers() -> None:
    with bank() as (gateway, heard):
        told = read_answers(gateway.ask([(ALPHA.name, ALPHA.iban)]))
    assert told == [PayeeAnswer(ALPHA.name, ALPHA.iban, PayeeOutcome.CLOSE, "ALPHA")]
    assert heard == [
        {"token": "Bearer secret", "payees": [{"name": ALPHA.name, "iban": ALPHA.iban}]}
    ]


@pytest.mark.parametrize("status", [302, 401, 500, 204])
def test_a_gateway_that_does_not_answer_is_no_answer(status: int) -> None:
    with bank(status) as (gateway, _), pytest.raises(ConnectionError):
        gateway.ask([(ALPHA.name, ALPHA.iban)])


def test_an_unconfirmed_account_is_asked_about_before_anything_goes_there(
    session: Session, people: People, now: datetime
) -> None:
    made = add_account(session, company_id=people.bravo.company_id, is_payout=True,
                       iban="FR1420041010050500013M02606", by=people.alice.by, at=now)  # fmt: skip
    assert made
    assert {one.iban for one in queries.all_payees(session)} >= {
        ALPHA.iban,
        BRAVO.iban,
        "FR1420041010050500013M02606",
    }
