"""Sentences in the reader's language: catalogues, the current language, translation calls.

A msgid is the English sentence itself; values are written ``{name}`` and given by keyword. The
French catalogue is the union of ``locale/fr/*.po``, read once (no compiled files); the same msgid
in two files is an error. The current language is a context variable: the web sets it per request,
a job or the command line with ``use_language``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"
LOCALE_DIR = Path(__file__).resolve().parents[1] / "locale"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)

#: (context, singular) -> the forms: one, or singular and plural.
Catalogue = dict[tuple[str | None, str], tuple[str, ...]]


class CatalogueError(ValueError):
    """A catalogue cannot be used: a msgid twice, or a file that does not parse."""


class Lazy:
    """A sentence translated when it is shown, for tables built at import time."""

    __slots__ = ("about", "msgid", "params")

    def __init__(self, msgid: str, /, *, about: str | None = None, **params: Any) -> None:
        self.msgid = msgid
        self.about = about
        self.params = params

    def __str__(self) -> str:
        text = translated(self.msgid, self.about)
        return text.format(**self.params) if self.params else text

    def __repr__(self) -> str:
        return f"Lazy({self.msgid!r})"

    def __hash__(self) -> int:
        return hash((self.about, self.msgid))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazy) and (
            (other.about, other.msgid, other.params) == (self.about, self.msgid, self.params)
        )


def language() -> str:
    """The language of the present request or job: ``fr`` or ``en``."""
    return _language.get()


def set_language(code: str) -> None:
    """Set the language for the rest of this context (a request); unknown codes are ignored."""
    if code in LANGUAGES:
        _language.set(code)


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Speak ``code`` inside the block, whatever was spoken before."""
    token = _language.set(code if code in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def read_catalogue(directory: Path) -> Catalogue:
    """Merge every ``.po`` of a directory; raises ``CatalogueError`` on a msgid met twice."""
    merged: Catalogue = {}
    origin: dict[tuple[str | None, str], str] = {}
    for path in sorted(directory.glob("*.po")):
        for key, forms in _messages(path):
            if key in merged:
                raise CatalogueError(f"{key[1]!r} is both in {origin[key]} and {path.name}")
            merged[key], origin[key] = forms, path.name
    return merged


def _messages(path: Path) -> Iterator[tuple[tuple[str | None, str], tuple[str, ...]]]:
    seen: set[tuple[str | None, str]] = set()
    for line in _repeated(path):
        raise CatalogueError(f"{line!r} is twice in {path.name}")
    with path.open("rb") as stream:
        catalog = read_po(stream, locale="fr", abort_invalid=True)
    for message in catalog:
        singular = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if not singular or message.fuzzy or not all(forms):
            continue
        key = (message.context, singular)
        if key not in seen:
            seen.add(key)
            yield key, forms


def _repeated(path: Path) -> Iterator[str]:
    """Msgids written twice in one file, which Babel would merge in silence."""
    seen: set[tuple[str, str]] = set()
    context = ""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        context = next((line for line in lines if line.startswith("msgctxt ")), "")
        start = next((i for i, line in enumerate(lines) if line.startswith("msgid ")), None)
        if start is None:
            continue
        end = next(i for i, line in enumerate(lines) if line.startswith(("msgid_plural", "msgstr")))
        text = "".join(line.partition('"')[2].rpartition('"')[0] for line in lines[start:end])
        if text and (context, text) in seen:
            yield text
        seen.add((context, text))


@cache
def catalogue(code: str) -> Catalogue:
    """The translations of a language; English is empty, as the msgids are English."""
    return read_catalogue(LOCALE_DIR / code) if code != "en" else {}


def translated(msgid: str, context: str | None = None) -> str:
    """The sentence in the current language, its ``{fields}`` not yet filled."""
    forms = catalogue(_language.get()).get((context, msgid))
    return forms[0] if forms else msgid


def gettext(msgid: str, /, **params: Any) -> str:
    """Translate, then fill ``{name}`` fields."""
    text = translated(msgid)
    return text.format(**params) if params else text


def pgettext(context: str, msgid: str, /, **params: Any) -> str:
    """Translate a word that means different things in different places (``msgctxt``)."""
    text = translated(msgid, context)
    return text.format(**params) if params else text


def ngettext(singular: str, plural: str, n: int, /, **params: Any) -> str:
    """Translate by number. French says 0 and 1 in the singular. ``{n}`` is always available."""
    text = plural_form(singular, plural, n)
    return text.format(n=n, **params)


def plural_form(singular: str, plural: str, n: int) -> str:
    """The right sentence for ``n``, its ``{fields}`` not yet filled."""
    code = _language.get()
    many = abs(n) >= 2 if code == "fr" else n != 1
    forms = catalogue(code).get((None, singular))
    if forms and len(forms) > 1:
        return forms[1] if many else forms[0]
    return plural if many else singular


def N_(msgid: str) -> str:  # noqa: N802  # gettext's own name, which extractors look for
    """Mark a sentence for the catalogue without translating it now."""
    return msgid


def lazy(msgid: str, **params: Any) -> Lazy:
    """Mark a sentence for the catalogue; it is translated each time it is shown."""
    return Lazy(msgid, **params)


def plazy(about: str, msgid: str) -> Lazy:
    """The same for a word that French writes otherwise of one thing than of another (gender)."""
    return Lazy(msgid, about=about)


_ = gettext
