"""Hashing made cheap for tests that are not about its cost (``real_hashing`` gives it back)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from cessio.identity import passwords


@pytest.fixture(autouse=True)
def cheap_hashing(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    if "real_hashing" not in request.fixturenames:
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        monkeypatch.setattr(passwords, "_HASHER", cheap)
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def real_hashing() -> None:
    """The parameters of production."""
