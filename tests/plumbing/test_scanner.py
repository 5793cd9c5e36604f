"""No file is taken that a scanner does not say is clean; a small clamd speaks its protocol."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from struct import unpack

import pytest
from sqlalchemy import Engine, text
from tests import people
from tests.receivables.books import open_book
from tests.web.browser import browser

from cessio import app
from cessio.identity import Scope
from cessio.identity.operations import issue_token
from cessio.kernel.errors import Problems
from cessio.plumbing.database import transaction
from cessio.plumbing.scanner import Infected, Scanner, ScannerSilent
from cessio.plumbing.settings import Settings
from cessio.web.sessions import Access

HARMFUL, CLEAN = (
    b"X5O!P%@AP harmful",
    b"Facture;Date;SIREN;Montant TTC\nF-1;02/11/2026;456780014;1,50\n",
)
MOST = 1_000_000


class Clamd(socketserver.BaseRequestHandler):
    """Takes one stream, as clamd does, and says what it found or what its server is told to."""

    def handle(self) -> None:
        assert self._read(10) == b"zINSTREAM\0"
        content = b""
        while size := unpack("!I", self._read(4))[0]:
            content += self._read(size)
        self.server.seen.append(content)  # type: ignore[attr-defined]
        said = self.server.says  # type: ignore[attr-defined]
        if said is None and len(content) > MOST:
            said = b"INSTREAM size limit exceeded. ERROR\0"
        elif said is None:
            said = b"stream: Eicar-Test FOUND\0" if HARMFUL in content else b"stream: OK\0"
        for each in said:  # a byte at a time, as a network may
            self.request.sendall(bytes([each]))

    def _read(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            more = self.request.recv(size - len(got))
            assert more
            got += more
        return got


class Server(socketserver.ThreadingUnixStreamServer):
    """Its socket, what it was sent, and what it says to everything instead of looking."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), Clamd)
        self.url, self.seen, self.says = f"unix://{path}", list[bytes](), b"" or None
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "clamd.ctl") as server:
        yield server
        server.shutdown()


def test_a_clean_file_passes_whole(clamd: Server) -> None:
    content = bytes(range(256)) * 3000
    Scanner(clamd.url).refuse_unclean("a.pdf", content)
    Scanner(clamd.url).refuse_unclean("empty", b"")
    assert clamd.seen == [content, b""]


def test_it_is_reached_over_the_network_too() -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        server.seen, server.says = [], None  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        scanner = Scanner(f"tcp://127.0.0.1:{server.server_address[1]}")
        scanner.refuse_unclean("a.csv", CLEAN)
        with pytest.raises(Infected, match="harmful"):
            scanner.refuse_unclean("b.csv", CLEAN + HARMFUL)
        server.shutdown()


@pytest.mark.parametrize(
    "said",
    [b"", b"\0", b"stream: OK", b"OK\0", b"stream: OKAY\0", b"stream: x ERROR\0", b"stream: \0",
     b"UNKNOWN COMMAND\0", b"x" * 9000, b"\xff\xfe\0"],
)  # fmt: skip
def test_a_file_that_is_not_said_to_be_clean_is_refused(clamd: Server, said: bytes) -> None:
    clamd.says = said
    if said == b"stream: OK":  # it hung up after the last word, which was whole
        return Scanner(clamd.url).refuse_unclean("a.csv", CLEAN)
    with pytest.raises((ScannerSilent, Infected)):
        Scanner(clamd.url).refuse_unclean("a.csv", CLEAN)
    return None


def test_who_is_away_or_full_refuses_everything(clamd: Server, tmp_path: Path) -> None:
    for url in (f"unix://{tmp_path}/none", "tcp://127.0.0.1:1", "tcp://no.such.host.invalid"):
        with pytest.raises(ScannerSilent):
            Scanner(url).refuse_unclean("a.csv", CLEAN)
    with pytest.raises(ScannerSilent):
        Scanner(clamd.url).refuse_unclean("a.csv", bytes(MOST + 1))


def test_no_page_and_no_key_leaves_what_the_scanner_refuses(
    engine: Engine, now: datetime, tmp_path: Path, clamd: Server
) -> None:
    settings = Settings(data_dir=tmp_path, secret_file=tmp_path / "s", scanner_url=clamd.url)
    built = app.build(engine, settings, now=lambda: now)
    with transaction(engine) as session:
        book = open_book(session, now)
        fanny, denis = book.people.fanny, book.people.denis
        page = browser(built, built.plugins.get(Access), people.let_in(session, fanny, at=now))
        key = issue_token(session, person_id=denis.id, name="k", scopes=[Scope.CASH_WRITE],
                          by=denis.by, expires_at=now + timedelta(days=9), at=now)  # fmt: skip
    sent = {"Authorization": f"Bearer {key.secret}", "Idempotency-Key": "one"}
    doors = {f"/portal/remittances?contract={book.alpha}": {}, "/api/v1/bank-statements": sent}
    for address, headers in doors.items():
        for content, says, status in ((CLEAN + HARMFUL, None, 422), (CLEAN, b"x ERROR\0", 503)):
            clamd.says = says
            answer = page.post(address, files={"file": ("a.csv", content)}, headers=headers)
            assert answer.status_code == status, answer.text
            assert ("nuisible" in answer.text or "harmful" in answer.text) is (status == 422)
            assert content in clamd.seen
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM document")).scalar() == 0
    clamd.says = None
    address = f"/portal/remittances?contract={book.alpha}"
    assert page.post(address, files={"file": ("a.csv", CLEAN)}).status_code == 303


def test_the_setting_names_one_of_both() -> None:
    assert Settings.load({}).scanner_url is None
    with pytest.raises(Problems):
        Settings.load({"CESSIO_SCANNER_URL": "http://127.0.0.1:3310"})
