"""Forms: what people type is read exactly or refused, and every fault is shown at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.kernel.errors import CessioError, Conflict, Invalid, Problems
from cessio.plumbing import formats
from cessio.plumbing.i18n import use_language
from cessio.web import forms
from cessio.web.forms import Form, Submitted, Upload
from tests.web.pages import client

IBAN = "FR7630006000011234567890189"


class Colour(StrEnum):
    RED = "red"


def sent(**fields: str) -> Submitted:
    return Submitted({name: (value,) for name, value in fields.items()})


@pytest.mark.parametrize(
    ("language", "text", "minor"),
    [
        ("fr", "12 345,67", 1234567),
        ("fr", "12\u202f345,67\u00a0€", 1234567),
        ("fr", "12345.67", 1234567),
        ("fr", "12.345,67", 1234567),
        ("fr", "1.234.567", 123456700),
        ("fr", "33 600", 3360000),
        ("fr", "0,5", 50),
        ("en", "12,345.67", 1234567),
        ("en", "€12,345", 1234500),
        ("en", "12,345", 1234500),
        ("en", "12,50", 1250),
        ("en", "EUR 10", 1000),
        ("fr", "12'345,60", 1234560),
    ],
)
def test_amounts_are_read_as_people_write_them(language: str, text: str, minor: int) -> None:
    with use_language(language):
        assert forms.amount()(text) == minor


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "1,234"), ("en", "1.234"), ("fr", "12,34,56"), ("fr", "1.23.456"), ("fr", "dix"),
        ("fr", "1e3"), ("fr", "NaN"), ("fr", "infinity"), ("fr", "١٢٣"), ("fr", "1,2.3,4"),
        ("fr", "--5"), ("fr", "5-"), ("fr", ","), ("fr", "0x10"), ("fr", "1_000"), ("fr", "+-1"),
        ("fr", "9" * 30), ("fr", "0"), ("fr", "-5"), ("fr", "12,345.6789"), ("fr", "10.000"),
        ("fr", "1,000"), ("fr", "12.500"), ("en", "10.000"), ("fr", "0,000"), ("fr", "5,0000"),
    ],
)  # fmt: skip
def test_what_could_be_misread_is_refused(language: str, text: str) -> None:
    with use_language(language), pytest.raises(CessioError):
        forms.amount()(text)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["fr", "en"]))
def test_an_amount_we_show_is_an_amount_we_read(minor: int, language: str) -> None:
    with use_language(language):
        assert forms.amount(minimum_minor=None)(formats.money(minor)) == minor


def test_bounds_speak_the_readers_money() -> None:
    form = Form(sent(amount="50 000"))
    form.need("amount", forms.amount(maximum_minor=3360000))
    with use_language("fr"):
        assert form.error("amount") == "Le montant doit être d’au plus 33\u202f600,00\u00a0€"


@pytest.mark.parametrize(
    ("text", "fraction"),
    [("3,215", "0.03215"), ("3.215 %", "0.03215"), ("0,60", "0.006"), ("100", "1")],
)
def test_rates_are_typed_in_per_cent(text: str, fraction: str) -> None:
    with use_language("fr"):
        assert forms.rate()(text) == Decimal(fraction)


@pytest.mark.parametrize("text", ["101", "-1", "3,12345", "abc"])
def test_rates_out_of_bounds_or_too_fine_are_refused(text: str) -> None:
    with use_language("fr"), pytest.raises(CessioError):
        forms.rate()(text)


@pytest.mark.parametrize(
    "text", ["2026-11-18", "18/11/2026", "18.11.2026", "18-11-2026", " 18/11/2026 "]
)
def test_dates_are_iso_or_european(text: str) -> None:
    assert forms.day()(text) == date(2026, 11, 18)


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2026",
        "11/18/2026",
        "18/11/26",
        "2026-1-1",
        "1899-12-31",
        "x",
        "１８/11/2026",
    ],
)
def test_days_that_are_not_are_refused(text: str) -> None:
    with pytest.raises(CessioError):
        forms.day()(text)


@pytest.mark.parametrize(
    ("reader", "good", "value", "bad"),
    [
        (forms.iban(), "fr76 3000 6000 0112 3456 7890 189", IBAN, IBAN[:-1] + "8"),
        (forms.siren(), "552 100 554", "552100554", "552100555"),
        (forms.siret(), "552 100 554 00013", "55210055400013", "55210055400014"),
        (forms.bic(), "agrifrpp", "AGRIFRPP", "AGRIFR"),
        (forms.email(), " Claire@Example.ORG ", "claire@example.org", "claire@@example.org"),
        (forms.email(), "cl\u200baire@example.org", "claire@example.org", "cl\u202ea@example.org"),
        (forms.integer(maximum=10), "1 0", 10, "11"),
        (forms.chosen(Colour), "red", Colour.RED, "blue"),
        (forms.one_of(("a", "b")), "a", "a", "c"),
        (forms.text(3), " abc ", "abc", "abcd"),
        (forms.text(), "Łódź", "Łódź", "a\u202eb"),
        (forms.text(), "Du\u200brand\ufeff\u00ad", "Durand", "a\u200fb"),
        (forms.text(), "Durand\u2060", "Durand", "Durand\U000e0041"),
        (forms.text(multiline=True), "a\r\nb", "a\nb", "a\x00b"),
        (forms.decimal(0, 9, 2), "1,25", Decimal("1.25"), "1,255"),
    ],
)  # fmt: skip
def test_each_reader_gives_one_value_or_one_fault(
    reader: Callable[[str], Any], good: str, value: Any, bad: str
) -> None:
    with use_language("fr"):
        assert reader(good) == value
        with pytest.raises(CessioError):
            reader(bad)


def test_all_faults_come_at_once() -> None:
    form = Form(sent(amount="x", due="y"))
    form.need("amount", forms.amount())
    form.maybe("due", forms.day())
    form.need("name", forms.text())
    assert not form.valid()
    assert [name for name, _ in form.errors] == ["amount", "due", "name"]


def test_an_empty_optional_field_is_nothing() -> None:
    form = Form(sent(due="  "))
    assert form.maybe("due", forms.day()) is None
    assert form.valid()


def test_a_field_nobody_asked_for_is_refused() -> None:
    form = Form(sent(amount="10", role="admin", csrf_token="t"))
    form.need("amount", forms.amount())
    assert not form.valid()
    assert [fault.code for fault in form.faults] == ["field_unknown"]


def test_a_field_sent_twice_is_refused_unless_it_may_repeat() -> None:
    twice = Submitted({"id": ("1", "2")})
    form = Form(twice)
    form.need("id", forms.integer())
    assert [fault.code for fault in form.faults] == ["field_repeated"]
    form = Form(twice)
    assert form.many("id", forms.integer()) == [1, 2]
    assert form.valid()


def test_boxes_are_ticked_or_not() -> None:
    assert Form(sent(urgent="yes")).flag("urgent")
    assert not Form(sent()).flag("urgent")


def test_files_are_needed_not_empty_and_not_too_large() -> None:
    def codes(*files: Upload) -> list[str]:
        form = Form(Submitted({}, {"file": files} if files else {}))
        form.upload("file", max_bytes=3)
        return [fault.code for fault in form.faults]

    assert codes() == ["file_required"]
    assert codes(Upload("a", b"")) == ["file_empty"]
    assert codes(Upload("a", b"1234")) == ["file_too_large"]
    assert codes(Upload("a", b"1"), Upload("b", b"1")) == ["field_repeated"]
    assert codes(Upload("a", b"123")) == []


def test_what_an_operation_refuses_stands_beside_its_field_or_on_top() -> None:
    form = Form(sent(amount="10"))
    form.need("amount", forms.amount())
    form.refuse(Problems([
        Invalid("a", "amount refused", field="amount"), Invalid("b", "else refused", field="other"),
    ]))  # fmt: skip
    form.refuse(Conflict("c", "too late"))
    assert form.errors == [
        ("amount", "Amount refused"),
        ("", "Else refused"),
        ("", "Too late"),
    ]
    assert not form.valid()


def test_a_refused_form_comes_back_as_it_was_typed_with_its_faults() -> None:
    with client() as browser:
        answer = browser.post("/form", data={"amount": "12,345", "due": "31/02/2026"})
    assert answer.status_code == 422
    assert 'value="12,345"' in answer.text
    assert 'value="31/02/2026"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'aria-describedby="f-amount-error f-amount-help"' in answer.text
    assert "2 points à corriger" in answer.text


def test_files_and_repeated_fields_arrive_whole() -> None:
    from litestar import Request, post
    from litestar.testing import create_test_client

    seen: list[Submitted] = []

    @post("/")
    async def take(request: Request[Any, Any, Any]) -> None:
        seen.append(await forms.read_submitted(request))

    with create_test_client(take) as browser:
        browser.post("/", data={"a": ["1", "2"]}, files=[("f", ("é.csv", b"x;y"))])
        browser.post("/", data={"a": ["1", "2"], "b": "ç"})
    assert seen[0].fields == {"a": ("1", "2")}
    assert seen[0].uploads == {"f": (Upload("é.csv", b"x;y"),)}
    assert seen[1].fields == {"a": ("1", "2"), "b": ("ç",)}
