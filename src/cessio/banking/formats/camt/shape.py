"""The shape of camt.052/.053/.054, versions 01 to 14, as tables, and the walk that follows them.

One table serves all versions: fields stand in schema order, and ``since``/``until`` say in which
versions a name is at home. What departs from the order or from the version is read all the same
and noted: half of the real files do not validate against their schema (measured on the corpus).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cessio.banking.formats.statement import ReadWarning, StatementRefused
from cessio.plumbing.xml import Element, local_name

MAX_ID: Final = 35
LATEST: Final = 99


# What the walk does with an element (plain integers: compared for every element of the file).
TEXT: Final = 1  # keep its text under the slot
IDENT: Final = 2  # the same, at most 35 characters
GROUP: Final = 3  # go into it; its slots join ours
EACH: Final = 4  # go into it; a dictionary of its own in the list of the slot
LINES: Final = 5  # append its text, untouched, to the list of the slot
ELEMENT: Final = 6  # keep the element itself (amounts: text, currency and line are needed)
NAMED: Final = 7  # append (label, element, or the Amt in it) to the list of the slot
CHOICE: Final = 8  # a text until ``since``, a group from then on
SKIP: Final = 9  # known, not read


@dataclass(frozen=True, slots=True)
class Field:
    """One element name, its slot, and the versions in which the schema has it."""

    name: str
    kind: int = SKIP
    slot: str = ""
    fields: tuple[Field, ...] = ()
    since: int = 1
    until: int = LATEST
    label: str = ""


#: (rank, kind, slot, inner rules or label, departs from the version)
Rule = tuple[int, int, str, Any, bool]
Rules = dict[str, Rule]


class OutOfPlan(Exception):
    """A figure read by a plan is not as it should be: read the file in the ordinary way."""


class Figure:
    """An amount read by a plan: as much of an element as reading an amount needs."""

    __slots__ = ("currency", "text")

    def __init__(self, text: str, currency: str | None) -> None:
        self.text = text
        self.currency = currency

    def get(self, _name: str) -> str | None:
        """The currency: the one attribute an amount has."""
        return self.currency

    def __len__(self) -> int:
        return 0


class Notes:
    """Warnings of one file, counted by code and place, and refusals that name path and line."""

    def __init__(self, *, strict: bool = True) -> None:
        self.strict = strict
        self._seen: dict[tuple[str, str], list[Any]] = {}
        self.container = "Stmt"
        self.version = 0
        self.statement = 0
        self.entry = 0

    def add(self, code: str, where: str | Element, detail: str = "") -> None:
        if isinstance(where, str):
            place, line = where, None
        else:
            place, line = self._short(where), where.sourceline
        known = self._seen.setdefault((code, place), [line, 0, detail])
        known[1] += 1

    def take(self) -> tuple[ReadWarning, ...]:
        """The warnings so far, and start afresh."""
        found = tuple(
            ReadWarning(code, where, line, count, detail)
            for (code, where), (line, count, detail) in self._seen.items()
        )
        self._seen.clear()
        return found

    def refuse(
        self, code: str, template: str, element: Element | Figure, **params: Any
    ) -> StatementRefused:
        """The refusal to raise, with its place; ``OutOfPlan`` is raised when it is not known."""
        if isinstance(element, Figure):
            raise OutOfPlan
        where = self.path(element)
        return StatementRefused(
            code, f"{template}, at {{where}}, line {{line}}",
            where=where, line=element.sourceline, **params,
        )  # fmt: skip

    def contradiction(self, code: str, template: str, element: Element, **params: Any) -> None:
        """The file contradicts itself: refused, or noted when one only wants to look at it."""
        if self.strict:
            raise self.refuse(code, template, element, **params)
        self.add(code, element, template.format(**params))

    def path(self, element: Element) -> str:
        """``Stmt[2]/Ntry[15]/NtryDtls/TxDtls/Amt``; entries read before are counted."""
        names: list[str] = []
        node: Element | None = element
        while node is not None:
            name = local_name(node)
            if name == self.container:
                names.append(f"{name}[{self.statement}]")
                break
            names.append(f"Ntry[{self.entry}]" if name == "Ntry" else name)
            node = node.getparent()
        return "/".join(reversed(names))

    @staticmethod
    def _short(element: Element) -> str:
        parent = element.getparent()
        name = local_name(element)
        return name if parent is None else f"{local_name(parent)}/{name}"


def walk(element: Element, rules: Rules, notes: Notes) -> dict[str, Any]:
    """The slots of an element, by its rules."""
    out: dict[str, Any] = {}
    _into(element, rules, out, notes)
    return out


def _into(element: Element, rules: Rules, out: dict[str, Any], notes: Notes) -> None:
    last = 0
    for child in element:
        rule = rules.get(child.tag)
        if rule is None:
            notes.add("unknown_element", child)
            continue
        rank, kind, slot, more, departs = rule
        if rank < last or departs:
            notes.add("element_of_another_version" if departs else "element_order", child)
        last = rank
        if kind == GROUP:
            _into(child, more, out, notes)
        elif kind > GROUP:
            _other(child, rule, out, notes)
        elif len(child):
            raise _cut(child, notes)
        elif (text := child.text) and (text := text.strip()):
            if slot in out:
                notes.add("element_repeated", child)
            else:
                out[slot] = text
                if kind == IDENT and len(text) > MAX_ID:
                    notes.add("value_too_long", child)


def _cut(child: Element, notes: Notes) -> StatementRefused:
    return notes.refuse("value_with_elements", "a value is cut by other elements", child)


def _other(child: Element, rule: Rule, out: dict[str, Any], notes: Notes) -> None:
    _, kind, slot, more, _ = rule
    if kind == EACH:
        inner: dict[str, Any] = {}
        out.setdefault(slot, []).append(inner)
        _into(child, more, inner, notes)
    elif kind == LINES:
        if len(child):
            raise _cut(child, notes)
        out.setdefault(slot, []).append(child.text or "")
    elif kind == ELEMENT:
        if slot in out:
            notes.add("element_repeated", child)
        else:
            out[slot] = child
    elif kind == NAMED:
        out.setdefault(slot, []).append((more, _amount_inside(child, notes)))
    elif kind == CHOICE:
        _choice(child, rule, out, notes)


def _amount_inside(child: Element, notes: Notes) -> Element:
    """The amount itself, or the one in ``<TaxAmt><Tp/><Amt/></TaxAmt>`` (versions 3 to 11)."""
    if not len(child):
        return child
    inside = [inner for inner in child if local_name(inner) == "Amt"]
    if len(inside) != 1:
        raise _cut(child, notes)
    return inside[0]


def _choice(child: Element, rule: Rule, out: dict[str, Any], notes: Notes) -> None:
    """``<Sts>BOOK</Sts>`` until version 6, ``<Sts><Cd>BOOK</Cd></Sts>`` since."""
    _, _, slot, (rules, group_departs, text_departs), _ = rule
    is_group = len(child) > 0
    if group_departs if is_group else text_departs:
        notes.add("element_of_another_version", child)
    if is_group:
        _into(child, rules, out, notes)
    elif text := (child.text or "").strip():
        out.setdefault(slot, text)


@lru_cache(maxsize=256)
def compiled(fields: tuple[Field, ...], namespace: str, version: int) -> Rules:
    """The rules of one version under one namespace; version 0 is unknown and departs nowhere."""
    prefix = f"{{{namespace}}}" if namespace else ""
    return {
        prefix + field.name: _rule(rank, field, namespace, version)
        for rank, field in enumerate(fields, start=1)
    }


def _rule(rank: int, field: Field, namespace: str, version: int) -> Rule:
    more: Any = compiled(field.fields, namespace, version) if field.fields else field.label
    departs = bool(version) and not field.since <= version <= field.until
    if field.kind == CHOICE:
        return rank, CHOICE, field.slot, (more, departs, bool(version) and not departs), False
    return rank, field.kind, field.slot, more, departs
