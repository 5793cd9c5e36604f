"""Payment orders: valid, the same bytes each time, and refused with every reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cessio.banking.formats import pain001
from cessio.banking.formats.pain001 import (
    MAX_MINOR,
    Address,
    OrderHead,
    OrderNotValid,
    Payment,
    payments_of,
    write_pain001,
)
from cessio.banking.formats.sepa_text import is_reference, sepa_text
from cessio.kernel.errors import Problems
from cessio.plumbing import xml
from tests.banking.camt_samples import SCHEMAS

NS = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
HEAD = OrderHead(
    message_id="PAY-00000001",
    created_at=datetime(2026, 11, 16, 9, 0, tzinfo=UTC),
    execute_on=date(2026, 11, 17),
    debtor_name="Société d'Affacturage & Cie",
    debtor_iban="FR76 3000 6000 0112 3456 7890 189",
    debtor_bic="AGRIFRPPXXX",
)
PAYMENT = Payment(
    end_to_end_id="DD-000001",
    amount_minor=1_050_000,
    currency="EUR",
    creditor_name="Alpha Métallerie SAS",
    iban="FR7630004008120001012345640",
    bic="BNPAFRPPXXX",
    address=Address(city="Lyon", country="FR", street="14 rue des Forges", post_code="69007"),
    text="Financement CT-000001",
)


def tree(*payments: Payment) -> xml.Element:
    return xml.parse(write_pain001(HEAD, payments))


def texts(root: xml.Element, name: str) -> list[str | None]:
    return [node.text for node in root.iter(f"{NS}{name}")]


def codes(head: OrderHead, *payments: Payment) -> list[tuple[str, str | None]]:
    with pytest.raises(Problems) as refused:
        write_pain001(head, payments)
    return [(problem.code, problem.field) for problem in refused.value.problems]


class TestTheFile:
    def test_it_says_who_pays_whom_what_and_when(self) -> None:
        root = tree(PAYMENT)
        assert texts(root, "Nm") == ["Societe d'Affacturage + Cie"] * 2 + ["Alpha Metallerie SAS"]
        assert texts(root, "IBAN") == [
            "FR7630006000011234567890189", "FR7630004008120001012345640",
        ]  # fmt: skip
        assert texts(root, "InstdAmt") == ["10500.00"]
        assert texts(root, "Dt") == ["2026-11-17"]
        assert texts(root, "EndToEndId") == ["DD-000001"]
        assert texts(root, "Ustrd") == ["Financement CT-000001"]
        assert [node.tag.removeprefix(NS) for node in next(root.iter(f"{NS}PstlAdr"))] == [
            "StrtNm", "PstCd", "TwnNm", "Ctry",
        ]  # fmt: skip

    def test_control_totals_are_those_of_the_payments(self) -> None:
        other = replace(PAYMENT, end_to_end_id="DD-2", amount_minor=1)
        root = tree(PAYMENT, other)
        assert texts(root, "NbOfTxs") == ["2", "2"]
        assert texts(root, "CtrlSum") == ["10500.01", "10500.01"]

    def test_the_same_order_gives_the_same_bytes(self) -> None:
        assert write_pain001(HEAD, [PAYMENT]) == write_pain001(HEAD, [PAYMENT])

    def test_the_instant_is_written_in_utc_whoever_asks(self) -> None:
        paris = HEAD.created_at.astimezone(timezone(timedelta(hours=1)))
        assert write_pain001(replace(HEAD, created_at=paris), [PAYMENT]) == write_pain001(
            HEAD, [PAYMENT]
        )

    @pytest.mark.parametrize("address", [None, Address("Lyon", None), Address(None, "FR")])
    def test_an_address_without_city_and_country_is_not_written(
        self, address: Address | None
    ) -> None:
        assert texts(tree(replace(PAYMENT, address=address)), "Ctry") == []

    def test_no_address_is_ever_unstructured(self) -> None:
        assert texts(tree(PAYMENT), "AdrLine") == []

    def test_a_bank_that_is_not_known_is_said_so(self) -> None:
        root = xml.parse(write_pain001(replace(HEAD, debtor_bic=None), [PAYMENT]))
        assert "NOTPROVIDED" in texts(root, "Id")

    def test_payments_can_be_read_back(self) -> None:
        other = replace(PAYMENT, end_to_end_id="DD-2", amount_minor=1)
        assert payments_of(write_pain001(HEAD, [PAYMENT, other])) == [
            ("DD-000001", 1_050_000), ("DD-2", 1),
        ]  # fmt: skip

    @pytest.mark.skipif(not SCHEMAS.is_dir(), reason="no schemas at hand (../shared/xsd)")
    def test_it_is_valid_against_the_published_schema(self) -> None:
        schema = etree.XMLSchema(etree.parse(SCHEMAS / "pain.001.001.09.xsd"))
        assert schema.validate(tree(PAYMENT)), schema.error_log.last_error

    def test_what_the_schema_refuses_is_never_given_out(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pain001, "_iban", lambda iban: f"<Id><IBAN>{iban}!</IBAN></Id>")
        with pytest.raises(OrderNotValid, match=r"not a valid pain\.001"):
            write_pain001(HEAD, [PAYMENT])


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("change", "code", "field"),
        [
            ({"amount_minor": 0}, "amount_out_of_range", "amount_minor"),
            ({"amount_minor": -1}, "amount_out_of_range", "amount_minor"),
            ({"amount_minor": 1_000_000_000_00}, "amount_out_of_range", "amount_minor"),
            ({"currency": "USD"}, "currency_not_sepa", "currency"),
            ({"iban": "FR7630004008120001012345641"}, "iban_invalid", "iban"),
            ({"iban": ""}, "iban_invalid", "iban"),
            ({"iban": "TN5910006035183598478831"}, "iban_outside_sepa", "iban"),
            ({"bic": "NOPE"}, "bic_invalid", "bic"),
            ({"creditor_name": " "}, "name_missing", "creditor_name"),
            ({"end_to_end_id": ""}, "reference_invalid", "end_to_end_id"),
            ({"end_to_end_id": "x" * 36}, "reference_invalid", "end_to_end_id"),
            ({"end_to_end_id": "/x"}, "reference_invalid", "end_to_end_id"),
            ({"end_to_end_id": "a//b"}, "reference_invalid", "end_to_end_id"),
            ({"end_to_end_id": "é"}, "reference_invalid", "end_to_end_id"),
            ({"text": "x" * 141}, "text_too_long", "text"),
            ({"address": Address("Lyon", "France")}, "country_invalid", "address"),
        ],
    )
    def test_a_payment_the_bank_would_refuse(
        self, change: dict[str, object], code: str, field: str
    ) -> None:
        assert codes(HEAD, PAYMENT, replace(PAYMENT, **{"end_to_end_id": "B", **change})) == [
            (code, f"payments[1].{field}")
        ]

    def test_everything_wrong_is_told_at_once(self) -> None:
        bad = replace(PAYMENT, amount_minor=0, iban="X", creditor_name="")
        assert len(codes(replace(HEAD, message_id="", debtor_iban="Y"), bad)) == 5

    def test_an_order_of_nothing(self) -> None:
        assert codes(HEAD) == [("no_payments", "payments")]

    def test_two_payments_of_one_name(self) -> None:
        assert codes(HEAD, PAYMENT, PAYMENT) == [("end_to_end_id_repeated", "payments")]


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("Société Générale", "Societe Generale"),
            ("Œuvre & Cie", "OEuvre + Cie"),
            ("  deux   mots \n", "deux mots"),
            ("100 €", "100 E"),
            ("a_b@c.fr", "a-b.c.fr"),
            ("«ça»", "'ca'"),
            ("Straße Łódź", "Strasse Lodz"),
            ("Αθήνα", "Athena"),
            ("漢字", "Han Zi"),
            ("☃", "."),
        ],
    )
    def test_letters_lose_what_sepa_does_not_know(self, text: str, plain: str) -> None:
        assert sepa_text(text) == plain

    @given(st.text(max_size=60))
    def test_the_result_is_in_the_set_and_stays(self, text: str) -> None:
        plain = sepa_text(text)
        allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ "
        assert set(plain) <= set(allowed)
        assert sepa_text(plain) == plain

    @pytest.mark.parametrize("text", ["A", "A/B", "PAY-1", "x" * 35, "a b"])
    def test_references_that_are_fine(self, text: str) -> None:
        assert is_reference(text)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.integers(1, MAX_MINOR), st.text(min_size=1, max_size=90),
            st.text(max_size=60), st.none() | st.text(max_size=50), st.text(max_size=40),
        ),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_any_words_give_a_valid_order_or_every_reason(rows: list[tuple[int, ...]]) -> None:
    payments = [
        replace(
            PAYMENT, end_to_end_id=f"E{index}", amount_minor=amount, creditor_name=name,
            text=text, address=Address(city, "FR", street),
        )
        for index, (amount, name, text, city, street) in enumerate(rows)
    ]  # fmt: skip
    wrong = {problem.code for problem in pain001.problems(HEAD, payments)}
    assert wrong <= {"name_missing", "text_too_long"}
    if not wrong:
        total = sum(Decimal(payment.amount_minor) for payment in payments) / 100
        root = xml.parse(write_pain001(HEAD, payments))
        assert texts(root, "CtrlSum")[0] == f"{total:.2f}"
