"""The language of the house's texts: words, ``{name}`` values and optional parts. Nothing else.

``{name}`` is replaced by a value the text may use. ``{?name}…{/name}`` is kept when that value is
there, ``{!name}…{/name}`` when it is not. Any other brace is a fault with its line: there are no
expressions, attributes, formats, loops or calls, so a text can show what it is given and nothing
more. A value is put in as it is and never read again as text of the house.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cessio.kernel.errors import CessioError, Invalid

MAX_SUBJECT, MAX_BODY, MAX_TAGS, MAX_DEPTH = 160, 8_000, 120, 4
#: A list of ten thousand invoices, twice: one that were cut would name less than it sums.
MAX_VALUE, MAX_WRITTEN = 1_000_000, 2_500_000

#: The code of a letter: eighty random bits, good for a year and the time to answer.
CODE_GROUPS, CODE_MONTHS = 4, 13

_TAG = re.compile(r"\{([?!/]?)([a-z][a-z0-9_]{0,39})\}")
_ELIDED = re.compile(r"\b([Dd]|[Qq]u)e[ \u00a0](\{([a-z][a-z0-9_]{0,39})\})")
_BRACE = re.compile(r"[{}]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
_GAP = re.compile(r"\n{3,}")
#: A mark of an optional part alone on its line takes the line with it.
_ALONE = re.compile(r"^[ \t]*(\{[?!/][a-z][a-z0-9_]{0,39}\})[ \t]*\n", re.MULTILINE)


class Channel(StrEnum):
    """How a text reaches its reader."""

    MAIL = "mail"
    LETTER = "letter"
    SMS = "sms"  # its subject is for us alone


@dataclass(frozen=True, slots=True)
class Text:
    """A subject of one line and a body, in the language of the house's texts."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """One brace pair: ``kind`` is ``""`` for a value, else ``?``, ``!`` or ``/``."""

    kind: str
    name: str
    start: int
    stop: int


def text_problems(text: Text, known: Collection[str]) -> list[CessioError]:
    """Everything that keeps a text from being used, each with its line."""
    faults: list[CessioError] = []
    if not text.subject.strip():
        faults.append(Invalid("subject_missing", "give it a subject", field="subject"))
    if _CONTROL.search(text.subject) or "\n" in text.subject:
        faults.append(Invalid("subject_lines", "the subject is one line", field="subject"))
    if not text.body.strip():
        faults.append(Invalid("body_missing", "write the text", field="body"))
    for field, said, most in (
        ("subject", text.subject, MAX_SUBJECT), ("body", text.body, MAX_BODY)
    ):  # fmt: skip
        if len(said) > most:
            faults.append(Invalid("text_too_long", "it has more than {most} characters",
                                  field=field, most=most))  # fmt: skip
        else:
            faults.extend(_faults(said, known, field))
    return faults


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; an absent or empty value leaves its optional part out.

    Raises ``Invalid`` for a text that ``text_problems`` refuses, or when the result is too long.
    """
    text = _ALONE.sub(r"\1", _lines(text))
    if faults := list(_faults(text, values.keys(), "body")):
        raise faults[0]
    out: list[str] = []
    shown, position, size = [True], 0, 0
    for mark in _marks(text):
        pieces = [text[position : mark.start]]
        position = mark.stop
        if mark.kind == "":
            pieces.append(_plain(values[mark.name]))
        if shown[-1]:
            out.extend(pieces)
            size += sum(map(len, pieces))
        if mark.kind == "/":
            shown.pop()
        elif mark.kind:
            shown.append(shown[-1] and bool(values[mark.name].strip()) is (mark.kind == "?"))
        if size > MAX_WRITTEN:
            raise Invalid("text_too_long", "it has more than {most} characters", field="body",
                          most=MAX_WRITTEN)  # fmt: skip
    out.append(text[position:])
    return _GAP.sub("\n\n", "".join(out)).strip()


def elided(text: str, values: Mapping[str, str]) -> str:
    """A French text whose « de » and « que » lose their e before a value that begins so."""

    def before(found: re.Match[str]) -> str:
        first = unicodedata.normalize("NFD", values.get(found[3], "").strip())[:1].lower()
        return f"{found[1]}’{found[2]}" if first and first in "aeiouœæ" else found[0]

    return _ELIDED.sub(before, text)


def one_line(text: str) -> str:
    """A subject that no value can break into a second header line.

    The no-break spaces of an amount stay: ``1 234,50 €`` is one word for who reads it.
    """
    return _BLANKS.sub(" ", text).strip()[: 2 * MAX_SUBJECT]


def used_names(text: str) -> frozenset[str]:
    """The values a text speaks of."""
    return frozenset(mark.name for mark in _marks(text))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain(value: str) -> str:
    return _CONTROL.sub(" ", _lines(value))[:MAX_VALUE]


def _marks(text: str) -> Iterator[_Mark]:
    for found in _TAG.finditer(text):
        yield _Mark(found[1], found[2], found.start(), found.end())


def _faults(text: str, known: Collection[str], field: str) -> Iterator[CessioError]:
    text = _lines(text)
    marks = list(_marks(text))
    yield from _strange_braces(text, marks, field)
    for mark in marks:
        if mark.name not in known:
            yield Invalid(
                "variable_unknown", "line {line}: {name} is not a value this text can use",
                field=field, line=_line(text, mark.start), name=mark.name,
            )  # fmt: skip
    if len(marks) > MAX_TAGS:
        yield Invalid("too_many_values", "it uses more than {most} values", field=field,
                      most=MAX_TAGS)  # fmt: skip
    yield from _nesting(text, marks, field)


def _strange_braces(text: str, marks: list[_Mark], field: str) -> Iterator[CessioError]:
    """The first brace of each line that begins or ends no mark."""
    inside = {place for mark in marks for place in range(mark.start, mark.stop)}
    lines = [_line(text, b.start()) for b in _BRACE.finditer(text) if b.start() not in inside]
    for line in sorted(set(lines)):
        yield Invalid("brace_strange", "line {line}: braces only hold the name of a value",
                      field=field, line=line)  # fmt: skip


def _nesting(text: str, marks: list[_Mark], field: str) -> Iterator[CessioError]:
    open_marks: list[_Mark] = []
    for mark in marks:
        if mark.kind == "/":
            if not open_marks or open_marks[-1].name != mark.name:
                yield Invalid(
                    "part_not_open", "line {line}: no optional part {name} ends here",
                    field=field, line=_line(text, mark.start), name=mark.name,
                )  # fmt: skip
                return
            open_marks.pop()
        elif mark.kind:
            open_marks.append(mark)
            if len(open_marks) > MAX_DEPTH:
                yield Invalid("parts_too_deep", "line {line}: too many parts inside each other",
                              field=field, line=_line(text, mark.start))  # fmt: skip
                return
    for mark in open_marks:
        yield Invalid("part_not_ended", "line {line}: the optional part {name} does not end",
                      field=field, line=_line(text, mark.start), name=mark.name)  # fmt: skip


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
