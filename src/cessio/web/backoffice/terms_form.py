"""The terms of a contract as a form and as words: every parameter by its type, none forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_type_hints

from cessio.contracts.rules import IndexName, IneligibleReason, TermChange, Terms
from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext as _
from cessio.web.backoffice import lists
from cessio.web.forms import Form, amount, chosen, integer, rate
from cessio.web.words import label
from cessio.web.words.contracts import TERM_GROUPS, TERM_HELP

_TYPES: dict[str, Any] = get_type_hints(Terms)
_NAMES = {name: words for _group, names in TERM_GROUPS for name, words in names.items()}
#: Rates that a negative value makes sense for.
_SIGNED = {"interest_index_floor"}


@dataclass(frozen=True, slots=True)
class TermField:
    """One parameter as the form's macros draw it."""

    name: str
    words: str
    kind: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    term: str | None = None


def term_name(name: str) -> str:
    """What a parameter is called."""
    return str(_NAMES[name])


def groups() -> list[tuple[str, list[TermField]]]:
    """Every parameter under its heading."""
    return [
        (str(title), [_field(name, str(words)) for name, words in names.items()])
        for title, names in TERM_GROUPS
    ]


def _field(name: str, words: str) -> TermField:
    kind, required = _kind(name)
    members = [one for one in _enum(name) or () if one is not IndexName.LEGAL]
    return TermField(
        name, words, kind, required,
        tuple((each.value, label(each)) for each in members), TERM_HELP.get(name),
    )  # fmt: skip


def _plain(name: str) -> tuple[Any, bool]:
    """The type of a parameter without its ``None``, and whether it must be given."""
    wanted = _TYPES[name]
    members = [each for each in getattr(wanted, "__args__", ()) if each is not type(None)]
    if type(None) in getattr(wanted, "__args__", ()):
        return members[0], False
    return wanted, True


def _enum(name: str) -> type[StrEnum] | None:
    if name == "ineligible_reasons":
        return IneligibleReason
    wanted, _required = _plain(name)
    return wanted if isinstance(wanted, type) and issubclass(wanted, StrEnum) else None


def _kind(name: str) -> tuple[str, bool]:
    wanted, required = _plain(name)
    if name == "ineligible_reasons":
        return "many", True
    if _enum(name):
        return "select", True
    if wanted is bool:
        return "checkbox", False
    if wanted is Decimal:
        return "percent", required
    return ("amount" if name.endswith("_minor") else "integer"), required


def initial(terms: Terms, currency: str, /, **more: object) -> Form:
    """A form that shows these terms."""
    return Form(**{**{f.name: _typed(f.name, getattr(terms, f.name), currency)
                      for f in fields(Terms)}, **more})  # fmt: skip


def _typed(name: str, value: Any, currency: str) -> object:
    kind, _required = _kind(name)
    if value is None or kind == "checkbox":
        return value
    if kind == "percent":
        return formats.number(value * 100, _digits(value * 100))
    if kind == "amount":
        return lists.typed_amount(value, currency)
    if kind == "many":
        return ",".join(each.value for each in value)
    return str(value)


def _digits(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(2, -exponent if isinstance(exponent, int) else 2)


def read(form: Form, currency: str) -> Terms | None:
    """The terms that were typed, or None when a field is at fault (``form`` says which)."""
    values = {f.name: _read(form, f.name, currency) for f in fields(Terms)}
    return Terms(**values) if not form.faults else None


def _read(form: Form, name: str, currency: str) -> Any:
    kind, required = _kind(name)
    if kind == "many":
        picked = set(form.many(name, chosen(IneligibleReason)))
        return tuple(each for each in IneligibleReason if each in picked)
    if kind == "checkbox":
        return form.flag(name)
    reader = _reader(name, kind, currency)
    return form.need(name, reader) if required else form.maybe(name, reader)


def _reader(name: str, kind: str, currency: str) -> Callable[[str], Any]:
    wanted = _enum(name)
    if wanted is not None:
        return chosen(wanted)
    if kind == "percent":
        return rate(-1 if name in _SIGNED else 0, 1)
    if kind == "amount":
        return amount(currency, minimum_minor=0)
    return integer(-1000, 1_000_000)


def shown_term(name: str, value: Any, currency: str) -> str:
    """A parameter's value as people read it."""
    kind, _required = _kind(name)
    if value is None:
        return _("None")
    if kind == "many":
        return ", ".join(label(IneligibleReason(each)) for each in value)
    if kind == "checkbox":
        return _("Yes") if value else _("No")
    if kind == "percent":
        return formats.percent(value, exact=True)
    if kind == "amount":
        return formats.money(value, currency)
    return label(value) if isinstance(value, StrEnum) else formats.number(value)


def shown_changes(
    changes: tuple[TermChange, ...] | list[TermChange], currency: str
) -> list[tuple[str, str, str]]:
    """Name, before and after of each changed parameter, in words."""
    return [
        (term_name(one.name), shown_term(one.name, one.before, currency),
         shown_term(one.name, one.after, currency))
        for one in changes
    ]  # fmt: skip
