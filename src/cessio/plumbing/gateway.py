"""JSON given by POST to one address of somebody else that the deployment sets.

Nobody else chooses where we connect, and no redirection is followed.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit


@contextmanager
def posted(
    url: str, told: Mapping[str, Any], *, token: str | None, timeout_seconds: float,
    headers: Mapping[str, str],
) -> Iterator[http.client.HTTPResponse]:  # fmt: skip
    """The answer, to be read before the block ends; raises ``OSError`` where nobody answers."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    server = (
        http.client.HTTPSConnection(host, parts.port, timeout=timeout_seconds,
                                    context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=timeout_seconds)
    )  # fmt: skip
    sent = {"Content-Type": "application/json", **headers}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        server.request("POST", path, json.dumps(told).encode(), sent)
        yield server.getresponse()
    finally:
        server.close()
