"""Addresses that open by being known are guessed at a pace that a network is held to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_NETWORKS_KEPT = 10_000


@dataclass
class Guesses:
    """Wrong codes or tokens of late, by where they came from, in this process."""

    most: int = 20
    window: timedelta = timedelta(minutes=10)
    _wrong: dict[str, deque[datetime]] = field(default_factory=dict)

    def spent(self, address: str, at: datetime) -> bool:
        """Whether so many were wrong lately that the next one is not even looked at."""
        tried = self._wrong.get(address)
        return tried is not None and len(tried) == self.most and at - tried[0] < self.window

    def wrong(self, address: str, at: datetime) -> None:
        """Count one that opened nothing."""
        if len(self._wrong) > _NETWORKS_KEPT:
            self._wrong.clear()
        self._wrong.setdefault(address, deque(maxlen=self.most)).append(at)

    def forget(self) -> None:
        """Begin anew."""
        self._wrong.clear()
