"""Readers from outside are shown their rows by the database itself, and lose nothing by it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cessio import app, identity
from cessio.identity.operations import end_token, issue_token
from cessio.identity.rules import Role, Scope, may_use
from cessio.plumbing import readers
from cessio.plumbing.database import transaction
from cessio.plumbing.settings import Settings
from tests.outside import Outside, Swaps
from tests.sharing import Shelf
from tests.walking import NOW
from tests.web.browser import browser

#: What whoever reads something sees of us: our people's names, accounts of ours that a client's
#: transactions are booked on the other side of, and what takes two of us. And what two clients
#: may both have.
OURS_OR_COMMON = {
    "person",
    "ledger_account",
    "debtor",
    "company",
    "company_group",
    "bank_line",
    "house_authority",
}
_HREF = re.compile(r'href="(/(?:portal|guest)[^"#]*)"')


@pytest.fixture(scope="module")
def outside(shelf: Shelf) -> Iterator[Outside]:
    with shelf.walked() as engine:
        own = readers.reader_engine(engine, pool_size=5)
        yield Outside(engine, own)
        own.dispose()


def test_nobody_sees_a_row_of_another_client(outside: Outside) -> None:
    of_clients: dict[int, dict[str, set[str]]] = {}
    for person in outside.people():
        if person.client_id not in of_clients:
            with outside.read(outside.token(person.id)) as session:
                of_clients[person.client_id] = outside.rows(session)
    assert len(of_clients) >= 3
    for one, rows in of_clients.items():
        assert len(rows["receivable"]) > 20
        assert rows["ledger_entry"]
        assert rows["contract"]
        for other, others in of_clients.items():
            if one != other:
                common = {table for table in rows if rows[table] & others[table]}
                assert common <= OURS_OR_COMMON, (one, other)


def test_what_is_seen_is_all_that_is_own(outside: Outside) -> None:
    for person in outside.people():
        with outside.engine.connect() as office, outside.read(outside.token(person.id)) as session:
            own = {"client": person.client_id}
            for table in ("receivable", "drawdown", "dispute", "remittance", "credit_limit"):
                counted = f'SELECT count(*) FROM "{table}"'
                theirs = " JOIN contract ON contract.id = contract_id WHERE client_id = :client"
                wanted = office.execute(
                    text(f'SELECT count(*) FROM "{table}" JOIN contract ON contract.id ='
                         f' "{table}".contract_id WHERE contract.client_id = :client'), own
                ).scalar()  # fmt: skip
                assert session.execute(text(counted)).scalar() == wanted, (table, theirs)


@pytest.mark.parametrize("secret", [None, "", "1", "person:10", "\0", "é" * 5000])
def test_without_a_true_secret_there_is_nothing(outside: Outside, secret: str | None) -> None:
    with outside.read(secret) as session:
        assert not any(outside.rows(session).values())


def test_a_secret_that_is_over_opens_nothing(outside: Outside) -> None:
    person = outside.people()[0]
    token = outside.token(person.id)
    with outside.read(token) as session:
        assert outside.rows(session)["receivable"]
    with outside.read(token, later=timedelta(hours=13)) as session:
        assert not any(outside.rows(session).values())
    with transaction(outside.engine) as session:
        identity.sign_out(session, token=token, at=NOW)
    with outside.read(token) as session:
        assert not any(outside.rows(session).values())


def test_a_machine_reads_as_its_person_until_its_key_is_ended(outside: Outside) -> None:
    person = next(one for one in outside.people() if one.role == Role.SIGNATORY)
    by = f"person:{person.id}"
    with transaction(outside.engine) as session:
        key = issue_token(
            session, person_id=person.id, name="books", scopes=[Scope.RECEIVABLES_READ],
            expires_at=NOW + timedelta(days=1), by=by, at=NOW,
        )  # fmt: skip
        session.execute(
            text("INSERT INTO access_token (token_hash, api_token_id, scopes, created_at,"
                 " expires_at) VALUES (sha256('hour'), :id, '{}', :at, :at + interval '1 hour')"),
            {"id": key.id, "at": NOW},
        )  # fmt: skip
    with outside.read(outside.token(person.id)) as session:
        wanted = outside.rows(session)
    for secret in (key.secret, "hour"):
        with outside.read(secret) as session:
            assert outside.rows(session) == wanted
    with outside.read("hour", later=timedelta(hours=1)) as session:
        assert not any(outside.rows(session).values())
    with transaction(outside.engine) as session:
        end_token(session, token_id=key.id, person_id=person.id, by=by, at=NOW)
    with outside.read(key.secret) as session:
        assert not any(outside.rows(session).values())


def test_a_connection_carries_nothing_over(outside: Outside) -> None:
    one = readers.reader_engine(outside.engine, pool_size=1)
    backend = text("SELECT pg_backend_pid(), (SELECT count(*) FROM receivable)")
    with transaction(one) as session:
        readers.show(session, secret=outside.token(outside.people()[0].id), at=NOW)
        pid, seen = session.execute(backend).one()
        assert seen
    with transaction(one) as session:
        assert tuple(session.execute(backend).one()) == (pid, 0)
    one.dispose()


def test_readers_of_several_clients_take_turns_on_few_connections(outside: Outside) -> None:
    swaps = Swaps(outside, seed=7)
    swaps.run(300)
    assert not swaps.faults, "\n".join(swaps.faults)
    assert swaps.handed_on > 100


def test_what_somebody_leaves_in_a_connection_is_not_the_next_ones(outside: Outside) -> None:
    """A session's own settings outlive its transaction: the next one says its own over them."""
    one = readers.reader_engine(outside.engine, pool_size=1)
    first, second = (outside.token(person.id) for person in outside.of_two_clients())
    with outside.read(second) as session:
        wanted = outside.contracts(session)
    with transaction(one) as session:
        readers.show(session, secret=first, at=NOW)
        session.execute(text("CREATE TEMP TABLE contract (id bigint)"))
        for name, value in (("cessio.reader", first), ("cessio.at", NOW.isoformat()),
                            ("search_path", "pg_temp, public"), ("row_security", "off"),
                            ("role", "none")):  # fmt: skip
            session.execute(text("SELECT set_config(:n, :v, false)"), {"n": name, "v": value})
    with transaction(one) as session:
        readers.show(session, secret=second, at=NOW)
        assert outside.contracts(session) == wanted
    one.dispose()


def test_nothing_of_the_catalogue_leads_round_the_rules(outside: Outside) -> None:
    """Raw SQL by the readers' login: every table, view and function that it may use."""
    one, other = outside.of_two_clients()
    with outside.read(outside.token(other.id)) as session:
        theirs = outside.contracts(session)
    with outside.read(outside.token(one.id)) as session:
        own = outside.contracts(session)
        assert own
        assert not own & theirs
    for name, value in (("cessio.client", other.client_id), ("cessio.reader", other.client_id),
                        ("cessio.reader", f"person:{other.id}")):  # fmt: skip
        with outside.read(outside.token(one.id)) as session:
            session.execute(text("SELECT set_config(:n, :v, true)"), {"n": name, "v": str(value)})
            assert not outside.contracts(session) - own
    with outside.read(outside.token(one.id)) as session:
        shown = outside.columns(session, "contract_id")
        assert {"invoice_cover", "receivable", "drawdown"} <= shown
        for relation in shown:
            seen = f'SELECT DISTINCT contract_id FROM "{relation}" WHERE contract_id IS NOT NULL'
            assert set(session.execute(text(seen)).scalars()) <= own, relation
        of_client = outside.columns(session, "client_id") - {"person"}
        for relation in of_client:
            seen = f'SELECT DISTINCT client_id FROM "{relation}" WHERE client_id IS NOT NULL'
            assert set(session.execute(text(seen)).scalars()) <= {one.client_id}, relation
        trusted = session.execute(text(
            "SELECT proname, prokind FROM pg_proc WHERE prosecdef"
            " AND has_function_privilege(oid, 'EXECUTE')"
        )).all()  # fmt: skip
        assert len(trusted) == 5
        assert set(session.execute(text("SELECT unnest(reader_contracts())")).scalars()) == own
        assert session.scalar(text("SELECT reader_clients()")) == [one.client_id]
        assert session.scalar(text("SELECT reader_person()")) == one.id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE receivable SET open_minor = 0",
        "DELETE FROM share_access",
        "INSERT INTO ledger_entry SELECT * FROM ledger_entry LIMIT 1",
        "INSERT INTO issued_statement (contract_id) SELECT generate_series(1, 50)",
        "SELECT token_hash FROM web_session",
        "SELECT password_hash FROM person",
        "SELECT value FROM verification_seed",
        "SELECT content FROM outgoing_mail",
        "SET ROLE cessio",
        "ALTER TABLE receivable DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON receivable USING (true)",
        "CREATE TABLE mine (id int)",
        "SELECT pg_read_file('PG_VERSION')",
    ],
)
def test_readers_write_nothing_and_get_no_further(outside: Outside, statement: str) -> None:
    with outside.read(outside.token(outside.people()[0].id)) as session, pytest.raises(DBAPIError):
        session.execute(text(statement))


def test_every_page_and_answer_is_the_same_as_without(outside: Outside) -> None:
    """The office's login sees all: what a reader is shown is the same by either."""
    narrow = app.build(outside.engine, Settings.load({}), now=lambda: NOW)
    wide = app.build(outside.engine, Settings.load({}), now=lambda: NOW)
    wide.state["readers"] = outside.engine
    seen: Counter[str] = Counter()
    firsts: dict[str, int] = {}
    for person in [*outside.people(), *outside.people("guest")]:
        firsts.setdefault(person.role, person.id)
    differing = []
    for role, person_id in firsts.items():
        token = outside.token(person_id)
        start = "/guest" if role == Role.GUEST else "/portal"
        pair = [_client_of(one, token) for one in (wide, narrow)]
        waiting, kinds = [start, *_plain(narrow, start)], Counter[str]()
        while waiting:
            path = waiting.pop(0)
            kind = re.sub(r"\d+", "#", path.partition("?")[0]) + "f" * ("format=" in path)
            kinds[kind] += 1
            if kinds[kind] > 1:
                continue
            told, narrowed = (one.get(path) for one in pair)
            seen[start] += 1
            if _comparable(told) != _comparable(narrowed):
                differing.append((person_id, path, told.status_code, narrowed.status_code))
            waiting += dict.fromkeys(map(unescape, _HREF.findall(told.text)))
    assert not differing
    assert seen["/portal"] > 80
    assert seen["/guest"] > 10


def test_every_answer_to_a_machine_is_the_same_as_without(outside: Outside) -> None:
    narrow = app.build(outside.engine, Settings.load({}), now=lambda: NOW)
    wide = app.build(outside.engine, Settings.load({}), now=lambda: NOW)
    wide.state["readers"] = outside.engine
    person = next(one for one in outside.people() if one.role == Role.SIGNATORY)
    with transaction(outside.engine) as session:
        secret = issue_token(
            session, person_id=person.id, name="all", expires_at=NOW + timedelta(days=1),
            scopes=[one for one in Scope if may_use(Role.SIGNATORY, one)],
            by=f"person:{person.id}", at=NOW,
        ).secret  # fmt: skip
    answered = 0
    for route in sorted({route.path for route in narrow.routes if route.path.startswith("/api/")}):
        for number in ("1", "2") if "{" in route else ("1",):
            path = re.sub(r"\{[a-z_]+:[a-z]+\}", number, route)
            told, narrowed = (
                TestClient(one, raise_server_exceptions=False).get(
                    path, headers={"Authorization": f"Bearer {secret}"}
                )
                for one in (wide, narrow)
            )
            assert (told.status_code, told.content) == (narrowed.status_code, narrowed.content), (
                path
            )
            answered += told.status_code == 200
    assert answered > 20


def _client_of(built: Litestar, token: str) -> TestClient[Litestar]:
    client = browser(built, built.plugins.get(app.Access))
    client.cookies.set("cessio", token)
    return client


def _plain(built: Litestar, start: str) -> list[str]:
    return [
        route.path for route in built.routes
        if "GET" in getattr(route, "methods", ()) and "{" not in route.path
        and route.path.startswith(start)
    ]  # fmt: skip


def _comparable(answer: Any) -> tuple[int, bytes | str]:
    """The answer without what differs by the instant or by its code; files by their kind."""
    if "html" in answer.headers.get("content-type", ""):
        return answer.status_code, answer.content
    return answer.status_code, answer.headers.get("content-type", "")
