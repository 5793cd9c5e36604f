"""Names meet, numbers are checked, and every fault is named at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import people

from cessio.parties import rules
from cessio.parties.rules import CompanyDetails, ContactDetails, name_key


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Établissements Mercier & Fils", "ETS MERCIER ET FILS SARL"),
        ("Distribution Durand SA", "DISTRIBUTION DURAND S.A."),
        ("Distribution Durand SA", "S.A. Distribution  Durand"),
        ("L'Œuvre Fédérale", "L OEUVRE FEDERALE"),
        ("Nordbau GmbH", "NORDBAU G.m.b.H."),
        ("Müller Straße AG", "MULLER STRASSE AG"),
        ("Société Océane de Levage", "STE OCEANE DE LEVAGE SAS"),
        ("Łódź Sp. z o.o.", "LODZ SP Z O O"),
        ("DUPONT-DURAND", "Dupont Durand"),
        ("ＡＬＰＨＡ", "alpha"),
    ],
)
def test_two_spellings_of_one_name_meet(left: str, right: str) -> None:
    assert name_key(left) == name_key(right)


@pytest.mark.parametrize(
    ("name", "key"),
    [("SAS", "sas"), ("SA Sarl", "sa sarl"), ("", ""), ("A B C Transports", "abc transports"),
     ("Co Pilotes", "co pilotes"),
     ("123 Soleil", "123 soleil"), ("Le SA du Nord", "le sa du nord")],
)  # fmt: skip
def test_a_name_is_never_emptied_nor_cut_in_its_middle(name: str, key: str) -> None:
    assert name_key(name) == key


@given(st.text(max_size=40))
def test_a_key_is_its_own_key_or_shorter_and_plain(name: str) -> None:
    key = name_key(name)
    assert key == " ".join(key.split())
    assert key == key.casefold()


FRENCH = people.ALPHA.details


def _faults(details: CompanyDetails) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.code) for problem in rules.checked(details)[1]]


@pytest.mark.parametrize("firm", [people.ALPHA, people.DURAND, people.NORDBAU, people.LEROY])
def test_a_true_company_has_no_fault_and_keeps_its_spelling(firm: people.Firm) -> None:
    kept, problems = rules.checked(firm.details)
    assert problems == []
    assert kept == firm.details
    assert rules.checked(kept) == (kept, [])


def test_numbers_are_kept_without_spaces_and_the_siren_is_read_off_the_others() -> None:
    kept, problems = rules.checked(CompanyDetails(" Alpha  Métallerie ", siret="812 340 016 00011"))
    assert (kept.name, kept.siren, kept.siret, problems) == (
        "Alpha Métallerie", "812340016", "81234001600011", [],
    )  # fmt: skip
    assert (
        rules.checked(CompanyDetails("A", vat_number="FR 14 812.340.016"))[0].siren == "812340016"
    )
    assert rules.checked(CompanyDetails("A", vat_number="14812340016"))[0].vat_number == (
        "FR14812340016"
    )


def test_la_poste_numbers_its_counters_in_its_own_way() -> None:
    assert _faults(CompanyDetails("La Poste", siret="35600000049837")) == []
    assert _faults(CompanyDetails("La Poste", siret="35600000049838")) == [
        ("siret", "siret_invalid"),
    ]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"name": " "}, [("name", "name_missing")]),
        ({"name": "x" * 201}, [("name", "text_too_long")]),
        ({"siren": "812340017"}, [("siren", "siren_invalid")]),
        ({"siret": "81234001600012"}, [("siret", "siret_invalid")]),
        ({"siret": "83456002100018"}, [("siret", "siret_of_other_siren")]),
        ({"vat_number": "FR77834560021"}, [("vat_number", "vat_of_other_siren")]),
        ({"vat_number": "FR15812340016"}, [("vat_number", "vat_number_invalid")]),
        ({"vat_number": "DE136695976"}, [("vat_number", "vat_of_other_country")]),
        ({"siren": None, "siret": None, "vat_number": None}, [("siren", "siren_missing")]),
        ({"country": "ZZ", "vat_number": None}, [("country", "country_unknown")]),
        ({"country": "DE", "vat_number": None}, [("siren", "siren_of_foreign")]),
        ({"post_code": "7500"}, [("post_code", "post_code_invalid")]),
        ({"activity_code": "Metal"}, [("activity_code", "activity_code_invalid")]),
        ({"share_capital_minor": -1}, [("share_capital_minor", "share_capital_negative")]),
    ],
)
def test_each_fault_names_its_field(
    changes: dict[str, object], faults: list[tuple[str, str]]
) -> None:
    assert _faults(replace(FRENCH, **changes)) == faults  # type: ignore[arg-type]


def test_all_faults_are_told_at_once() -> None:
    wrong = CompanyDetails("", siren="1", siret="2", vat_number="FR3", post_code="x")
    assert [field for field, _ in _faults(wrong)] == [
        "name", "siren", "siret", "vat_number", "post_code",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("country", "number", "kept"),
    [
        ("DE", "136 695 976", "DE136695976"),
        ("BE", "BE 0403.019.261", "BE0403019261"),
        ("ES", "B58378431", "ESB58378431"),
        ("GR", "EL094259216", "EL094259216"),
        ("NL", "NL004495445B01", "NL004495445B01"),
        ("GB", "GB980780684", "GB980780684"),
        ("GB", "XI980780684", "XI980780684"),
        ("CH", "CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("NO", "NO 995 525 828 MVA", "NO995525828MVA"),
        ("MC", "FR 53 0000 04605", "FR53000004605"),
    ],
)
def test_a_foreign_company_is_known_by_its_vat_number(country: str, number: str, kept: str) -> None:
    details, problems = rules.checked(CompanyDetails("A", country=country, vat_number=number))
    assert (details.vat_number, problems) == (kept, [])


def test_a_foreign_company_needs_one_number_at_least() -> None:
    assert _faults(CompanyDetails("A", country="US")) == [("vat_number", "identity_missing")]
    assert _faults(CompanyDetails("A", country="US", registration_number="DE 123")) == []
    assert _faults(CompanyDetails("A", country="DE", vat_number="DE136695977")) == [
        ("vat_number", "vat_number_invalid"),
    ]


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_checks(siren: str, vat_number: str, country: str) -> None:
    rules.checked(CompanyDetails("A", siren=siren, vat_number=vat_number, country=country))


def test_an_account_is_kept_in_electronic_form_with_its_bic() -> None:
    kept, problems = rules.checked_account("fr76 3000 4008 1200 0101 2345 640", " ", "Alpha  SAS")
    assert (kept.iban, kept.bic, kept.holder) == (people.ALPHA.iban, "BNPAFRPP", "Alpha SAS")
    assert problems == []


@pytest.mark.parametrize(
    "iban",
    [
        "FR7630004008120001012345641", "FR7730004008120001012345640", "FR76", "", "XX00",
        "FR1420041010050500013M02605", "DE89370400440532013001", "FR76 3000 4008 1200 0101 2345 64",
    ],
)  # fmt: skip
def test_a_mistyped_iban_is_refused(iban: str) -> None:
    assert [each.code for each in rules.checked_account(iban, None, "A")[1]] == ["iban_invalid"]


def test_an_iban_whose_own_check_digits_are_right_but_whose_french_key_is_not_is_refused() -> None:
    wrong_key = "30004008120001012345641"
    check = 98 - int("".join(str(int(each, 36)) for each in wrong_key + "FR00")) % 97
    assert rules.checked_account(f"FR{check:02d}{wrong_key}", None, "A")[1] != []


def test_all_faults_of_an_account_are_told_at_once() -> None:
    problems = rules.checked_account("FR76", "nope", " ")[1]
    assert [each.field for each in problems] == ["iban", "bic", "holder"]


def test_a_contact_can_be_reached() -> None:
    kept, problems = rules.checked_contact(
        ContactDetails(" Paul  Roy ", email="p.roy@x.fr", phone="+33 (0)1 42.00.00.00")
    )
    assert (kept.name, kept.phone, problems) == ("Paul Roy", "+330142000000", [])
    faults = rules.checked_contact(ContactDetails("", email="x", phone="call me", language="de"))[1]
    assert [each.field for each in faults] == ["phone", "name", "email", "language"]
    nowhere = rules.checked_contact(ContactDetails("Paul"))[1]
    assert [each.code for each in nowhere] == ["contact_unreachable"]
