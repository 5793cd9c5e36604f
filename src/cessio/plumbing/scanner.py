"""Files handed to a scanner for malware (clamd) before anything else looks at them.

A scanner that is set and does not say that a file is clean has refused it: silent, full, gone or
not to be understood, nothing is taken meanwhile.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from struct import pack
from urllib.parse import urlsplit

import structlog

from cessio.kernel.errors import CessioError, Invalid
from cessio.plumbing.settings import Settings

log = structlog.get_logger()

_TIMEOUT_SECONDS, _PART_BYTES, _ANSWER_BYTES = 30.0, 1 << 16, 4096
_PORT = 3310


class Infected(Invalid):
    """The scanner found malware in a file."""


class ScannerSilent(CessioError):
    """The scanner did not say that a file is clean."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """One clamd, by a socket of this machine or over the network."""

    url: str

    @classmethod
    def of(cls, settings: Settings) -> Scanner | None:
        """That of an installation, if it has one."""
        return None if settings.scanner_url is None else cls(settings.scanner_url)

    def refuse_unclean(self, name: str, content: bytes) -> None:
        """Have a file looked at. Raises ``Infected``, ``ScannerSilent``."""
        try:
            said = self._said(content)
        except OSError as error:
            said = f"({error.__class__.__name__})"
        if said == "stream: OK":
            return
        log.warning("upload_refused", scanner=said[:200])
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            raise Infected("file_infected", "The scanner found something harmful in {name}: the "
                           "file was not taken", name=name[:80])  # fmt: skip
        raise ScannerSilent("scanner_silent", "Files cannot be checked for viruses right now, so "
                            "none is taken: try again in a few minutes")  # fmt: skip

    def _said(self, content: bytes) -> str:
        with self._connected() as server:
            server.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _PART_BYTES):
                part = content[start : start + _PART_BYTES]
                server.sendall(pack("!I", len(part)) + part)
            server.sendall(pack("!I", 0))
            said = b""
            while not said.endswith(b"\0") and len(said) < _ANSWER_BYTES:
                more = server.recv(_ANSWER_BYTES)
                if not more:
                    break
                said += more
        return said.decode("utf-8", "replace").rstrip("\0\n")

    def _connected(self) -> socket.socket:
        parts = urlsplit(self.url)
        if parts.scheme == "tcp":
            where = parts.hostname or "localhost", parts.port or _PORT
            return socket.create_connection(where, _TIMEOUT_SECONDS)
        server = socket.socket(socket.AF_UNIX)
        server.settimeout(_TIMEOUT_SECONDS)
        try:
            server.connect(parts.path)
        except OSError:
            server.close()
            raise
        return server
