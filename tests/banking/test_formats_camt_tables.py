"""Our one table of camt.05x against the published schemas of all versions, where at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from cessio.banking.formats.camt.shape import CHOICE, EACH, GROUP, NAMED, SKIP, Field, compiled
from cessio.banking.formats.camt.tables import CONTAINERS, ENTRY, HEADER
from cessio.plumbing import xml

XSD = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "xsd" / "iso20022"

#: Names we read in any version although no schema has them there: banks write them.
TOLERATED = {"FrToDt/FrDt", "FrToDt/ToDt", "Ntfctn/Intrst", "RfrdDocInf/RltdDt"}

#: A choice in version 1: only one of them stands there, so order means nothing.
UNORDERED = {"CdtNoteAmt"}

needs_schemas = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="the ISO 20022 schemas are not at hand (../shared/xsd)"
)


class Schema:
    """The complex types of one schema file, by name."""

    def __init__(self, message: str) -> None:
        root = xml.parse((SCHEMAS / f"{message}.xsd").read_bytes())
        self.types = {node.get("name"): node for node in root.iter(f"{XSD}complexType")}

    def children(self, kind: str) -> list[tuple[str, str]]:
        """(name, type) in schema order; empty for a simple type."""
        if kind not in self.types or self.types[kind].find(f"{XSD}simpleContent") is not None:
            return []
        elements = self.types[kind].iter(f"{XSD}element")
        return [(str(node.get("name")), str(node.get("type"))) for node in elements]


def differences(fields: tuple[Field, ...], schema: Schema, kind: str, version: int,
                where: str) -> list[str]:  # fmt: skip
    """What the table says otherwise than the schema at this level and below."""
    rules = compiled(fields, "", version)
    theirs = schema.children(kind)
    found: list[str] = []
    last = 0
    for name, type_name in theirs:
        path = f"{where}/{name}"
        if name not in rules:
            found.append(f"{path}: not in our table")
            continue
        rank, what, _, _, departs = rules[name]
        if departs:
            found.append(f"{path}: in the schema of this version, not at home in our table")
        if rank < last and name not in UNORDERED:
            found.append(f"{path}: our order differs")
        last = rank
        field = next(f for f in fields if f.name == name)
        inner = schema.children(type_name)
        if what in (GROUP, EACH) or (what == CHOICE and version >= field.since):
            if not inner:
                found.append(f"{path}: a group with us, a value with them")
            found.extend(differences(field.fields, schema, type_name, version, path))
        elif what == NAMED:
            if inner and {name for name, _ in inner} != {"Tp", "Amt"}:
                found.append(f"{path}: not an amount with them")
        elif what not in (SKIP, CHOICE) and inner:
            found.append(f"{path}: a value with us, a group with them")
    names = {name for name, _ in theirs}
    found.extend(
        f"{where}/{name}: at home with us, not in the schema"
        for name, rule in rules.items()
        if name not in names and not rule[4]
        and f"{where.rpartition('/')[2]}/{name}" not in TOLERATED
    )  # fmt: skip
    return found


@needs_schemas
@pytest.mark.parametrize("message", sorted(CONTAINERS))
@pytest.mark.parametrize("version", range(1, 15))
def test_our_tables_say_what_the_schemas_say(message: str, version: int) -> None:
    schema = Schema(f"{message}.001.{version:02d}")
    body = schema.children(schema.children("Document")[0][1])
    container, fields = CONTAINERS[message]
    kinds = dict(body)
    statement = dict(schema.children(kinds[container]))
    wrong = differences(HEADER, schema, kinds["GrpHdr"], version, "GrpHdr")
    own = tuple(f for f in fields if message != "camt.054" or f.name != "Bal")
    wrong += differences(own, schema, kinds[container], version, container)
    wrong += differences(ENTRY, schema, statement["Ntry"], version, "Ntry")
    assert wrong == []


def test_a_name_stands_once_at_each_level() -> None:
    def check(fields: tuple[Field, ...]) -> None:
        names = [field.name for field in fields]
        assert len(names) == len(set(names)), names
        for field in fields:
            check(field.fields)

    for fields in (ENTRY, HEADER, *(fields for _, fields in CONTAINERS.values())):
        check(fields)
