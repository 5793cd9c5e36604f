"""Which texts the house has: each registered once, by the capability that sends it.

``register(TemplateKind(...))`` at import of that capability; the settings pages list them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from cessio.correspondence.rules import Channel, Text, text_problems
from cessio.kernel.errors import NotFound
from cessio.kernel.money import Money
from cessio.plumbing.i18n import LANGUAGES, Lazy, lazy

#: What a text may be given. A ``Decimal`` is a fraction written as a percentage, a sequence is
#: written one entry a line, ``None`` and ``""`` are absent.
Value = str | Money | date | datetime | Decimal | int | Sequence[str] | None
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Variable:
    """A value a text may use, what it is, and one to show before there is a real one."""

    name: str
    label: Lazy
    sample: Value


@dataclass(frozen=True, slots=True)
class TemplateKind:
    """One text of the house: who gets it when (``label``), its values and its house wording."""

    code: str
    label: Lazy
    variables: tuple[Variable, ...]
    default_fr: Text
    default_en: Text
    channel: Channel = Channel.MAIL

    @property
    def names(self) -> frozenset[str]:
        """Every value the text may use, those of every text included."""
        return frozenset(one.name for one in (*self.variables, *COMMON))

    def default(self, language: str) -> Text:
        """The wording of the house before anybody changed it."""
        return self.default_en if language == "en" else self.default_fr


#: Every text may use these; ``send`` fills them.
COMMON: tuple[Variable, ...] = (
    Variable("recipient", lazy("Who it is addressed to"), "Camille Arnaud"),
    Variable("factor", lazy("Our name"), "Cessio Factor"),
    Variable("factor_address", lazy("Our address"), "1 place de la Bourse, 75002 Paris"),
    Variable("today", lazy("The day it is written"), date(2026, 11, 18)),
)
_RESERVED = frozenset(one.name for one in COMMON)
_kinds: dict[str, TemplateKind] = {}


class TemplateUnknown(NotFound):
    """No capability registered a text of that code."""


def register(kind: TemplateKind) -> TemplateKind:
    """Make a text known; ``ValueError`` for a code used twice or a house wording at fault."""
    if _kinds.get(kind.code, kind) != kind:
        raise ValueError(f"two texts have the code {kind.code}")
    if taken := _RESERVED & {one.name for one in kind.variables}:
        raise ValueError(f"{kind.code}: {sorted(taken)} are filled for every text")
    for language in LANGUAGES:
        if faults := text_problems(kind.default(language), kind.names):
            raise ValueError(f"{kind.code} ({language}): {faults[0]}")
    _kinds[kind.code] = kind
    return kind


def kind_of(code: str) -> TemplateKind:
    """The text of a code. Raises ``TemplateUnknown``."""
    found = _kinds.get(code)
    if found is None:
        raise TemplateUnknown("template_unknown", "there is no text {name}",
                              name=code[:60])  # fmt: skip
    return found


def kinds() -> Iterator[TemplateKind]:
    """Every text, by code."""
    return (_kinds[code] for code in sorted(_kinds))
