"""Requests that two servers would part differently, sent byte by byte to the server as it runs."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from tests.serving import serve
from tests.sharing import Shelf

HEAD = b"POST /sign-in HTTP/1.1\r\nHost: here\r\n"
#: What somebody would like to have read as the next person's request.
SMUGGLED = b"GET /static/smuggled HTTP/1.1\r\nHost: here\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
#: How the end of a body is said twice, or so that only some understand it → what comes behind it.
PARTED = {
    "a length beside chunks": (b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n"),
    "chunks beside a length": (CHUNKED + b"Content-Length: 4\r\n", b"0\r\n\r\n"),
    "two lengths": (b"Content-Length: 0\r\nContent-Length: 45\r\n", b""),
    "a list of lengths": (b"Content-Length: 0, 45\r\n", b""),
    "a length with a sign": (b"Content-Length: +0\r\n", b""),
    "a length below nothing": (b"Content-Length: -1\r\n", b""),
    "chunks of another name": (b"Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n", b""),
    "chunks that are not last": (b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    "a space before the colon": (b"Transfer-Encoding : chunked\r\nContent-Length: 0\r\n", b""),
    "a line that goes on": (b"X: a\r\n Content-Length: 45\r\n", b""),
    "a return alone": (b"X: a\rContent-Length: 45\r\n", b""),
    "a chunk's words without end": (CHUNKED, b"5;a\nxx\r\n0\r\n\r\n"),
    "a chunk beyond all numbers": (CHUNKED, b"FFFFFFFFFFFFFFFFF\r\nabc"),
}  # fmt: skip


@pytest.fixture(scope="module")
def address(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    data = tmp_path_factory.mktemp("data")
    with shelf.copied(shelf.server, shelf.template) as url, serve(url, data) as found:
        host, _, port = found.partition("//")[2].partition(":")
        yield host, int(port)


def answers(address: tuple[str, int], sent: bytes) -> list[int]:
    """The status of each answer to some bytes, until the server closes or says no more."""
    got = b""
    with socket.create_connection(address, timeout=1.5) as connection:
        connection.sendall(sent)
        try:
            while piece := connection.recv(65536):
                got += piece
        except (TimeoutError, ConnectionResetError):
            pass
    return [int(one) for one in re.findall(rb"HTTP/1\.[01] (\d{3}) ", got)]


@pytest.mark.parametrize("name", PARTED)
def test_what_could_be_parted_in_two_ways_is_one_request_or_none(
    address: tuple[str, int], name: str
) -> None:
    headers, body = PARTED[name]
    found = answers(address, HEAD + headers + b"\r\n" + body + SMUGGLED)
    assert len(found) == 1, found
    assert found[0] in (400, 403)


def test_two_plain_requests_are_two(address: tuple[str, int]) -> None:
    """The trial itself would see a second one."""
    sent = HEAD + b"Content-Length: 0\r\n\r\n" + SMUGGLED
    assert answers(address, sent) == [403, 404]
    assert answers(address, HEAD + CHUNKED + b"\r\n0\r\n\r\n" + SMUGGLED) == [403, 404]
