"""The French register of frozen assets (*registre national des gels*), JSON of the Trésor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cessio.screening.formats.reading import ReadList, a_day, entry, unique, wrong
from cessio.screening.rules import Listed, ListedKind


def read_france(data: bytes) -> ReadList:
    """Every ``PublicationDetail``. Raises ``Invalid`` with the line of broken JSON, else the
    number of the record."""
    head = _mapping(_loaded(data), "Publications", 1)
    published = _mapping(head, "Publications", 1) if "Publications" in head else head
    records = published.get("PublicationDetail")
    if not isinstance(records, list):
        raise wrong(1, "not_register")
    found = [(number, _record(number, one)) for number, one in enumerate(records, start=1)]
    dated = published.get("DatePublication")
    return ReadList(unique([*found]), a_day(dated if isinstance(dated, str) else None, 1))


def _loaded(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong(data[: error.start].count(b"\n") + 1, "not_text") from None
    try:
        return json.loads(
            text, parse_constant=_no_constant, object_pairs_hook=_no_repeats, parse_int=str
        )
    except json.JSONDecodeError as error:
        raise wrong(error.lineno, "not_json", error.msg) from None
    except RecursionError:
        raise wrong(1, "not_json", "nested too deep") from None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise wrong(1, "not_json", "a field is given twice")
    return found


def _no_constant(name: str) -> Any:
    raise wrong(1, "not_json", name)


def _record(number: int, record: Any) -> Listed:
    if not isinstance(record, dict):
        raise wrong(number, "not_register")
    told: dict[str, list[Mapping[str, Any]]] = {}
    for part in record.get("RegistreDetail") or []:
        if isinstance(part, dict):
            told.setdefault(str(part.get("TypeChamp")), []).extend(
                one for one in part.get("Valeur") or [] if isinstance(one, dict)
            )
    name, given = str(record.get("Nom") or ""), list(_values(told, "PRENOM", "Prenom"))
    names = [f"{first} {name}" for first in given] or [name]
    return entry(
        number,
        reference=str(record.get("IdRegistre") or ""),
        kind=ListedKind.PERSON if "physique" in str(record.get("Nature") or "").lower()
        else ListedKind.ENTITY,
        names=[*names, *_values(told, "ALIAS", "Alias")],
        born=[_born(one) for one in told.get("DATE_DE_NAISSANCE", [])],
        countries=[*_values(told, "NATIONALITE", "Pays"), *_values(told, "ADRESSE_PM", "Pays"),
                   *_values(told, "ADRESSE_PP", "Pays")],
        identifiers=[*_values(told, "IDENTIFICATION", "Identification"),
                     *_values(told, "PASSEPORT", "NumeroPasseport"),
                     *_values(told, "CARTE_IDENTITE", "NumeroCarte")],
        programme=", ".join(_values(told, "FONDEMENT_JURIDIQUE", "FondementJuridiqueLabel",
                                    "FondementJuridique")),
    )  # fmt: skip


def _values(told: Mapping[str, list[Mapping[str, Any]]], field: str, *names: str) -> Iterator[str]:
    """What a field says, by the first of the names it has."""
    for one in told.get(field, []):
        said = next((one[name] for name in names if one.get(name)), None)
        if said is not None:
            yield str(said)


def _born(one: Mapping[str, Any]) -> str:
    year, month, day = (str(one.get(name) or "").strip() for name in ("Annee", "Mois", "Jour"))
    if year and month.isdecimal() and day.isdecimal() and len(month + day) <= 4:
        return f"{year}-{int(month):02d}-{int(day):02d}"
    return year


def _mapping(value: Any, name: str, line: int) -> Mapping[str, Any]:
    found = value.get(name, value) if isinstance(value, dict) else None
    if not isinstance(found, dict):
        raise wrong(line, "not_register")
    return found
