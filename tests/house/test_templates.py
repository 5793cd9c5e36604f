"""Every template is shown by somebody, draws what it is given, and asks nothing of anybody."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.house.sources import modules
from tests.house.texts import TEMPLATES, templates, without_jinja

NAMES = [str(path.relative_to(TEMPLATES)) for path in templates()]


@cache
def _named() -> frozenset[str]:
    """Template names that Python or another template speaks of."""
    found = {
        node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for path in templates():
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(r"{%-?\s*(?:extends|include|import|from)\s+[\"']([^\"']+)", text))
    return frozenset(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_rendered_by_somebody(name: str) -> None:
    """Components are loaded together; a page may be named without its folder or suffix."""
    if name.startswith("components/"):
        return
    if name not in _named() and name.removesuffix(".html") not in _named():
        pytest.fail(f"nobody renders {name}")


@pytest.mark.parametrize("name", NAMES)
def test_a_template_needs_no_inline_script_or_style_and_nothing_from_elsewhere(name: str) -> None:
    """The content security policy would refuse it, and no request leaves the machine."""
    text = without_jinja((TEMPLATES / name).read_text(encoding="utf-8"))
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), "inline script"
    assert not re.search(r"<style\b", text), "inline style sheet"
    assert not re.search(r"\sstyle=", text), "inline style"
    assert not re.search(r"\son[a-z]+=", text), "inline handler"
    assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", text), "foreign address"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_marked_safe_in_a_template(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text)
