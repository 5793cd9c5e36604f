"""Hashes cost what they should, never more at once than memory allows."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore

import pytest
from argon2 import PasswordHasher

from cessio.identity import passwords


def test_a_hash_is_argon2id_above_the_recommended_minimum(real_hashing: None) -> None:
    stored = passwords.hashed("trente-six chandelles")
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$", stored)
    assert found is not None
    assert 19_456 <= int(found[1]) <= 65_536
    assert int(found[2]) >= 2
    assert not passwords.is_outdated(stored)
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=64).hash("x"))


def test_only_the_right_text_matches_and_nothing_matches_nobody() -> None:
    stored = passwords.hashed("été perdu au loin")
    assert passwords.matches(stored, "e\u0301te\u0301 perdu au loin")
    for known, text in ((stored, "x"), (None, "x"), (passwords.UNSET, "!"), ("broken", "x")):
        assert not passwords.matches(known, text)


def test_too_many_at_once_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_AT_ONCE", Semaphore(0))
    monkeypatch.setattr(passwords, "_PATIENCE_SECONDS", 0.01)
    with pytest.raises(passwords.Busy) as refused:
        passwords.matches(None, "x")
    assert refused.value.code == "sign_in_busy"


def test_turns_are_given_back_after_any_outcome() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: passwords.matches("broken", "x"), range(50)))
