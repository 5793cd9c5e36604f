"""Every address of the application, asked as an attacker would: without the form's token, with
fields nobody asked for or sent twice, with too much of everything, with nonsense for each part.
"""

from __future__ import annotations

import json
import random
import re
import tracemalloc
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from litestar.routes import HTTPRoute

import cessio.web
from cessio.web import bodies, forms
from tests.faults.contents import contents, difference
from tests.sharing import Shelf
from tests.web.asking import JSON, TYPED, Asking, body_of
from tests.who_may.askers import Asker
from tests.who_may.book import make_book
from tests.who_may.ways import Way

SEED = 20261123
#: What asking leaves behind, refused or not: when somebody was last there, a guess that was wrong.
LEFT = frozenset({"web_session", "api_token", "wrong_guess"})
#: What reading leaves behind beside it, see ``test_who_may``.
LEFT_BY_READING = LEFT | {
    "share_access", "letter_access", "notification", "issued_statement", "issued_report",
    "audit_event",
}  # fmt: skip
#: Where no session vouches: programs with their own secret, a link of a mail by a mail program.
FROM_ANYWHERE = frozenset({"/oauth/token", "/mail/stop/{token:str}"})

MARK = "\"'><b>zq"
NUMBERS = (
    "0",
    "-1",
    "9" * 19,
    "9" * 40,
    "1.5",
    "1e9",
    "0x1",
    "1%00",
    "%00",
    "nine",
    "%D9%A1",
    "1'--",
)
WORDS = (
    quote(MARK), "%00", "%0d%0aSet-Cookie:a=b", "%ED%A0%80", "%FF", "..%2f..%2fetc%2fpasswd", "..",
    quote("'; DROP TABLE person; --"), "$%7B7*7%7D", "%7B%7B7*7%7D%7D", "x" * 6000, "2026-02-30",
    "9999-12-31", "0001-01-01", "-", "9" * 19, "9" * 5000, "-1", "1e999", "NaN", "%F0%9F%92%A5",
)  # fmt: skip


@pytest.fixture(scope="module")
def asking(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with shelf.demo() as engine:
        made = Asking(make_book(engine, tmp_path_factory.mktemp("data")))
        yield made
        made.close()


def _unchanged(asking: Asking, before: dict[str, list[str]], but: frozenset[str] = LEFT) -> None:
    after = contents(asking.book.engine)
    found = {name: what for name, what in difference(before, after).items() if name not in but}
    assert not found


# -- the token of a form -------------------------------------------------------------------------


def _wrong_tokens(asker: Asker, other: Asker) -> list[tuple[str, bytes]]:
    """As a header and as a body: none, another's, a part of it, it in capitals, one too long."""
    own, foreign = asker.headers["X-CSRF-Token"], other.headers["X-CSRF-Token"]
    wrong = [foreign, own[:-1], own + "x", own.swapcase(), "x" * 4000, "%00"]
    return [("-", b""), *((one, b"") for one in wrong),
            *(("-", b"csrf_token=" + one.encode()) for one in ("", *wrong)),
            ("-", json.dumps({"csrf_token": own}).encode())]  # fmt: skip


def test_no_form_is_taken_without_the_token_of_its_session(asking: Asking) -> None:
    before = contents(asking.book.engine)
    chance, faults, asked = random.Random(SEED), [], 0
    for way in asking.unsafe:
        if way.audience in {"api", "public"}:
            continue
        asker = asking.who_may(way)
        other = next(one for one in asking.people
                     if one is not asker and "X-CSRF-Token" in one.headers)  # fmt: skip
        address, tokens = asking.address(way, asker), _wrong_tokens(asker, other)
        for token, body in [tokens[0], *chance.sample(tokens[1:], 3)]:
            asked += 1
            answer = asking.ask(way.method, address, asker, body, X_CSRF_Token=token)
            if answer.status != 403 or "out of date" not in answer.text:
                faults.append(f"{way.method} {way.path} with {token[:20]} {body[:40]!r}:"
                              f" {answer.status}")  # fmt: skip
        secret = asker.headers["X-CSRF-Token"]
        answer = asking.ask(way.method, f"{address}?csrf_token={secret}", asker, X_CSRF_Token="-")
        if answer.status != 403:
            faults.append(f"{way.method} {way.path} took the token from the address")
    assert asked > 800
    assert not faults, "\n".join(faults)
    _unchanged(asking, before)


def test_no_other_site_makes_a_browser_send_anything(asking: Asking) -> None:
    before = contents(asking.book.engine)
    faults = []
    for way in asking.unsafe:
        if way.audience == "api" or way.path in FROM_ANYWHERE:
            continue
        asker = asking.who_may(way)
        for site in ("cross-site", "same-site", "-"):
            answer = asking.ask(way.method, asking.address(way, asker), asker, Sec_Fetch_Site=site)
            if answer.status != 403:
                faults.append(f"{way.method} {way.path} from {site}: {answer.status}")
    assert not faults, "\n".join(faults)
    _unchanged(asking, before)


# -- fields ----------------------------------------------------------------------------------------


def test_no_form_takes_a_field_it_does_not_know_or_one_twice(asking: Asking) -> None:
    """Every form of every page, as it stands there: what it takes otherwise, it refuses so."""
    before = contents(asking.book.engine)
    faults, shown, doubled = [], list(asking.forms()), 0
    for one in shown:
        fields = (*one.fields, ("asked_by_nobody", "1"))
        answer = asking.ask("POST", one.action, one.asker, body_of(fields))
        if answer.status < 400:
            faults.append(f"{one.action} took an unknown field: {answer.status}")
        told = {*re.findall(r"The field (\w+) is not part of this form", answer.text)}
        if told - {"asked_by_nobody"}:
            faults.append(f"{one.action} does not know its own {told}")
        twice = tuple((name, value) for name, value in one.fields if name in one.single)
        if twice:
            doubled += 1
            answer = asking.ask("POST", one.action, one.asker, body_of((*one.fields, *twice)))
            if answer.status < 400:
                faults.append(f"{one.action} took {[name for name, _ in twice]} twice")
    print(f"\n{len(shown)} forms, {doubled} with a field that may come once only")
    assert not faults, "\n".join(faults)
    assert len(shown) > 90
    _unchanged(asking, before, LEFT_BY_READING)


def test_no_button_takes_a_field(asking: Asking) -> None:
    """Every address that changes something, with a field that nobody has and nothing else."""
    before = contents(asking.book.engine)
    faults, named = [], 0
    for way in asking.unsafe:
        if way.audience == "api" or way.path in FROM_ANYWHERE:
            continue
        asker = asking.who_may(way)
        for body, kind in ((b"asked_by_nobody=1", TYPED), (b'{"asked_by_nobody": 1}', JSON)):
            answer = asking.ask(way.method, asking.address(way, asker), asker, body,
                                Content_Type=kind)  # fmt: skip
            named += "asked_by_nobody" in answer.text
            is_led_back = answer.headers.get("location") == "/sign-in"
            if not (400 <= answer.status < 500 or is_led_back):
                faults.append(f"{way.method} {way.path}: {answer.status} for {kind}")
            if kind == JSON and answer.status not in (403, 415):
                faults.append(f"{way.method} {way.path} reads {kind}: {answer.status}")
    print(f"\n{named} tell the field's name")
    assert not faults, "\n".join(faults)
    _unchanged(asking, before)


def test_a_handler_that_reads_a_form_has_its_transaction(asking: Asking) -> None:
    """There what nobody asked for is refused, before anything is kept."""
    routes = [one for one in asking.book.app.routes if isinstance(one, HTTPRoute)]
    without = [
        route.path for route in routes for handler in route.route_handlers
        if "submitted" in handler.parsed_fn_signature.parameters
        and "session" not in handler.parsed_fn_signature.parameters
    ]  # fmt: skip
    assert not without


def test_the_api_takes_no_field_it_does_not_know(asking: Asking) -> None:
    """In no body, also where none is read, and in no address; none twice."""
    before = contents(asking.book.engine)
    faults = []
    for way in asking.ways:
        if way.audience != "api":
            continue
        asker = asking.who_may(way)
        address = asking.address(way, asker)
        queries = ["asked_by_nobody=1", "asked_by_nobody", "before=1&before=1"]
        answers = [asking.ask(way.method, f"{address}?{query}", asker) for query in queries]
        if not way.is_safe:
            answers += [asking.ask(way.method, address, asker, body) for body in
                        (b'{"asked_by_nobody": 1}', b"[]", b"null", b'"x"', b"{}x")]  # fmt: skip
            answers.append(asking.ask(way.method, address, asker, b"a=1", Content_Type=TYPED))
        faults += [f"{way.method} {way.path}: {one.status}" for one in answers
                   if one.status not in (400, 403, 415, 422)]  # fmt: skip
    assert not faults, "\n".join(faults)
    _unchanged(asking, before)


def test_every_body_of_the_api_names_its_fields(asking: Asking) -> None:
    """Also those within: no struct of a request lets an unknown field pass."""
    lax: set[str] = set()
    for route in asking.book.app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if "data" in handler.parsed_fn_signature.parameters:
                told = handler.parsed_fn_signature.parameters["data"].annotation
                lax |= _lax(msgspec.inspect.type_info(told))
    assert not lax


def _lax(told: object) -> set[str]:
    found: set[str] = set()
    if isinstance(told, msgspec.inspect.StructType):
        found = set() if told.forbid_unknown_fields else {told.cls.__name__}
        for one in told.fields:
            found |= _lax(one.type)
    for name in ("types", "item_types"):
        for one in getattr(told, name, ()):
            found |= _lax(one)
    return found | (_lax(told.item_type) if hasattr(told, "item_type") else set())


# -- too much of it --------------------------------------------------------------------------------


def _limits() -> dict[str, tuple[int, dict[str, str], bytes, str]]:
    many = b"&".join(b"a=1" for _ in range(5000))
    parts = b"".join(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                     for _ in range(1500)) + b"--b--\r\n"  # fmt: skip
    multi = {"Content-Type": "multipart/form-data; boundary=b"}
    bad = b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain;'
    return {
        "fields": (413, {"Content-Type": TYPED}, many, ""),
        "typed text": (413, {"Content-Type": TYPED}, b"a=" + b"x" * 3_000_000, ""),
        "parts": (400, multi, parts, ""),
        "no boundary": (400, {"Content-Type": "multipart/form-data"}, b"--b--", ""),
        "cut short": (400, multi, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', ""),
        "no name": (422, multi, b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n", ""),
        "no text": (422, multi, bad + b" charset=utf-8\r\n\r\n\xff\xfe\r\n--b--\r\n", ""),
        "no charset": (422, multi, bad + b" charset=klingon\r\n\r\n1\r\n--b--\r\n", ""),
        "body": (413, {"Content-Type": "multipart/form-data; boundary=b"}, b"-" * 41_000_000, ""),
        "headers": (431, {"X-Much": "x" * 70_000}, b"", ""),
        "many headers": (431, {f"X-{n}": "x" * 20 for n in range(4000)}, b"", ""),
        "cookies": (431, {"Cookie": "; ".join(f"c{n}=1" for n in range(20_000))}, b"", ""),
        "address": (414, {}, b"", "?q=" + "x" * 20_000),
        "fields of the address": (414, {}, b"", "?" + "&".join("a=1" for _ in range(9000))),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(_limits()))
def test_too_much_is_refused_with_a_sentence(asking: Asking, name: str) -> None:
    """At the door, which everybody reaches, and behind it."""
    status, headers, body, query = _limits()[name]
    nobody = asking.people[0]
    staff = next(one for one in asking.people if one.role and "X-CSRF-Token" in one.headers)
    for asker, path in ((nobody, "/sign-in"), (staff, "/backoffice/account/password")):
        given = {key.replace("-", "_"): value for key, value in headers.items()}
        if "Cookie" in headers:
            given["Cookie"] = f"{headers['Cookie']}; {asker.headers.get('Cookie', '')}"
        answer = asking.ask("POST", f"{path}{query}", asker, body, **given)
        assert answer.status == status, f"{path}: {answer.status}"
        assert re.search(r"<h1[^>]*>\s*\w+ [\w ]+", answer.text), answer.text[:300]


def test_the_api_refuses_too_much_too(asking: Asking) -> None:
    machine = next(one for one in asking.people if one.scopes is not None and one.client_id)
    for body, status in (
        (b'{"a":[' + b"0," * 2_100_000 + b"0]}", 422), (b"[" * 100_000, 422),
        (b'{"a":' + b"9" * 100_000 + b"}", 422),
    ):  # fmt: skip
        answer = asking.ask("POST", "/api/v1/remittances", machine, body)
        assert answer.status == status, answer.text[:200]
        assert json.loads(answer.text)["detail"]
    answer = asking.ask("GET", "/api/v1/receivables?number=" + "x" * 20_000, machine)
    assert answer.status == 414
    assert "too long" in json.loads(answer.text)["detail"]


def test_a_form_costs_no_more_memory_than_its_bytes(asking: Asking) -> None:
    body = b"&" * 39_000_000
    tracemalloc.start()
    try:
        answer = asking.ask("POST", "/sign-in", asking.people[0], body)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status == 413
    assert most < 2.5 * len(body)


def test_the_limits_are_above_what_pages_send() -> None:
    assert bodies.MAX_FIELDS * 1000 <= bodies.TYPED_BYTES
    assert frozenset({bodies.CSRF_FIELD}) == forms.MACHINERY


# -- nonsense --------------------------------------------------------------------------------------


def _names() -> list[str]:
    """Every field that some page reads off its address, found in the sources."""
    pattern = re.compile(
        r'(?:asked_\w+\(request, |query_params\.get\(|asked\.get\(|query\.get\(|getall\(|\.arg\()"'
        r'([a-z_]+)"'
    )
    folder = Path(cessio.web.__file__).parent
    found = {name for file in folder.rglob("*.py") for name in pattern.findall(file.read_text())}
    return sorted(found - {"format"})


def _nonsense(way: Way, chance: random.Random) -> str:
    return way.filled({
        name: chance.choice(NUMBERS if kind == "int" else WORDS).replace("..", "%2e%2e")
        for name, kind in way.parts
    })  # fmt: skip


def _asked_nonsense(asking: Asking, times: int) -> int:
    chance, names, faults, asked = random.Random(SEED), _names(), [], 0
    assert len(names) > 60
    for way in asking.ways:
        if not way.is_safe or way.method == "HEAD":
            continue
        asker = asking.who_may(way)
        own = asking.address(way, asker)
        addresses = [_nonsense(way, chance)] if way.parts else []
        for _ in range(times):
            one = chance.choice(WORDS)
            some = chance.sample(names, 20 if len(one) < 400 else 2)
            query = "&".join(f"{name}={one}" for name in some)
            addresses.append(f"{own}?{query}")
        addresses.append(f"{own}?format={chance.choice(WORDS)}&table={chance.choice(WORDS)}")
        for address in addresses:
            asked += 1
            answer = asking.ask("GET", address, asker)
            if answer.status >= 500 and answer.status != 503:
                faults.append(f"{address[:160]} to {asker.name}: {answer.status}")
            if MARK in answer.text and "html" in answer.headers.get("content-type", ""):
                faults.append(f"{address[:160]} shows what was asked as it came")
            if "set-cookie" in answer.headers and "a=b" in answer.headers["set-cookie"]:
                faults.append(f"{address[:160]} let a header in")
            if ">49<" in answer.text and "7*7" in answer.text:
                faults.append(f"{address[:160]} worked out what was asked")
    assert not faults, "\n".join(faults[:60])
    assert escape(MARK) != MARK
    return asked


def test_no_address_fails_on_nonsense(asking: Asking) -> None:
    before = contents(asking.book.engine)
    print(f"\n{_asked_nonsense(asking, 1)} addresses")
    _unchanged(asking, before, LEFT_BY_READING)


@pytest.mark.long
def test_no_address_fails_on_any_nonsense(asking: Asking) -> None:
    print(f"\n{_asked_nonsense(asking, 25)} addresses")
