"""What a value of the code is called: one registry, filled at import, read at each rendering."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cessio.kernel.errors import CessioError, Problems
from cessio.kernel.money import Money
from cessio.plumbing import formats, i18n

#: Tones of a badge or message; each has a shape as well as a colour.
TONES = ("neutral", "positive", "attention", "danger", "info", "muted")

#: A date as reasons stored in JSON hold it.
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"-?\d{1,6}(\.\d{1,12})?")


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of notification: what it is called where one chooses, its sentence, who gets it.

    The sentence has the fields of what ``notify`` was given. ``client`` and ``staff`` say to
    which of the two applications the kind belongs.
    """

    title: i18n.Lazy
    sentence: i18n.Lazy
    icon: str = "bell"
    tone: str = "info"
    staff: bool = True
    client: bool = False


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A value as the house calls it, its place in its list, and whether it is still offered."""

    french: str
    english: str
    position: int
    is_offered: bool


_notices: dict[str, Notice] = {}
_labels: dict[tuple[str, str], i18n.Lazy] = {}
_tones: dict[tuple[str, str], str] = {}
_sentences: dict[str, i18n.Lazy] = {}
#: What the house calls members of an enumeration: French, English, place, whether it is offered.
_own: Mapping[tuple[str, str], OwnWord] = {}
#: Reasons of the house's own lists, as they are or once were called: French and English of each.
_said: Mapping[str, tuple[str, str]] = {}
#: Between a reason of the house and what somebody added to it.
ADDED = " – "

#: Tones of values nobody registered, by the word itself.
_COMMON_TONES = {
    "active": "positive", "accepted": "positive", "approved": "positive", "assigned": "positive",
    "confirmed": "positive", "executed": "positive", "granted": "positive", "matched": "positive",
    "paid": "positive", "settled": "positive", "done": "positive", "kept": "positive",
    "pending": "attention", "submitted": "attention", "requested": "attention",
    "waiting": "attention", "disputed": "attention", "overdue": "attention", "partial": "attention",
    "parked": "attention", "suspended": "attention",
    "refused": "danger", "rejected": "danger", "failed": "danger", "broken": "danger",
    "insolvent": "danger", "defaulted": "danger", "blocked": "danger",
    "sent": "info", "sealed": "info", "proposed": "info", "running": "info",
    "draft": "muted", "closed": "muted", "cancelled": "muted", "withdrawn": "muted",
    "ended": "muted", "expired": "muted", "reversed": "muted",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """A value with its words and tone, for templates that receive them together."""

    value: str
    text: i18n.Lazy
    tone: str


def labels(kind: type[StrEnum], names: Mapping[Any, i18n.Lazy]) -> None:
    """Say what members of an enumeration are called: ``labels(State, {State.X: lazy("…")})``."""
    for member, text in names.items():
        _labels[(kind.__name__, str(member))] = text


def tones(kind: type[StrEnum], by_tone: Mapping[str, Iterable[Any]]) -> None:
    """Say which members are good news: ``tones(State, {"positive": [State.PAID]})``."""
    for name, members in by_tone.items():
        if name not in TONES:
            raise ValueError(f"{name} is not a tone")
        for member in members:
            _tones[(kind.__name__, str(member))] = name


def sentences(by_code: Mapping[str, i18n.Lazy]) -> None:
    """Give error or reason codes a sentence of their own, with ``{name}`` fields of its params."""
    _sentences.update(by_code)


def notices(by_kind: Mapping[str, Notice]) -> None:
    """Say what kinds of notification tell: ``notices({"line_parked": Notice(…)})``."""
    _notices.update(by_kind)


def known_notices() -> Mapping[str, Notice]:
    """Every kind of notification that has words."""
    return _notices


def rename(
    words: Mapping[tuple[str, str], OwnWord], reasons: Iterable[tuple[str, str]] = ()
) -> None:
    """Use the house's own words for members of enumerations; replaces what was known.

    ``reasons`` are those people may have given before, in French and English, latest last.
    """
    global _own, _said
    _own = words
    _said = {spoken: pair for pair in reasons for spoken in pair}


#: Why something ended by itself, as it is kept.
_BY_ITSELF: dict[str, i18n.Lazy] = {
    "rights changed": i18n.lazy("Who asked for it may no longer"),
    "access ended": i18n.lazy("The access it was about has ended"),
    "payee changed": i18n.lazy("The account it is paid to has changed"),
    "directory changed": i18n.lazy("The directory says something else now"),
    "replaced": i18n.lazy("Another decision took its place"),
    "withdrawn": i18n.lazy("Who asked for it took it back"),
}


def said(given: str | None) -> str:
    """A reason somebody gave: the house's own words in the reader's language, then the rest."""
    if given in _BY_ITSELF:
        return str(_BY_ITSELF[given])
    head, added, rest = (given or "").partition(ADDED)
    pair = _said.get(head)
    if pair is None:
        return given or ""
    return (pair[1] if i18n.language() == "en" else pair[0]) + added + rest


def choices(members: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Value and words of what a list offers, in the house's order; the others keep theirs."""
    found = []
    for place, member in enumerate(members):
        own = _own.get((type(member).__name__, member.value))
        if own is None or own.is_offered:
            found.append((own.position if own else place, own is None, place, member))
    return [(member.value, label(member)) for *_place, member in sorted(found)]


def label(value: StrEnum | str | None) -> str:
    """The words for a value; an unregistered one is its own name, translated if we can."""
    if value is None:
        return "–"
    own = _own.get((type(value).__name__, str(value))) if _own else None
    if own is not None:
        return own.english if i18n.language() == "en" else own.french
    registered = _labels.get((type(value).__name__, str(value)))
    if registered is not None:
        return str(registered)
    words = str(value).replace("_", " ")
    return i18n.gettext(words[:1].upper() + words[1:])


def tone(value: StrEnum | str | None) -> str:
    """The tone of a value, ``neutral`` if nobody said."""
    if value is None:
        return "muted"
    found = _tones.get((type(value).__name__, str(value)))
    return found or _COMMON_TONES.get(str(value), "neutral")


def sentence(problem: Any) -> str:
    """What an error or a reason says, in the reader's language, its values written his way.

    Takes a ``CessioError``, or anything with ``code`` and ``params`` (and perhaps ``template``).
    """
    if isinstance(problem, Problems):
        return " ".join(ended(sentence(part)) for part in problem.problems)
    code = str(getattr(problem, "code", ""))
    template = getattr(problem, "template", None)
    params = {key: shown(key, value, _params(problem)) for key, value in _params(problem).items()}
    if code in _sentences:
        text = i18n.translated(_sentences[code].msgid)
    elif template:
        text = i18n.translated(template)
    else:
        return str(problem) if not code else label(code)
    said = text.format(**params)
    return said[:1].upper() + said[1:]


def ended(text: str) -> str:
    """A sentence with its full stop, so that another can follow."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _params(problem: Any) -> Mapping[str, Any]:
    params = getattr(problem, "params", None)
    return params if isinstance(params, Mapping) else {}


def shown(name: str, value: Any, beside: Mapping[str, Any]) -> Any:
    """A parameter as the reader writes it: amounts (``*_minor``), dates, rates, states."""
    if isinstance(value, Money):
        return formats.money(value.minor, value.currency)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and name.endswith("_minor"):
        return formats.money(value, str(beside.get("currency", "EUR")))
    if isinstance(value, Decimal):
        is_rate = name.endswith("rate")
        return formats.percent(value, exact=True) if is_rate else formats.number(value)
    if isinstance(value, datetime):
        return formats.datetime(value)
    if isinstance(value, date):
        return formats.date(value)
    if isinstance(value, StrEnum):
        return label(value)
    if isinstance(value, CessioError):
        return sentence(value)
    if isinstance(value, str) and name in ("why", "note"):
        return said(value)
    if isinstance(value, str) and name.endswith("rate") and _DECIMAL.fullmatch(value):
        return formats.percent(Decimal(value), exact=True)
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):  # a reason kept as JSON
        return day_said(value)
    return value


def day_said(value: str) -> str:
    """A date as people write it; what somebody typed that only looks like one, as it stands."""
    try:
        return formats.date(date.fromisoformat(value))
    except ValueError:
        return value
