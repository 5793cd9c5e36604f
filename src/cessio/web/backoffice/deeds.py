"""A deed that waits for a second person, as its page shows it: what it was, what it becomes."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from cessio import agreeing
from cessio.approvals import ApprovalView
from cessio.contracts.rules import FeeKind, IndexName, Terms
from cessio.identity import Permission, Role
from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext as _
from cessio.web.backoffice import terms_form
from cessio.web.words import label
from cessio.web.words.agreeing import CHANGE_NAMES
from cessio.web.words.permissions import PERMISSION_WORDS
from cessio.web.words.registry import shown

_TERMS = {field.name for field in fields(Terms)}
_ROLES = {role.value for role in Role}
#: Rates that are fractions though their names do not end so.
_SHARES = {"auto_apply_from"}


def changes(one: ApprovalView) -> list[tuple[str, str, str]]:
    """Name, before and after of each line that changes, in the reader's words."""
    currency = str(one.summary.get("currency", "EUR"))
    deed = agreeing.read(one)
    return [
        (_name(name), _value(name, before, currency), _value(name, after, currency))
        for name, before, after in deed.pairs(one.summary["state"])
    ]


def _name(name: str) -> str:
    head, _colon, rest = name.partition(":")
    if head == "fee" and rest:
        kind, _slash, start = rest.partition("/")
        fee = label(FeeKind(kind))
        return fee if start == "0" else _("{fee} from {amount}", fee=fee,
                                          amount=formats.money(int(start), "EUR"))  # fmt: skip
    if head == "invoice" and rest:
        return rest
    if head == "lent" and rest:
        return str(PERMISSION_WORDS[Permission(rest)])
    if name in CHANGE_NAMES:
        return str(CHANGE_NAMES[name])
    if name in _TERMS:
        return terms_form.term_name(name)
    index, _space, on = name.partition(" ")
    if on and index in set(IndexName):
        return f"{label(IndexName(index))} · {shown('on', on, {})}"
    plain = name.removesuffix("_minor")
    return label(Role(plain)) if plain in _ROLES else label(plain)


def _value(name: str, value: Any, currency: str) -> str:
    if name in _TERMS and name != "effective_from":
        return terms_form.shown_term(name, value, currency)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, tuple) and isinstance(value[-1], str):
        return formats.money(value[0], value[1])
    if isinstance(value, tuple):
        flat, rate = value
        parts = [formats.money(flat, currency)] if flat or not rate else []
        return " + ".join([*parts, *([formats.percent(rate, exact=True)] if rate else [])])
    if isinstance(value, Decimal) and (name in _SHARES or " " in name):
        return formats.percent(value, exact=True)
    if name == "iban":
        return formats.iban(value)
    if name == "siren":
        return formats.siren(value)
    if name == "state":
        return label(str(value))
    return str(shown(name, value, {"currency": currency}))
