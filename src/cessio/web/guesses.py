"""Addresses that open by being known are guessed at a pace that a network is held to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio.identity.operations import network_of, note_wrong_guess
from cessio.identity.queries.guesses import guesses
from cessio.web.requests import AnyRequest
from cessio.web.sessions import client_address


@dataclass(frozen=True, slots=True)
class Guesses:
    """The wrong codes or links of one door, by the network they came from."""

    door: str

    def spent(self, request: AnyRequest, session: Session, at: datetime) -> bool:
        """Whether so many were wrong lately that the next one is not even looked at."""
        network = network_of(client_address(request))
        return guesses(session, door=self.door, network=network, at=at)

    def wrong(self, request: AnyRequest, session: Session, at: datetime) -> None:
        """Count one that opened nothing."""
        network = network_of(client_address(request))
        note_wrong_guess(session, door=self.door, network=network, at=at)
