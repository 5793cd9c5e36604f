"""Where this house connects: to addresses of its settings, and to nowhere they lead."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.house.sources import modules

from cessio.plumbing.payee_gateway import PayeeGateway
from cessio.plumbing.sms import Gateway

#: Modules that open connections: two gateways' one door, the provider of sign-in, mail, and what
#: the processes of one machine say to each other.
CONNECTING = {
    "cli/run", "plumbing/confined/server", "plumbing/confined/starter", "plumbing/embedded",
    "plumbing/gateway", "plumbing/jobs/processes", "plumbing/mail", "plumbing/oidc",
    "plumbing/scanner",
}  # fmt: skip
LIBRARIES = frozenset({
    "http.client", "httpx", "httpx2", "urllib.request", "urllib3", "requests", "socket", "aiohttp",
    "smtplib", "ftplib", "telnetlib", "xmlrpc.client", "authlib.integrations.httpx_client",
})  # fmt: skip


class Elsewhere(BaseHTTPRequestHandler):
    """Says that everything is at another address, and notes who comes there."""

    asked: list[str] = []

    def do_POST(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(int(self.path.removeprefix("/") or "307"))
        self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its parent's
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    kind = type("ThisOne", (Elsewhere,), {"asked": []})
    with HTTPServer(("127.0.0.1", 0), kind) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}", kind.asked  # type: ignore[attr-defined]
        listening.shutdown()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_gateway_leads_us_anywhere(elsewhere: tuple[str, list[str]], status: int) -> None:
    address, asked = elsewhere
    with pytest.raises(ConnectionError):
        PayeeGateway(f"{address}/{status}").ask([("A", "FR76")])
    with pytest.raises(ConnectionError):
        Gateway(f"{address}/{status}").send(1, "+33600000000", "Hello")
    assert asked == [f"/{status}", f"/{status}"]


def test_nothing_connects_but_what_the_settings_name() -> None:
    """No address that a person or a file gave is ever connected to: there is no such code."""
    found = {
        "/".join(module.parts) for module in modules()
        if {name for node in ast_imports(module.tree) for name in node} & LIBRARIES
    }  # fmt: skip
    assert found == CONNECTING


def ast_imports(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield tuple(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, *(f"{node.module}.{one.name}" for one in node.names)
