"""Every sentence the product can show, and which of them have no French yet.

``python -m tests.web.untranslated [part-of-path] [--po]`` prints them (``--po`` as empty entries).
Sentences are the arguments of ``_``, ``N_``, ``lazy``, ``gettext``, ``ngettext`` in Python and
templates, and the templates of ``CessioError`` and its subclasses (their second argument).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment
from jinja2 import nodes as j

from cessio.plumbing import assets, i18n

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "cessio"
SINGULAR = {"_", "N_", "lazy", "gettext"}

Found = tuple[str, str | None, str]  # msgid, plural, where


def python_sentences(path: Path) -> Iterator[Found]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    errors = _error_classes()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        where = f"{path.relative_to(ROOT)}:{node.lineno}"
        texts = [_text(arg) for arg in node.args]
        if name in SINGULAR and texts and texts[0]:
            yield texts[0], None, where
        elif name == "ngettext" and len(texts) > 1 and texts[0]:
            yield texts[0], texts[1], where
        elif name in errors and len(texts) > 1 and texts[1]:
            yield texts[1], None, where


def template_sentences(path: Path) -> Iterator[Found]:
    env = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    tree = env.parse(path.read_text(encoding="utf-8"))
    for node in tree.find_all(j.Call):
        name = node.node.name if isinstance(node.node, j.Name) else ""
        texts = [arg.value if isinstance(arg, j.Const) else None for arg in node.args]
        where = f"{path.relative_to(ROOT)}:{node.lineno}"
        if name in SINGULAR and texts and isinstance(texts[0], str):
            yield texts[0], None, where
        elif name == "ngettext" and len(texts) > 1 and isinstance(texts[0], str):
            yield texts[0], texts[1], where


def _error_classes() -> set[str]:
    """Names of ``CessioError`` and everything that inherits from it, anywhere in the source."""
    if not _errors:
        _errors.add("CessioError")
        bases: list[tuple[str, set[str]]] = []
        for path in SOURCE.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases += [(node.name, {_name(base) for base in node.bases})]
        grew = True
        while grew:
            new = {name for name, parents in bases if parents & _errors} - _errors
            grew = bool(new)
            _errors.update(new)
    return _errors


_errors: set[str] = set()


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def all_sentences(part: str = "") -> list[Found]:
    """Every sentence once, with the first place it was found."""
    found: dict[str, Found] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if part in str(path):
            found |= {one[0]: one for one in python_sentences(path) if one[0] not in found}
    for path in sorted(assets.templates_dir().rglob("*.html")):
        if part in str(path):
            found |= {one[0]: one for one in template_sentences(path) if one[0] not in found}
    return list(found.values())


def untranslated(part: str = "") -> list[Found]:
    """The sentences the French catalogue does not have (text without letters needs none)."""
    french = i18n.read_catalogue(i18n.LOCALE_DIR / "fr")
    return [
        one
        for one in all_sentences(part)
        if (None, one[0]) not in french and any(char.isalpha() for char in one[0])
    ]


def main() -> None:
    words = [arg for arg in sys.argv[1:] if not arg.startswith("--")]
    for msgid, plural, where in untranslated(words[0] if words else ""):
        if "--po" in sys.argv:
            quoted = msgid.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            print(f'#: {where}\nmsgid "{quoted}"')
            print(
                f'msgid_plural "{plural}"\nmsgstr[0] ""\nmsgstr[1] ""\n'
                if plural
                else 'msgstr ""\n'
            )
        else:
            print(f"{where}: {msgid}")


if __name__ == "__main__":
    main()
