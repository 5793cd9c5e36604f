"""The list of receivables adds up to the ledger; an invoice's page tells its whole life."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from cessio.cash import record_direct_payment
from cessio.funding import queries as funding
from cessio.funding.rules import LineKind
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from cessio.receivables import queries
from cessio.receivables.queries import Age, ReceivableFilter, Status
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

LIST = "/backoffice/receivables"


def shown(minor: int) -> str:
    return formats.money(minor, "EUR", code="fr")


def receivable_accounts(office: Office) -> int:
    with transaction(office.engine) as session:
        return sum(minor for (kind, _), minor in ledger.trial_balance(session).items()
                   if kind is AccountKind.RECEIVABLE)  # fmt: skip


def paid(office: Office, number: str, minor: int) -> None:
    with transaction(office.engine) as session:
        record_direct_payment(session, receivable_id=office.id_of(number), amount_minor=minor,
                              paid_on=office.now.date(), by=office.book.people.alice.by,
                              at=office.now + timedelta(minutes=5))  # fmt: skip


def exported(office: Office, query: str = "") -> list[dict[str, str]]:
    with office.sits(office.book.people.alice) as alice:
        text = alice.get(f"{LIST}?format=csv{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def cents(text: str) -> int:
    return int(re.sub(r"[^\d-]", "", text.replace("\N{MINUS SIGN}", "-")) or 0)


def test_the_foot_of_the_whole_list_is_the_receivable_accounts(office: Office) -> None:
    paid(office, "F-1", 250_00)
    total = receivable_accounts(office)
    with office.sits(office.book.people.alice) as alice, counted(office.engine) as statements:
        page = alice.get(LIST).text
    assert len(statements) <= MOST_STATEMENTS
    assert shown(total) in page
    assert sum(cents(row["Reste dû"]) for row in exported(office)) == total


def test_the_foot_of_a_contract_is_its_accounts_and_the_sum_of_its_rows(office: Office) -> None:
    paid(office, "F-2", 100_00)
    for contract in (office.book.alpha, office.book.bravo):
        with transaction(office.engine) as session:
            wanted = ReceivableFilter(on=office.now.date(), contract_id=contract)
            balance = queries.contract_balances(session, contract)[AccountKind.RECEIVABLE]
            found = queries.found_totals(session, wanted)
            summed = queries.receivable_totals(session, wanted)
        assert found.open_minor == summed.open_minor == {"EUR": balance}
        rows = exported(office, f"&contract={contract}")
        assert sum(cents(row["Reste dû"]) for row in rows) == balance


@pytest.mark.parametrize(
    "query",
    ["who=durand", "who=mercier", "amount=900", "amount_from=750&amount_to=850", "age=not_due",
     "status=any&kind=invoice", "issued_from=2026-11-02&issued_to=2026-11-02",
     "assigned_from=2026-11-16", "client=alpha", "manager=me", "uncovered=yes", "number=F"],
)  # fmt: skip
def test_the_foot_of_a_filtered_list_is_the_sum_of_its_rows(office: Office, query: str) -> None:
    rows = exported(office, f"&{query}")
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(f"{LIST}?{query}").text
    foot = page.partition("<tfoot>")[2].partition("</tfoot>")[0]
    if rows:
        assert shown(sum(cents(row["Reste dû"]) for row in rows)) in foot
    assert 'class="chips"' in page
    assert page.count('class="chip"') == query.count("=")


def test_filters_find_what_they_say(office: Office) -> None:
    def found(query: str) -> set[str]:
        return {row["Numéro"] for row in exported(office, f"&{query}")}

    assert found("who=mercier") == {"F-3"}
    assert found("amount=900") == {"F-1"}
    assert found("amount_from=750&amount_to=850") == {"F-3"}
    assert found("client=bravo") == {"B-1"}
    assert found("amount=rien") == set()
    assert found("age=1-30") == set()
    later = office.now.date() + timedelta(days=60)
    with transaction(office.engine) as session:
        late = ReceivableFilter(on=later, age=Age.UP_TO_30)
        assert queries.found_totals(session, late).count == 4
        assert queries.found_totals(session, ReceivableFilter(
            on=later, status=Status.OVERDUE)).count == 4  # fmt: skip


def test_empty_fields_leave_the_address(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        answer = alice.get(f"{LIST}?number=&who=durand&amount=")
    assert answer.headers["location"] == f"{LIST}?who=durand"


def test_the_entries_of_an_invoice_add_up_to_what_is_open(office: Office) -> None:
    paid(office, "F-1", 250_00)
    with office.sits(office.book.people.alice) as alice, counted(office.engine) as statements:
        page = alice.get(f"{LIST}/{office.id_of('F-1')}").text
    assert len(statements) <= MOST_STATEMENTS
    entries = page.partition('id="entries"')[2].partition("</section>")[0]
    body, _, foot = entries.partition("<tfoot>")
    assert body.count("<tr>") == 3  # the head, the assignment, the payment
    for minor in (900_00, 250_00, 650_00):
        assert shown(minor) in foot


def test_a_proof_is_attached_read_back_and_told_in_the_life(office: Office) -> None:
    path = f"{LIST}/{office.id_of('F-1')}"
    with office.sits(office.book.people.alice) as alice:
        sent = alice.post(f"{path}/documents", data={"kind": "delivery_note"},
                          files={"file": ("BL 12.pdf", b"%PDF-1.7 proof", "application/pdf")},
                          )  # fmt: skip
        assert sent.status_code == 303, sent.text
        page = alice.get(path).text
        found = re.search(rf'href="({path}/documents/\d+)"', page)
        assert found is not None
        assert "Pièce jointe" in page
        assert alice.get(found[1]).content == b"%PDF-1.7 proof"
        other = found[1].replace(str(office.id_of("F-1")), str(office.id_of("F-2")), 1)
        assert alice.get(other).status_code == 404
        assert alice.post(f"{path}/documents", data={"kind": "delivery_note"}).status_code == 422


def test_what_withholds_an_invoice_and_what_would_free_it_is_said(office: Office) -> None:
    path = f"{LIST}/{office.id_of('F-2')}"
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(path).text
        assert "Facture 2 sur 2" in page  # of Durand's two under Alpha's contract
        held = alice.post(f"{path}/holds", data={"hold_reason": "document_missing",
                                                 "hold_comment": "?"})  # fmt: skip
        assert held.status_code == 303
        assert "Joignez la pièce, puis levez la retenue." in alice.get(path).text
        person = str(office.book.people.alice.id)
        assert alice.post(f"{path}/follower", data={"person": person}).status_code == 303
        assert "Confiée à Alice Martin" in alice.get(path).text


def test_what_is_above_the_limit_of_its_debtor_is_not_said_to_be_funded(office: Office) -> None:
    with transaction(office.engine) as session:
        found = funding.withheld(session, contract_id=office.book.alpha, on=office.now.date(),
                                 kind=LineKind.OVER_LIMIT)  # fmt: skip
    above = max(found.receivables, key=lambda one: one.amount_minor)
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(f"{LIST}/{above.row.id}").text
    assert "Au-delà de la limite de son débiteur" in page
    assert shown(above.amount_minor) in page
    assert "Rien ne la retient" not in page
