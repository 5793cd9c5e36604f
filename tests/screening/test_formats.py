"""Each format gives the same entries; a fault refuses the whole file and says where it is."""

from __future__ import annotations

from datetime import date

import pytest

from cessio.kernel.errors import Invalid
from cessio.screening import ListSource
from cessio.screening.formats import read_list
from cessio.screening.rules import ListedKind
from tests.screening.samples import EU, FRANCE, OWN

TODAY = date(2026, 11, 16)


def test_the_list_of_the_union_is_read_with_what_tells_people_apart() -> None:
    found = read_list(EU.encode(), source=ListSource.EU, dated_on=None)
    person, firm = found.read.entries
    assert found.dated_on == date(2026, 11, 10)
    assert person.reference == "EU.9001.1"
    assert person.kind is ListedKind.PERSON
    assert person.names == ("Ivan Petrovitch Zakharenko", "Иван Захаренко")
    assert person.born == ("1961-04-28",)
    assert person.countries == ("RU",)
    assert person.identifiers == ("AB 12 34567",)
    assert firm.kind is ListedKind.ENTITY
    assert firm.programme == "ABC, XYZ"


def test_the_register_of_the_tresor_is_read() -> None:
    found = read_list(FRANCE.encode(), source=ListSource.FRANCE, dated_on=None)
    person, firm = found.read.entries
    assert found.dated_on == date(2026, 11, 9)
    assert person.names == ("Ivan ZAKHARENKO", "Vania Zakharenko")
    assert person.born == ("1961-04-28",)
    assert person.programme == "UE 269/2014"
    assert (firm.reference, firm.kind, firm.names) == ("72", ListedKind.ENTITY, ("MORNAVAL",))


def test_a_plain_table_is_read_of_the_day_one_says() -> None:
    found = read_list(OWN.encode(), source=ListSource.OWN, dated_on=TODAY)
    person, firm = found.read.entries
    assert found.dated_on == TODAY
    assert person.names == ("Ivan Zakharenko", "Vania Zakharenko", "I. Zakharenko")
    assert firm.identifiers == ("512345678",)


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><export/>'


@pytest.mark.parametrize(
    ("source", "data", "said"),
    [
        (ListSource.EU, EU.replace("</export>", ""), "line"),
        (ListSource.EU, EU.replace('wholeName="Mornaval Shipping LLC"', ""), "line 13"),
        (ListSource.EU, EU.replace("EU.9002.1", "EU.9001.1"), "stands twice"),
        (ListSource.EU, BOMB, "DOCTYPE"),
        (ListSource.EU, "<other/>", "not the list"),
        (ListSource.EU, EU.replace("2026-11-10T", "tomorrow"), "not a date"),
        (ListSource.FRANCE, FRANCE.replace("]}}", "]"), "line 10"),
        (ListSource.FRANCE, FRANCE.replace('"MORNAVAL"', '""'), "line 2"),
        (ListSource.FRANCE, "[" * 200_000, "deep"),
        (ListSource.FRANCE, '{"a": 1}', "register"),
        (ListSource.FRANCE, FRANCE.replace("71", "NaN"), "NaN"),
        (ListSource.OWN, OWN.replace("H-2;entity", "H-1;entity"), "line 3"),
        (ListSource.OWN, OWN.replace("H-2;entity", "H-2;ship"), "line 3"),
        (ListSource.OWN, OWN + "H-3;person\n", "line 4"),
        (ListSource.OWN, OWN.replace("reference;", "number;"), "line 1"),
        (ListSource.OWN, "reference;name\n", "lists nobody"),
    ],
)
def test_a_fault_refuses_the_whole_file(source: ListSource, data: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_list(data.encode(), source=source, dated_on=TODAY)
    assert said in str(refused.value)
    assert refused.value.field == "file"


def test_bytes_that_are_no_text_are_told_by_their_line() -> None:
    with pytest.raises(Invalid, match="line 2"):
        read_list(b"reference;name\nH-1;\xff\xfe\n", source=ListSource.OWN, dated_on=TODAY)


def test_a_file_without_a_date_asks_for_it() -> None:
    with pytest.raises(Invalid) as refused:
        read_list(OWN.encode(), source=ListSource.OWN, dated_on=None)
    assert refused.value.field == "dated_on"
