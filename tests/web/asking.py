"""An application that is asked by anybody at any of its addresses: who may, with what form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from lxml import html

from tests.who_may.askers import Asker, Verdict, askers
from tests.who_may.book import Book
from tests.who_may.doors import Answer, Door
from tests.who_may.ways import Way, ways

TYPED = "application/x-www-form-urlencoded"
JSON = "application/json"
#: Ends the session of who asks.
_LAST = "/sign-out"


@dataclass(frozen=True, slots=True)
class Shown:
    """A form on a page: where it goes, and each field with what the page put into it."""

    asker: Asker
    action: str
    fields: tuple[tuple[str, str], ...]
    single: frozenset[str]


@dataclass
class Asking:
    """Whoever may use an address, found by its guard, with something of their own in it."""

    book: Book
    door: Door = field(init=False)
    ways: list[Way] = field(init=False)
    people: list[Asker] = field(init=False)
    _network: int = 0

    def __post_init__(self) -> None:
        self.door = Door(self.book.app)
        self.people = askers(self.book)
        self.ways = [way for way in ways(self.book.app) if way.path != _LAST]

    @cached_property
    def unsafe(self) -> list[Way]:
        return [way for way in self.ways if not way.is_safe]

    def who_may(self, way: Way) -> Asker:
        """The first whom its guard lets in. Raises ``StopIteration`` if nobody of the book is."""
        return next(one for one in self.people
                    if one.verdict(way) in (Verdict.ALLOWED, Verdict.OPEN))  # fmt: skip

    def address(self, way: Way, asker: Asker) -> str:
        """Of something of the asker's own, if there is."""
        client_id = asker.client_id or self.book.clients[0]
        return way.filled({
            name: asker.own[name][0] if name in asker.own
            else self.book.examples(name, client_id)[0] for name in way.names
        })  # fmt: skip

    def ask(
        self, method: str, address: str, asker: Asker, body: bytes = b"", **headers: str
    ) -> Answer:
        """The answer, from an address of the network that nobody counted guesses of."""
        self._network += 1
        given = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en", "Accept": "text/html",
                 **asker.headers}  # fmt: skip
        if asker.scopes is not None:
            given |= {"Accept": JSON, "Idempotency-Key": f"h{self._network}"}
        if body:
            given["Content-Type"] = JSON if asker.scopes is not None else TYPED
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in given.items() if value != "-"}
        network = f"203.0.{self._network // 250 % 250}.{self._network % 250 + 1}"
        return self.door.ask(method, address, given, body, network)

    def pages(self) -> Iterator[tuple[Asker, str]]:
        """One address of each page that somebody may open."""
        for way in self.ways:
            if way.method == "GET" and way.audience in {"staff", "client", "guest", "public"}:
                asker = self.who_may(way)
                yield asker, self.address(way, asker)

    def forms(self) -> Iterator[Shown]:
        """Every form of these pages that changes something, each action once."""
        known = {self.route(_LAST)}
        for asker, address in self.pages():
            answer = self.ask("GET", address, asker)
            if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
                continue
            for form in html.fromstring(answer.text).iter("form"):
                action = form.get("action") or address
                names = frozenset(one.get("name") for one in form.iter() if one.get("name"))
                key = self.route(action), names
                if form.get("method", "get").lower() == "post" and key not in known:
                    known.add(key)
                    yield _shown(asker, action, form)

    def route(self, address: str) -> str:
        """An address without its numbers."""
        plain = address.partition("?")[0]
        return "/".join("#" if part.isdigit() else part for part in plain.split("/"))

    def close(self) -> None:
        self.door.close()


def body_of(fields: tuple[tuple[str, str], ...]) -> bytes:
    """As a browser sends a form."""
    return urlencode(fields).encode()


def _shown(asker: Asker, action: str, form: html.HtmlElement) -> Shown:
    fields, single = [], set()
    for one in form.iter("input", "select", "textarea", "button"):
        name, kind = one.get("name"), one.get("type", "text" if one.tag == "input" else one.tag)
        if name is None or name == "csrf_token":
            continue
        if kind in {"checkbox", "radio"} and one.get("checked") is None:
            continue
        if one.tag == "select":
            chosen = [each for each in one.iter("option") if each.get("selected") is not None]
            fields += [
                (name, each.get("value", "")) for each in chosen or [*one.iter("option")][:1]
            ]
        elif one.tag == "textarea":
            fields.append((name, one.text or ""))
        elif kind != "file":
            fields.append((name, one.get("value", "")))
        if kind in {"text", "date", "number", "textarea", "email", "password", "tel", "search"}:
            single.add(name)
    return Shown(asker, action, tuple(fields), frozenset(single))
