"""Entries written alike, read alike: the walk over the first is the plan for all that follow.

A bank writes its entries by a few templates. Two entries with the same markup (their *shape*)
differ by their texts only, so where each text belongs is found out once, by the ordinary walk over
a copy whose texts are their own places. ``condense`` reads such entries from the bytes and leaves
an empty one, as many lines long, in the place of each, so that the parser still sees every
statement in order and every line by its number.

Only what is beyond doubt is read like this: UTF-8, one namespace of ours, no comment, CDATA or
processing instruction, and entries that the walk has nothing to remark on. Whatever comes out as
a refusal is read once more in the ordinary way, which has the last word. A test reads the same
files both ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cessio.banking.formats.camt.shape import IDENT, MAX_ID, Field, Figure, Notes, compiled, walk
from cessio.banking.formats.statement import StatementRefused
from cessio.plumbing import xml

#: The attribute of an empty entry that says which of ``Condensed.slots`` it stands for.
MARK: Final = "cessio-entry"
#: Entries of a file that are worth a plan, shapes that are remembered, signs of one entry.
MIN_ENTRIES: Final = 20
MAX_SHAPES: Final = 256
MAX_ENTRY: Final = 100_000
#: A larger file is streamed: what was read ahead of it would take too much memory.
MAX_FILE: Final = 64 * 1024 * 1024

_NAMESPACE: Final = re.compile(
    r"""xmlns(?::([\w.-]+))?=["'](urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.001\.(\d\d))["']"""
)
_UTF8: Final = re.compile(r"""<\?xml[^>]*?encoding\s*=\s*["'](?i:utf-8)["'][^>]*\?>""")
_ANY_XML: Final = re.compile(r"<\?xml(?![^>]*encoding)[^>]*\?>")
_CONTROLS: Final = bytes(sorted(set(range(32)) - set(b"\t\n\r")))
_NO_SIGNS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
#: The namespace of the message and, as many banks write it, that of ``xsi:schemaLocation``.
_LIMIT_OF_XMLNS: Final = 2
_ENTITY: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_ANY_LENGTH: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Condensed:
    """A file without what was read of it already, and that, in the order of the marks."""

    source: bytes
    slots: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the texts of a shape belong, by their place among its texts."""

    texts: tuple[tuple[str, int, int], ...]
    figures: tuple[tuple[str, int, str | None], ...]
    lines: tuple[tuple[str, tuple[int, ...]], ...]
    named: tuple[tuple[str, tuple[tuple[str, int, str | None], ...]], ...]
    each: tuple[tuple[str, tuple[_Plan, ...]], ...]


def condense(data: bytes, fields: tuple[Field, ...]) -> Condensed | None:
    """Read the entries that follow a plan; None when the file is not one for plans."""
    source = _plain(data) if len(data) <= MAX_FILE else None
    if source is None:
        return None
    spaces = _NAMESPACE.findall(source)
    if len(spaces) != 1 or source.count("xmlns") > _LIMIT_OF_XMLNS:
        return None
    prefix, namespace, version = spaces[0]
    shapes = _Shapes(prefix, namespace, int(version), fields)
    if source.count(f"</{shapes.name}>") < MIN_ENTRIES:
        return None
    kept: list[str] = []
    slots: list[dict[str, Any]] = []
    for before, entry in _entries(source, shapes.name):
        kept.append(before)
        found = shapes.slots_of(entry) if entry else None
        if found is None:
            kept.append(entry)
        else:
            lines = "\n" * entry.count("\n")
            kept.append(f'<{shapes.name} {MARK}="{len(slots)}">{lines}</{shapes.name}>')
            slots.append(found)
    return Condensed("".join(kept).encode(), slots) if slots else None


def _plain(data: bytes) -> str | None:
    """The text of a file that holds nothing but elements and texts, its lines ended as XML says."""
    if len(data.translate(None, _CONTROLS)) < len(data) or any(sign in data for sign in _NO_SIGNS):
        return None
    try:
        source = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        return None
    source = source.strip(" \t\r\n").replace("\r\n", "\n").replace("\r", "\n")
    declared = _UTF8.match(source) or _ANY_XML.match(source)
    start = declared.end() if declared else 0
    if any(source.find(sign, start) >= 0 for sign in ("<!", "<?", "]]>", MARK)):
        return None
    return source


def _entries(source: str, name: str) -> Iterator[tuple[str, str]]:
    """(what stands before, an entry) for each entry without attributes; at last the rest."""
    opening, closing = f"<{name}>", f"</{name}>"
    at = 0
    while (start := source.find(opening, at)) >= 0:
        end = source.find(closing, start)
        if end < 0:
            break
        end += len(closing)
        yield source[at:start], source[start:end]
        at = end
    yield source[at:], ""


class _Shapes:
    """The plans of one file's entries."""

    def __init__(
        self, prefix: str, namespace: str, version: int, fields: tuple[Field, ...]
    ) -> None:
        self.name = f"{prefix}:Ntry" if prefix else "Ntry"
        self.version = version
        self.rules = compiled(fields, namespace, version)
        self.idents = frozenset(_idents(fields))
        self.declared = f'xmlns{":" if prefix else ""}{prefix}="{namespace}"'
        self.plans: dict[tuple[str, ...], _Plan | None] = {}

    def slots_of(self, entry: str) -> dict[str, Any] | None:
        """What the walk gives without a remark; None when it must be asked itself."""
        if len(entry) > MAX_ENTRY or entry.count("<") != entry.count(">"):
            return None
        pieces = entry.replace(">", "<").split("<")
        shape = tuple(pieces[1::2])
        if shape not in self.plans:
            if len(self.plans) >= MAX_SHAPES:
                return None
            self.plans[shape] = self._plan(shape)
        plan = self.plans[shape]
        if plan is None:
            return None
        texts = pieces[2::2]
        if "&" in entry:
            if _ENTITY.search(entry):
                return None
            texts = [_unescaped(text) if "&" in text else text for text in texts]
        return _filled(plan, texts)

    def _plan(self, shape: tuple[str, ...]) -> _Plan | None:
        tags = (f"{shape[0]} {self.declared}", *shape[1:])
        marked = "".join(f"<{tag}>@{place}" for place, tag in enumerate(tags[:-1]))
        notes = Notes(strict=False)
        notes.version = self.version
        try:
            slots = walk(xml.parse(f"{marked}<{tags[-1]}>".encode()), self.rules, notes)
        except (xml.XmlRefused, StatementRefused):
            return None
        return None if notes.take() else self._compiled(slots)

    def _compiled(self, slots: dict[str, Any]) -> _Plan | None:
        texts, figures, lines, named, each = [], [], [], [], []
        for slot, value in slots.items():
            if isinstance(value, str):
                limit = MAX_ID if slot in self.idents else _ANY_LENGTH
                texts.append((slot, _place(value), limit))
            elif not isinstance(value, list):
                figures.append((slot, *_figure(value)))
            elif isinstance(value[0], str):
                lines.append((slot, tuple(map(_place, value))))
            elif isinstance(value[0], dict):
                plans = [self._compiled(inner) for inner in value]
                each.append((slot, tuple(plan for plan in plans if plan is not None)))
                if None in plans:
                    return None
            else:
                named.append((slot, tuple((label, *_figure(one)) for label, one in value)))
        if any(place < 0 for _, place, _ in figures):
            return None
        if any(place < 0 for _, some in named for _, place, _ in some):
            return None
        return _Plan(tuple(texts), tuple(figures), tuple(lines), tuple(named), tuple(each))


def _filled(plan: _Plan, texts: list[str]) -> dict[str, Any] | None:
    out: dict[str, Any] = {}
    for slot, place, limit in plan.texts:
        text = texts[place].strip()
        if not text or len(text) > limit:
            return None
        out[slot] = text
    for slot, place, currency in plan.figures:
        out[slot] = Figure(texts[place], currency)
    for slot, places in plan.lines:
        out[slot] = [texts[place] for place in places]
    for slot, wanted in plan.named:
        out[slot] = [(label, Figure(texts[place], own)) for label, place, own in wanted]
    for slot, plans in plan.each:
        inner = []
        for one in plans:
            found = _filled(one, texts)
            if found is None:
                return None
            inner.append(found)
        out[slot] = inner
    return out


def _figure(element: xml.Element) -> tuple[int, str | None]:
    """Place and currency of an amount; -1 where it holds elements."""
    return (-1 if len(element) else _place(element.text or "")), element.get("Ccy")


def _place(marked: str) -> int:
    return int(marked.strip().removeprefix("@"))


def _unescaped(text: str) -> str:
    for written, sign in _SIGNS:
        text = text.replace(written, sign)
    return text


_SIGNS: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def _idents(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        if field.kind == IDENT:
            yield field.slot
        yield from _idents(field.fields)
