"""Passwords that others lost or guess first are refused, from a file of any size (ASVS 6.2.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cessio.identity import breached, passwords
from cessio.identity.common_passwords import common
from cessio.plumbing.settings import SettingError

LOST = [f"a long sentence that was lost {number}" for number in range(400)]


def _sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture(autouse=True)
def _without() -> Iterator[None]:
    yield
    breached.use(None)


def _write(path: Path, lines: list[str], end: str = "\r\n") -> Path:
    path.write_bytes(end.join(lines).encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("digits", [40, 20])
@pytest.mark.parametrize("count", [1, 2, 3, 400])
def test_every_password_of_the_file_is_refused_and_no_other(
    tmp_path: Path, count: int, digits: int, end: str
) -> None:
    hashes = sorted(_sha1(one)[:digits] for one in LOST[:count])
    lines = [f"{one}:{number * 7 + 1}" for number, one in enumerate(hashes)]
    breached.use(_write(tmp_path / "lost.txt", lines, end))
    for one in LOST[:count]:
        problem = passwords.problem(one)
        assert problem is not None
        assert problem.code == "password_common"
    assert not [one for one in LOST if breached.is_listed(f"{one}!")]
    breached.use(None)
    assert passwords.problem(LOST[0]) is None


def test_another_file_is_refused_at_the_start(tmp_path: Path) -> None:
    for lines in (["hello"], [""], [_sha1("b")[:10]], sorted(map(_sha1, "ab"), reverse=True)):
        with pytest.raises(SettingError):
            breached.use(_write(tmp_path / "wrong.txt", lines))
    with pytest.raises(SettingError):
        breached.use(tmp_path / "absent.txt")


def test_thirty_thousand_common_ones_are_built_in_however_they_are_stretched() -> None:
    assert len(common()) > 28_000
    words = [one for one in sorted(common()) if one.isalpha() and 4 <= len(one) <= 20]
    assert len(words) > 15_000
    for word in words[::50]:
        for stretched in (
            f"{word}2026!2026!20",
            f"{word}{word}{word}",
            f"!!!{word.title()}99999999",
        ):
            if len(stretched) >= 12:
                assert passwords.problem(stretched) is not None, stretched
