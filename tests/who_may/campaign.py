"""All of it asked: what each guard answers, and that another's is answered as what is not there."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from cessio.identity import Audience
from cessio.web.exports import FILE_POLICY
from cessio.web.sessions import SECURITY_HEADERS
from tests.who_may.askers import (
    MORE_THAN_THE_SCOPE,
    Asker,
    Links,
    Verdict,
    askers,
    links,
)
from tests.who_may.book import NOBODYS, Book
from tests.who_may.doors import Answer, Door
from tests.who_may.ways import Way, ways

REFUSAL = "Your role does not include this"
#: What a person has alone: not even a colleague's.
PERSONAL = frozenset({"session_id", "notification_id"})
#: These end the asker's own session: asked by nobody who is needed after.
_LAST = frozenset({"/sign-out"})


@dataclass
class Campaign:
    """One run over a book. ``most`` bounds how many askers and objects a way is tried with."""

    book: Book
    seed: int
    most: int | None = 1
    objects: int = 1
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    compared: set[str] = field(default_factory=set)
    door: Door = field(init=False)
    ways: list[Way] = field(init=False)
    people: list[Asker] = field(init=False)
    links: Links = field(init=False)

    def __post_init__(self) -> None:
        self.door = Door(self.book.app)
        self.ways = [way for way in ways(self.book.app) if way.path not in _LAST]
        self.people, self.links = askers(self.book), links(self.book)
        self._by_chance = random.Random(self.seed)
        self._network = 0

    # -- what is asked ---------------------------------------------------------------------------

    def refused(self) -> None:
        """Everybody at every address that is not theirs: refused in words, or sent to sign in."""
        for way in self.ways:
            for verdict in (Verdict.SIGN_IN, Verdict.REFUSED):
                for asker in self._some(way, verdict):
                    self._check(way, asker, verdict)

    def foreign(self) -> None:
        """Whoever may use an address, with what is another's in it: as if it were not there."""
        for way in self.ways:
            if any(self.book.is_own(name) for name in way.names):
                for asker in self._some(way, Verdict.ALLOWED):
                    # An administrator ends the sessions of whom the address names, by right.
                    is_personal = PERSONAL & {*way.names} and "person_id" not in way.names
                    if asker.client_id is not None or is_personal:
                        self._compare(way, asker)

    def shared(self) -> None:
        """Addresses that show a part: another client's book, another contract, an ended one."""
        one, other = self.book.clients
        token = self.links.whole[one]
        inside = Asker("holder of a link", {}, client_id=one,
                       own={"contract_id": (str(self.links.contract_id),)})  # fmt: skip
        for way in self.ways:
            if not way.path.startswith("/shared/"):
                continue
            own = {name: self._own(inside, name) for name in way.names} | {"token": token}
            self._tell(way, inside, self._ask(way, inside, own), Verdict.OPEN)
            unknown = self._ask(way, inside, own | {"token": "n" * 43})
            ended = self._ask(way, inside, own | {"token": self.links.ended})
            if _said(ended) != _said(unknown, {"n" * 43: self.links.ended}):
                self.faults.append(f"{way.path}: an ended link is not as one that never was")
            names = [name for name in way.names if self.book.is_own(name)]
            self._subsets(way, inside, own, names, other)

    def opened(self, *, safe: bool) -> None:
        """Whoever may, at what is their own: answered, whatever is missing from the form."""
        for way in self.ways:
            for verdict in (Verdict.OPEN, Verdict.ALLOWED):
                if way.is_safe == safe:
                    for asker in self._some(way, verdict):
                        self._check(way, asker, verdict)

    # -- how -------------------------------------------------------------------------------------

    def _some(self, way: Way, verdict: Verdict) -> list[Asker]:
        """Of each kind of who gets this verdict: all, or so many by chance."""
        kinds: dict[object, list[Asker]] = {}
        for one in self.people:
            if one.verdict(way) is verdict:
                kind = (one.audience, one.scopes is None, one.is_known, one.client_id is None)
                kinds.setdefault(kind, []).append(one)
        if self.most is None:
            return [one for kind in kinds.values() for one in kind]
        if verdict is Verdict.OPEN or (verdict is Verdict.ALLOWED and way.audience == "staff"):
            found = [one for kind in kinds.values() for one in kind]
            return self._by_chance.sample(found, min(self.most, len(found)))
        return [self._by_chance.choice(kind) for kind in kinds.values()]

    def _own(self, asker: Asker, name: str) -> str:
        if name in asker.own:
            return self._by_chance.choice(asker.own[name])
        return self.book.examples(name, asker.client_id or self.book.clients[0])[0]

    def _check(self, way: Way, asker: Asker, verdict: Verdict) -> None:
        values = {name: self._own(asker, name) for name in way.names}
        self._tell(way, asker, self._ask(way, asker, values, fill=True), verdict)

    def _compare(self, way: Way, asker: Asker) -> None:
        own = {name: self._own(asker, name) for name in way.names}
        names = [name for name in way.names if self.book.is_own(name)]
        one, other = self.book.clients
        others: tuple[int, ...] = (one if asker.client_id == other else other,)
        if self.most is None:
            others = tuple(client for client in self.book.everyone if client != asker.client_id)
        for client_id in others:
            self._subsets(way, asker, own, names, client_id)

    def _subsets(
        self, way: Way, asker: Asker, own: dict[str, str], names: list[str], other: int
    ) -> None:
        """Each choice of parts that are another's, held against the same parts being nobody's."""
        for count in range(1, len(names) + 1):
            for chosen in combinations(names, count):
                nobody = {name: str(NOBODYS + place) for place, name in enumerate(chosen)}
                wanted = self._ask(way, asker, own | nobody)
                for values in self._others(asker, chosen, other):
                    given = own | values
                    answer = self._ask(way, asker, given)
                    self.counts["anothers"] += 1
                    if _said(answer) != _said(wanted, {nobody[name]: values[name]
                                                       for name in chosen}):  # fmt: skip
                        self.faults.append(
                            f"{way.method} {way.filled(given)} of another: {answer.status} to"
                            f" {asker.name}, but {wanted.status} for what is not there"
                        )
                    self._leak(way, asker, answer)

    def _others(self, asker: Asker, names: tuple[str, ...], other: int) -> Iterator[dict[str, str]]:
        choices = {name: self._foreign(asker, name, other) for name in names}
        longest = max(len(ids) for ids in choices.values())
        for place in range(min(longest, self.objects)):
            yield {name: ids[place % len(ids)] for name, ids in choices.items()}

    def _foreign(self, asker: Asker, name: str, other: int) -> list[str]:
        ids = [one for one in self.book.own(name, other) if one not in asker.own.get(name, ())]
        if name in PERSONAL:
            mates = [one.own[name][0] for one in self.people if name in one.own]
            ids = [one for one in (*ids, *mates) if one not in asker.own.get(name, ())]
        if name == "contract_id" and asker.own.get(name) and asker.client_id is not None:
            mine = self.book.own(name, asker.client_id)
            ids = [*(one for one in mine if one not in asker.own[name]), *ids]
        if ids:
            self.compared.add(name)
        return self._by_chance.sample(ids, len(ids)) or [str(NOBODYS)]

    def _ask(self, way: Way, asker: Asker, values: dict[str, str], *, fill: bool = False) -> Answer:
        self._network = (self._network + 1) % 60_000
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en", **asker.headers}
        body = b""
        if way.audience == "api":
            headers |= {"Accept": "application/json", "Idempotency-Key": f"p{self.door.asked}"}
            if not way.is_safe:
                headers["Content-Type"], body = "application/json", b"{}"
        else:
            headers["Accept"] = "text/html"
            if not way.is_safe:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                body = b"asked_by_nobody=1" if fill else b""
        network = f"198.51.{self._network // 250}.{self._network % 250 + 1}"
        answer = self.door.ask(way.method, way.filled(values), headers, body, network)
        self.counts["probes"] += 1
        self.counts[f"answered {answer.status}"] += 1
        self._look_at_headers(way, answer)
        return answer

    # -- what is seen ----------------------------------------------------------------------------

    def _look_at_headers(self, way: Way, answer: Answer) -> None:
        """Each answer, refusals and files too: the security headers; a way to our own pages."""
        given = answer.headers
        is_static = way.path.startswith("/static/")
        for name, value in SECURITY_HEADERS.items():
            if given.get(name) != value and not (
                (name == "referrer-policy" and given.get(name) == "no-referrer")
                or (name == "cache-control" and is_static)
                or (name == "content-security-policy" and given.get(name) == FILE_POLICY
                    and given.get("content-disposition", "").startswith("attachment"))
            ):  # fmt: skip
                self.faults.append(f"{way.method} {way.path}: {name} is {given.get(name)!r}")
        if not given.get("location", "/").startswith("/") or given.get("location") == "//":
            self.faults.append(f"{way.method} {way.path} leads to {given['location']}")
        if "content-type" not in given and answer.body:
            self.faults.append(f"{way.method} {way.path} says not what it is")
        for cookie in answer.cookies:
            if "HttpOnly" not in cookie or "SameSite=lax" not in cookie:
                self.faults.append(f"{way.method} {way.path} gives a cookie {cookie}")

    def _tell(self, way: Way, asker: Asker, answer: Answer, verdict: Verdict) -> None:
        self.counts[str(verdict)] += 1
        seen = self._seen(answer)
        may_need_more = way.path in MORE_THAN_THE_SCOPE or not way.is_safe
        is_right = seen is verdict or (verdict is Verdict.ALLOWED and seen is Verdict.OPEN)
        if verdict is Verdict.ALLOWED and way.audience == "api" and may_need_more:
            is_right = is_right or seen is Verdict.REFUSED
        if not is_right:
            self.faults.append(f"{way.method} {way.path} to {asker.name}: {answer.status}"
                               f" instead of {verdict}")  # fmt: skip
        self._leak(way, asker, answer)

    def _seen(self, answer: Answer) -> Verdict | None:
        """What an answer amounts to; ``OPEN`` for whatever is neither a refusal nor a failure."""
        to = answer.headers.get("location", "")
        if answer.status == 401 or to.startswith("/sign-in?next="):
            return Verdict.SIGN_IN
        if answer.status == 403 and REFUSAL in answer.text:
            return Verdict.REFUSED
        return Verdict.OPEN if answer.status < 500 else None

    def _leak(self, way: Way, asker: Asker, answer: Answer) -> None:
        """No byte of another client's to anybody but staff."""
        if asker.audience is Audience.STAFF:
            return
        for client_id, markers in self.book.markers.items():
            if client_id != asker.client_id:
                for marker in markers:
                    if marker.encode() in answer.body:
                        self.faults.append(f"{way.method} {way.path} tells {asker.name} {marker}")


def _said(answer: Answer, asked: dict[str, str] | None = None) -> tuple[int, str, str]:
    """An answer, byte by byte, as if other ids had been asked for."""
    body = answer.text
    for one, other in (asked or {}).items():
        body = body.replace(one, other)
    return answer.status, answer.headers.get("content-type", ""), body
