"""A name is found however it is written; what shares one word with a list is left alone."""

from __future__ import annotations

import pytest

from cessio.screening.rules import Listed, ListedKind, ListIndex, compare, spelled

LISTED = (
    ("Vladimir Ivanovitch Petrov", "Владимир Петров"),
    ("Mohammed Abd al-Rahman al-Fulani",),
    ("Rosmarnet Trading S.A.", "Rosmarnet"),
    ("Victoria",),
    ("Jean-Baptiste Kouassi",),
    ("Al Qasida",),
    ("Ναυτιλία Δέλτα",),
)
INDEX = ListIndex(
    (at, Listed(str(at), ListedKind.ENTITY, names, identifiers=("FR 512 345 678",) if at == 2
                else ()))
    for at, names in enumerate(LISTED)
)  # fmt: skip


def found(name: str, threshold: int = 85) -> set[int]:
    return {one.entry_id for one in INDEX.find(name, threshold=threshold)}


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Vladimir Petrov", 0),
        ("PETROV, Wladimir", 0),
        ("V. Petrov", 0),
        ("Petrof Vladimir", 0),
        ("Volodymyr Petrov", 0),
        ("Vladimir I. Petrov", 0),
        ("Transports Vladimir Petrov SARL", 0),
        ("Vladmir Petrov", 0),
        ("Muhamad Abderrahmane Fulani", 1),
        ("Mohamed Abdulrahman Al Fulany", 1),
        ("Rahman Fulani", 1),
        ("Rosmarnet France", 2),
        ("RosmarnetTrading", 2),
        ("S.A. Rosmarnet", 2),
        ("Victoria SAS", 3),
        ("Jean Kouassi", 4),
        ("KOUASSI Jean Baptiste", 4),
        ("Alqasida", 5),
        ("El Qassida", 5),
        ("Nautilia Delta", 6),
    ],
)
def test_it_is_found(name: str, entry: int) -> None:
    assert entry in found(name)


@pytest.mark.parametrize(
    "name",
    ["Petrov", "Vladimir", "Boulangerie Victoria", "Jean Martin", "Jean Baptiste Martin",
     "Trading S.A.", "Transports de France", "Mohamed Ali Benali", "Durand & Fils", "", "...",
     "S.A.", "42"],
)  # fmt: skip
def test_it_is_left_alone(name: str) -> None:
    assert not found(name)


def test_a_score_tells_the_words_it_comes_from_and_is_the_same_both_ways() -> None:
    [match] = INDEX.find("Petrof Vladimir", threshold=85)
    assert {(pair.word, pair.listed) for pair in match.pairs} == {
        ("vladimir", "vladimir"), ("petrof", "petrov"),
    }  # fmt: skip
    one, other = spelled("Petrof Vladimir"), spelled("Vladimir Petrov")
    assert compare(one, other)[0] == compare(other, one)[0] == match.score
    assert match.score < 100


def test_a_registration_number_is_found_whatever_the_name() -> None:
    assert [one.entry_id for one in INDEX.identified("fr512345678")] == [2]
    assert INDEX.identified("512345") == []


def test_no_name_makes_it_fail() -> None:
    for name in ("\x00", "a" * 5000, "ß" * 40, "𝔄𝔩𝔭𝔥𝔞", "عبد الرحمن", "株式会社", "-", "' OR 1=1"):
        INDEX.find(name, threshold=70)
