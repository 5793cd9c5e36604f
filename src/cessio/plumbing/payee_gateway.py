"""Verification of payee at a bank: pairs of a name and an account out, the bank's words back.

The gateway is one address that the deployment sets; nobody else chooses where we connect, and no
redirection is followed. It gets JSON by POST (``payees``: objects of ``name`` and ``iban``) and
answers with the same pairs and what the bank says of each (``docs`` of the answer: the file that
``cessio.funding.formats.payee_answers`` reads). Asking changes nothing there, so it may be asked
again.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

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
        parts = urlsplit(self.url)
        host = parts.hostname or "localhost"
        server = (
            http.client.HTTPSConnection(host, parts.port, timeout=_TIMEOUT_SECONDS,
                                        context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=_TIMEOUT_SECONDS)
        )  # fmt: skip
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = json.dumps({"payees": [{"name": name, "iban": iban} for name, iban in pairs]})
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            server.request("POST", path, body.encode(), headers)
            answer = server.getresponse()
            told = answer.read(_MOST_BYTES + 1)
        finally:
            server.close()
        if answer.status != HTTPStatus.OK or len(told) > _MOST_BYTES:
            raise ConnectionError(f"the payee gateway did not answer ({answer.status})")
        return told


_gateway: list[PayeeGateway | None] = [None]


def use(gateway: PayeeGateway | None) -> None:
    """Choose the gateway of this process; said once by each composition root."""
    _gateway[0] = gateway


def known() -> PayeeGateway | None:
    """The gateway of this process, if banks can be asked from here."""
    return _gateway[0]
