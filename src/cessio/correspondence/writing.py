"""From a text and values to what is read: values written the reader's way, then put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from cessio.correspondence.kinds import COMMON, TemplateKind, Value, Values
from cessio.correspondence.rules import Text, elided, fill, one_line, text_problems
from cessio.kernel.errors import CessioError
from cessio.kernel.money import Money
from cessio.plumbing import formats
from cessio.plumbing.i18n import use_language


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as its reader would see it, or everything that keeps it from being used."""

    subject: str
    body: str
    faults: tuple[CessioError, ...]


def preview(
    kind: TemplateKind, text: Text, *, language: str, values: Values | None = None
) -> Preview:
    """A text that may not be saved yet, with sample values where none are given."""
    if faults := text_problems(text, kind.names):
        return Preview("", "", tuple(faults))
    samples = {one.name: one.sample for one in (*kind.variables, *COMMON)}
    try:
        written = write(text, written_values({**samples, **(values or {})}, language), language)
    except CessioError as error:
        return Preview("", "", (error,))
    return Preview(written.subject, written.body, ())


def write(text: Text, values: Mapping[str, str], language: str) -> Text:
    """Subject and body with their values. Raises ``Invalid`` for a text at fault."""
    subject, body = text.subject, text.body
    if language == "fr":
        subject, body = elided(subject, values), elided(body, values)
    return Text(one_line(fill(subject, values)), fill(body, values))


def written_values(values: Values, language: str) -> dict[str, str]:
    """Each value as a reader of that language writes it."""
    with use_language(language):
        return {name: written_value(value) for name, value in values.items()}


def written_value(value: Value) -> str:
    """One value in the current language; ``TypeError`` for what no text can show."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, Money):
        return formats.money(value.minor, value.currency)
    if isinstance(value, datetime):
        return formats.datetime(value)
    if isinstance(value, date):
        return formats.date(value, "long")
    if isinstance(value, Decimal):
        return formats.percent(value, exact=True)
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.number(value)
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    raise TypeError(f"a text cannot show a {type(value).__name__}")
