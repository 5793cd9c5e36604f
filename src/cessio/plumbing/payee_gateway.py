"""Verification of payee at a bank: pairs of a name and an account out, the bank's words back.

The gateway (``plumbing.gateway``) gets ``payees``, objects of ``name`` and ``iban``, and answers
with the same pairs and what the bank says of each: the file that
``cessio.funding.formats.payee_answers`` reads. Asking changes nothing there, so it may be asked
again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from cessio.plumbing.gateway import posted
from cessio.plumbing.settings import Settings

_TIMEOUT_SECONDS = 30
#: More than this is no answer to what we asked.
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class PayeeGateway:
    """Where banks are asked about payees."""

    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> PayeeGateway | None:
        """The gateway of an installation, if it has one."""
        return None if settings.vop_url is None else cls(settings.vop_url, settings.vop_token)

    def ask(self, pairs: Iterable[tuple[str, str]]) -> bytes:
        """What the gateway answers; raises ``ConnectionError`` when it does not."""
        told = {"payees": [{"name": name, "iban": iban} for name, iban in pairs]}
        with posted(
            self.url, told, token=self.token, timeout_seconds=_TIMEOUT_SECONDS,
            headers={"Accept": "application/json"},
        ) as answer:  # fmt: skip
            said = answer.read(_MOST_BYTES + 1)
        if answer.status != HTTPStatus.OK or len(said) > _MOST_BYTES:
            raise ConnectionError(f"the payee gateway did not answer ({answer.status})")
        return said


_gateway: list[PayeeGateway | None] = [None]


def use(gateway: PayeeGateway | None) -> None:
    """Choose the gateway of this process; said once by each composition root."""
    _gateway[0] = gateway


def known() -> PayeeGateway | None:
    """The gateway of this process, if banks can be asked from here."""
    return _gateway[0]
