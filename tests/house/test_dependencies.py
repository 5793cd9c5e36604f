"""No installed package is older than the release that mended a known fault (reliability.md 5.1).

An audit against an advisory service is green where its data cannot be reached; this list is not.
"""

from __future__ import annotations

import pyexpat
import re
from importlib.metadata import version

import pytest

from tests.house.sources import ROOT

#: Package, least safe version, the fault.
LEAST = [
    ("litestar", "2.22.0", "CVE-2026-48061 forged host; csrf_input unescaped; and all before"),
    ("authlib", "1.6.4", "CVE-2025-59420 unknown crit; CVE-2024-37568 algorithm confusion"),
    ("jinja2", "3.1.6", "sandbox breakouts"),
    ("lxml", "6.1.0", "libxml2 faults of 2025"),
    ("dramatiq", "2.0.0", "message loss fixed since"),
    ("granian", "2.2.0", "request smuggling hardening"),
    ("psycopg", "3.2.0", "quoting fixes"),
]  # fmt: skip


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


@pytest.mark.parametrize(("package", "least", "fault"), LEAST, ids=[row[0] for row in LEAST])
def test_package_is_at_least_the_mended_release(package: str, least: str, fault: str) -> None:
    assert _numbers(version(package)) >= _numbers(least), fault


def test_the_lock_pins_every_package_with_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==", lock, re.M)
    assert len(pinned) > 50
    assert "://" not in lock
    for block in re.split(r"^(?=[a-z0-9])", lock, flags=re.M)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_lock_covers_every_declared_dependency() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[\[<>=~! ]", entry)[0].lower().replace("_", "-") for entry in declared}
    missing = {name for name in names if not re.search(rf"^{re.escape(name)}(\[|==)", lock, re.M)}
    assert not missing


def test_everything_installed_is_what_the_lock_says() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    wrong = []
    for name, pinned in re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(\S+) \\$", lock, re.M):
        installed = version(name)
        if installed != pinned:
            wrong.append(f"{name} {installed}, not {pinned}")
    assert not wrong


def test_expat_is_told_apart() -> None:
    """CVE-2026-7210 is in expat before 2.8.0: nothing of ours may parse XML with it."""
    assert pyexpat.EXPAT_VERSION.startswith("expat_")
    sources = (path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert not [text for text in sources if re.search(r"import xml\.|from xml\.|xml\.sax", text)]
