"""Every sentence people may read, found in the sources; ``python -m tests.house.texts`` prints
those without French as entries of a ``.po`` file, grouped by where they stand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.extract import extract
from jinja2 import Environment
from jinja2.ext import babel_extract

from cessio.plumbing.i18n import LOCALE_DIR, Catalogue, read_catalogue
from tests.house.sources import ROOT, dotted, modules

TEMPLATES = ROOT / "portal_templates"

KEYWORDS = {
    "_": None, "gettext": None, "lazy": None, "N_": None, "Lazy": None,
    "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "plazy": ((1, "c"), 2),
}  # fmt: skip

#: What only operators read, in English: the command line and the start of a process.
FOR_OPERATORS = {("cli",), ("plumbing", "settings"), ("plumbing", "embedded"),
                 ("plumbing", "server_account")}  # fmt: skip

#: Words that are the same in both languages.
SAME = frozenset(
    {
        "cessio", "csv", "xlsx", "pdf", "xml", "json", "html", "ubl", "cii", "fec", "camt", "cfonb",
        "mt940", "eur", "iban", "bic", "ics", "rum", "sepa", "siren", "siret", "naf", "rcs", "tva",
        "api", "url", "id", "totp", "sha-256", "ok", "ctrl", "esc", "dso",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence: where it stands, its context, its English, its English plural."""

    where: str
    msgid: str
    context: str | None = None
    plural: str | None = None

    @property
    def key(self) -> tuple[str | None, str]:
        return (self.context, self.msgid)


@cache
def all_texts() -> tuple[Text, ...]:
    """Every sentence of Python and of the templates."""
    found = [*_marked_in_python(), *_marked_in_templates(), *_errors()]
    return tuple(text for text in found if text.msgid.strip())


@cache
def french() -> Catalogue:
    """The French catalogue; raises on a sentence translated twice."""
    return read_catalogue(LOCALE_DIR / "fr")


def missing() -> list[Text]:
    """Sentences without French, each once, in order of place."""
    known, seen, absent = french(), set(), []
    for text in all_texts():
        if text.key not in known and text.key not in seen:
            seen.add(text.key)
            absent.append(text)
    return absent


def templates() -> list[Path]:
    """Every HTML template of ours."""
    return [path for path in sorted(TEMPLATES.rglob("*.html")) if "vendor" not in path.parts]


def bare_words(path: Path) -> list[str]:
    """Words a template shows without passing them through the catalogue."""
    reader = _VisibleText()
    reader.feed(without_jinja(path.read_text(encoding="utf-8")))
    reader.close()
    return [text for text in reader.found if '="' not in text and _has_words(text)]


def _marked_in_python() -> Iterator[Text]:
    for module in modules():
        with module.path.open("rb") as stream:
            for line, messages, _, context in extract("python", stream, KEYWORDS):
                yield from _text(f"{module.name}:{line}", messages, context)


def _marked_in_templates() -> Iterator[Text]:
    options = {"trimmed": "true", "silent": "false"}
    for path in templates():
        with path.open("rb") as stream:
            where = path.relative_to(ROOT)
            for line, function, messages, _ in babel_extract(stream, tuple(KEYWORDS), [], options):
                parts = (messages,) if isinstance(messages, str) else tuple(messages)
                parts = tuple(part for part in parts if part is not None)
                if function == "pgettext":
                    yield Text(f"{where}:{line}", parts[1], parts[0])
                elif function == "ngettext":
                    yield Text(f"{where}:{line}", parts[0], None, parts[1])
                elif parts:
                    yield Text(f"{where}:{line}", parts[0])


def _text(where: str, messages: object, context: str | None) -> Iterator[Text]:
    if isinstance(messages, str):
        yield Text(where, messages, context)
    elif isinstance(messages, tuple) and messages and isinstance(messages[0], str):
        yield Text(where, messages[0], context, messages[1] if len(messages) > 1 else None)


def _errors() -> Iterator[Text]:
    """The sentences of expected errors: their English template is the msgid unless their code has
    a sentence of its own."""
    kinds = _error_kinds()
    told = _own_sentences()
    for module in modules():
        if any(module.parts[: len(prefix)] == prefix for prefix in FOR_OPERATORS):
            continue
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] not in kinds:
                continue
            code, template = (_constant(node, 0, "code"), _constant(node, 1, "template"))
            if code and template and code not in told and template != "{text}":
                yield Text(f"{module.name}:{node.lineno}", template)


def _constant(call: ast.Call, position: int, keyword: str) -> str | None:
    value: ast.expr | None = call.args[position] if len(call.args) > position else None
    for given in call.keywords:
        if given.arg == keyword:
            value = given.value
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return None


@cache
def _error_kinds() -> frozenset[str]:
    """``CessioError``, its subclasses by name, and what else carries a code and a template."""
    bases: dict[str, set[str]] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {dotted(base).rpartition(".")[2] for base in node.bases}
    kinds = {"CessioError"} | _reason_kinds()
    while grown := {name for name, over in bases.items() if over & kinds} - kinds:
        kinds |= grown
    return frozenset(kinds)


def _reason_kinds() -> set[str]:
    """Dataclasses of refusals: those with fields ``code`` and ``template``."""
    kinds = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                fields = {
                    item.target.id
                    for item in node.body
                    if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
                }
                if {"code", "template"} <= fields:
                    kinds.add(node.name)
    return kinds


@cache
def _own_sentences() -> frozenset[str]:
    from cessio.web.words import registry

    return frozenset(registry._sentences)


def without_jinja(source: str) -> str:
    """The template with expressions as ``\\0``, without tags, comments and translated blocks."""
    text = re.sub(r"\{#.*?#\}", "", source, flags=re.S)
    text = re.sub(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}", "\0", text, flags=re.S)
    text = re.sub(r"^\{% block \w*class\b.*$", "", text, flags=re.M)
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    kept, inside = [], ""
    for _, kind, value in environment.lexer.tokeniter(text, None):
        if kind == "data" and not inside:
            kept.append(value)
        elif kind in {"variable_begin", "block_begin"}:
            inside = kind
        elif kind in {"variable_end", "block_end"}:
            kept.append("\0" if inside == "variable_begin" else "")
            inside = ""
    return "".join(kept)


class _VisibleText(HTMLParser):
    """Collects text nodes and the attributes that people see or hear."""

    SHOWN = frozenset({"title", "placeholder", "aria-label", "alt", "data-confirm", "data-empty"})
    HIDDEN = frozenset({"script", "style", "svg", "code", "kbd", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.HIDDEN:
            self.hidden.append(tag)
        self.found.extend(value for name, value in attrs if name in self.SHOWN and value)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag == self.hidden[-1]:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data.strip())


def _has_words(text: str) -> bool:
    words = re.findall(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ0-9-]+", text.replace("\0", " "))
    return any(word.lower() not in SAME for word in words)


def _print_missing() -> None:
    for text in missing():
        print(f"#: {text.where}")
        if text.context:
            print(f"msgctxt {_quoted(text.context)}")
        print(f"msgid {_quoted(text.msgid)}")
        if text.plural:
            print(f'msgid_plural {_quoted(text.plural)}\nmsgstr[0] ""\nmsgstr[1] ""\n')
        else:
            print('msgstr ""\n')


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


if __name__ == "__main__":
    _print_missing()
