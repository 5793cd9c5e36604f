"""Sixteen ways a program may repeat a request, tried with every writing request of a story.

``Repeating`` stands where a story posts. Before the story's own request is answered it is sent in
ways that must have no effect; then many times at once, of which one counts; then again in ways
that must give the first answer or be refused. After each, every row of every table is compared.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import Engine, event, text

from cessio.identity import Role, Scope
from cessio.identity.operations.tokens import issue_token
from cessio.identity.rules import may_use
from cessio.plumbing.database import transaction
from tests.faults.contents import contents, difference
from tests.who_may.ways import Way

KEY, REPLAYED = "Idempotency-Key", "idempotency-replayed"
#: What a look leaves behind.
SEEN = frozenset({"api_token", "web_session", "wrong_guess"})
CASES = (
    "no key", "an empty key", "a key of 1,000 characters", "a key with a space",
    "killed before the commit", "an error before, under the same key", "many at once",
    "the answer lost after the commit", "the same again", "another body",
    "the same values written otherwise", "another client's key of that name", "another address",
    "another token of that person", "ten years later", "many again at once",
)  # fmt: skip


_AS_JSON: dict[str, str | None] = {"Content-Type": "application/json"}


@dataclass
class Repeating:
    """Sends a story's requests, and counts what was tried at which address."""

    engine: Engine
    ways: list[Way]
    send: Callable[..., Any]
    at_once: int = 4
    again: int = 8
    tried: dict[str, Counter[str]] = field(default_factory=dict)
    replays: int = 0

    def post(self, client: Any, url: str, **sent: Any) -> Any:
        """What the story is answered."""
        headers = dict(sent.pop("headers", None) or {})
        if not url.startswith("/api/v1/") or KEY not in headers:
            return self.send(client, url, headers=headers, **sent)

        def ask(changed: dict[str, str | None], to: str = url, **other: Any) -> Any:
            said = {name: value for name, value in {**headers, **changed}.items()
                    if value is not None}  # fmt: skip
            try:
                return self.send(client, to, headers=said, **{**sent, **other})
            except Exception as cut:
                if _is_cut(cut):
                    return None
                raise

        seen = Counter[str]()
        if self._is_known(headers[KEY]):
            return ask({})
        with self._nothing(seen, *CASES[:6]):
            for key in (None, "", "k" * 1_000, "k 1"):
                self._refused(ask({KEY: key}))
            with self._struck(is_after=False):
                before = ask({})
            assert before is None or before.status_code >= 400, before.text
            as_json = {} if "files" in sent else _AS_JSON
            self._refused(ask(as_json, **_unreadable(sent)))
        first = self._first(ask, seen)
        if first.status_code < 300:
            self._after(ask, url, first, seen, sent)
            self.tried.setdefault(self._address(url), Counter()).update(seen)
        return first

    def _first(self, ask: Callable[..., Any], seen: Counter[str]) -> Any:
        """Many at once, of which one counts; its answer is lost, so it is asked for again."""
        with self._struck(is_after=True) as cut, ThreadPoolExecutor(self.at_once) as pool:
            answers = [one for one in pool.map(lambda _: ask({}), range(self.at_once))
                       if one is not None and one.status_code < 500]  # fmt: skip
        again = ask({})
        if again.status_code >= 300:
            assert not cut, "committed, and then refused"
            return again
        assert len(cut) == 1, "committed more than once"
        assert {one.content for one in answers} <= {again.content}
        assert again.headers[REPLAYED] == "true"
        seen.update(CASES[6:8])
        return again

    def _after(
        self, ask: Callable[..., Any], url: str, first: Any, seen: Counter[str],
        sent: dict[str, Any],
    ) -> None:  # fmt: skip
        def same(answer: Any) -> None:
            assert (answer.status_code, answer.content) == (first.status_code, first.content)
            assert answer.headers[REPLAYED] == "true"

        stranger, own = self._stranger(), self._same_person()
        self._age()
        with self._nothing(seen, *CASES[8:]), ThreadPoolExecutor(self.at_once) as pool:
            same(ask({}))
            self._refused(ask({}, **_other(sent)))
            self._refused(ask({} if "files" in sent else _AS_JSON, **_spaced(sent)))
            self._refused(ask({"Authorization": stranger}))
            self._refused(ask({}, to=_elsewhere(url)))
            same(ask({"Authorization": own}))
            for answer in pool.map(lambda _: ask({}), range(self.again)):
                same(answer)
        self.replays += self.again

    # -- what is looked at -----------------------------------------------------------------------

    @contextmanager
    def _nothing(self, seen: Counter[str], *cases: str) -> Iterator[None]:
        """Whatever is done meanwhile changes no row."""
        before = contents(self.engine)
        yield
        changed = difference(before, contents(self.engine)).keys() - SEEN
        assert not changed, f"{', '.join(cases)}: {sorted(changed)}"
        seen.update(cases)

    def _refused(self, answer: Any) -> None:
        assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
        assert REPLAYED not in answer.headers

    def _is_known(self, key: str) -> bool:
        """The story itself repeats a key."""
        with transaction(self.engine) as session:
            found = session.execute(
                text("SELECT 1 FROM idempotency_key WHERE key = :k"), {"k": key}
            )
            return found.first() is not None

    @contextmanager
    def _struck(self, *, is_after: bool) -> Iterator[list[int]]:
        """The connection is cut before or right after the commit of a first effect."""
        cut: list[int] = []
        commit = self.engine.dialect.do_commit

        def look(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.startswith("UPDATE idempotency_key"):
                driver = connection.connection.driver_connection
                struck.add(id(driver))

        struck: set[int] = set()

        def committed(driver: Any) -> None:
            is_ours = id(getattr(driver, "driver_connection", driver)) in struck
            if is_ours and not is_after:
                raise psycopg.OperationalError("cut before the commit")
            commit(driver)
            if is_ours:
                struck.discard(id(getattr(driver, "driver_connection", driver)))
                cut.append(1)
                raise psycopg.OperationalError("cut after the commit")

        event.listen(self.engine, "after_cursor_execute", look)
        self.engine.dialect.do_commit = committed  # type: ignore[method-assign]
        try:
            yield cut
        finally:
            event.remove(self.engine, "after_cursor_execute", look)
            del self.engine.dialect.do_commit  # type: ignore[attr-defined]

    # -- whose ---------------------------------------------------------------------------------

    def _stranger(self) -> str:
        """A key of the signatory of another client."""
        return self._token("email LIKE 'helene@%'")

    def _same_person(self) -> str:
        """Another key of who wrote last."""
        return self._token("'person:' || id = (SELECT actor FROM idempotency_key"
                           " ORDER BY id DESC LIMIT 1)")  # fmt: skip

    def _token(self, which: str) -> str:
        with transaction(self.engine) as session:
            at = "(SELECT max(created_at) FROM api_token)"
            query = f"SELECT id, role, {at} FROM person WHERE {which}"
            person_id, role, at = session.execute(text(query)).one()
            held = [one for one in Scope if may_use(Role(role), one)]
            made = issue_token(session, person_id=person_id, name="other", scopes=held, at=at,
                               by=f"person:{person_id}",
                               expires_at=at + timedelta(days=1))  # fmt: skip
        return f"Bearer {made.secret}"

    def _age(self) -> None:
        with transaction(self.engine) as session:
            session.execute(text("UPDATE idempotency_key SET at = at - interval '10 years'"))

    def _address(self, url: str) -> str:
        parts = url.split("?")[0].split("/")
        for way in self.ways:
            own = way.path.split("/")
            if way.method == "POST" and len(own) == len(parts) and all(
                one == other or one.startswith("{") for one, other in zip(own, parts, strict=True)
            ):  # fmt: skip
                return way.path
        raise AssertionError(url)


def _other(sent: dict[str, Any]) -> dict[str, Any]:
    """Another body."""
    if "files" in sent:
        return {"files": {"file": ("f.xml", b"<x/>", "application/xml")}}
    return {"json": {**(sent.get("json") or {}), "other": 1}}


def _unreadable(sent: dict[str, Any]) -> dict[str, Any]:
    """A body that cannot be read."""
    if "files" in sent:
        return _other(sent)
    return {"json": None, "content": b'{"a": 1, "a": 2}'}


def _spaced(sent: dict[str, Any]) -> dict[str, Any]:
    if "files" in sent:
        (name, data, kind) = sent["files"]["file"]
        return {"files": {"file": (name, data + b"\n", kind)}}
    return {"json": None, "content": json.dumps(sent.get("json") or {}, indent=3) + " "}


def _elsewhere(url: str) -> str:
    other = "/api/v1/limit-requests"
    return "/api/v1/drawdowns" if url == other else other


def _is_cut(raised: BaseException | None) -> bool:
    while raised is not None:
        if "cut before the commit" in str(raised) or "cut after the commit" in str(raised):
            return True
        raised = raised.__cause__ or raised.__context__
    return False
