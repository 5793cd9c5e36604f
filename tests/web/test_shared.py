"""What is shared is read by whom it is shared with, until its day, and each look leaves a row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio import identity
from cessio.contracts import Product, sign_contract, terms_in_force
from cessio.identity.operations import forget_guesses
from cessio.identity.rules.guesses import MOST_WRONG
from cessio.plumbing.database import transaction
from cessio.sharing import Part, ShareRole, end_share, share_by_link, share_with_guest
from cessio.sharing.operations import Reader
from cessio.statements import issue_invoices, print_invoice
from cessio.statements.formats import StatementFormat
from cessio.statements.operations.keeping import ask_statement
from cessio.statements.queries.invoices import fee_invoices_of
from cessio.web import errors
from cessio.web.sessions import Access
from tests.receivables.books import assigned, invoice
from tests.web.browser import browser
from tests.web.portal.conftest import Portal, make_portal

UNTIL = date(2027, 6, 30)
PASSWORD = "une baleine bleue dans le jardin"
#: What only the other client's pages may say.
ALPHA_ALONE = ("CANARI-", "Garages Leroy")


@dataclass
class Shared:
    """Alpha shares its statements with Paul, Bravo its costs with Nadia; a link of each."""

    portal: Portal
    paul: int
    nadia: int
    of_alpha: int
    of_bravo: int
    link: str
    link_id: int
    remittance: int

    def browser(self, person_id: int) -> TestClient[Any]:
        with transaction(self.portal.engine) as session:
            signed = identity.open_session(
                session, person_id=person_id, address="192.0.2.1", user_agent="test",
                at=self.portal.now,
            )  # fmt: skip
        client = browser(self.portal.app, self.portal.app.plugins.get(Access), signed)
        client.headers["Accept-Language"] = "en"
        return client

    def rows(self) -> list[tuple[Any, ...]]:
        with transaction(self.portal.engine) as session:
            return [tuple(row) for row in session.execute(
                text("SELECT share_id, act, part, format FROM share_access ORDER BY id")
            )]  # fmt: skip


@pytest.fixture
def shared(engine: Engine, now: datetime, tmp_path: Path) -> Shared:
    portal = make_portal(engine, now, tmp_path)
    book = portal.book
    with transaction(portal.engine) as session:
        sent = assigned(session, book, now, invoice(book, "CANARI-1", 900_000, debtor="leroy"))
        ids = []
        for client, name, part, contract, by in (
            (book.people.alpha, "Paul", Part.STATEMENTS, book.alpha, book.people.fanny.by),
            (book.people.bravo, "Nadia", Part.COSTS, book.bravo, book.people.helene.by),
        ):
            reader = Reader(name, "Cabinet", ShareRole.ACCOUNTANT, "en", f"{name}@x.example")
            made = share_with_guest(
                session, client_id=client.id, reader=reader, parts=[part],
                contract_ids=[contract], until_on=UNTIL, by=by, at=now,
            )  # fmt: skip
            ids.append(made.share_id)
        link = share_by_link(
            session, client_id=book.people.alpha.id, parts=[Part.STATEMENTS], contract_ids=None,
            reader=Reader("Bank", "", ShareRole.BANKER), until_on=UNTIL,
            by=book.people.fanny.by, at=now,
        )  # fmt: skip
        people = dict(
            session.execute(text("SELECT email, id FROM person WHERE role = 'guest'")).all()
        )
    return Shared(
        portal, people["paul@x.example"], people["nadia@x.example"], *ids, link.token,
        link.share_id, sent.remittance_id,
    )  # fmt: skip


def test_a_guest_reads_exactly_what_is_shared(shared: Shared) -> None:
    paul = shared.browser(shared.paul)
    assert paul.get("/").headers["location"] == "/guest"
    home = paul.get("/guest")
    assert "Alpha Métallerie" in home.text
    assert "Bravo" not in home.text
    page = paul.get(f"/guest/{shared.of_alpha}/statements")
    assert page.status_code == 200
    assert "Alpha Métallerie" in page.text
    assert "30 June 2027" in page.text
    assert "/portal" not in page.text
    file = paul.get(f"/guest/{shared.of_alpha}/statements/{shared.portal.book.alpha}/csv")
    assert file.headers["content-disposition"].startswith("attachment")
    assert paul.get(f"/guest/{shared.of_alpha}/costs").status_code == 404


def test_nobody_opens_what_is_shared_with_another(shared: Shared) -> None:
    paul, nadia = shared.browser(shared.paul), shared.browser(shared.nadia)
    for reader, other, contract in (
        (paul, shared.of_bravo, shared.portal.book.bravo),
        (nadia, shared.of_alpha, shared.portal.book.alpha),
        (paul, shared.link_id, shared.portal.book.alpha),
    ):
        for page in ("", "/statements", "/costs", f"/statements/{contract}/csv"):
            answer = reader.get(f"/guest/{other}{page}")
            there_is_none = reader.get(f"/guest/999999{page}")
            assert answer.status_code == there_is_none.status_code == 404, (other, page)
            assert _plain(answer.text) == _plain(there_is_none.text)
    own = f"/guest/{shared.of_alpha}/statements"
    assert paul.get(f"{own}/{shared.portal.book.bravo}/csv").status_code == 404
    assert paul.get(f"{own}?contract={shared.portal.book.bravo}").status_code == 404
    assert shared.rows() == []


def _plain(page: str) -> str:
    return re.sub(r"/guest/\d+[\w/]*", "", page)


def test_a_guest_opens_nothing_but_its_own_pages(shared: Shared) -> None:
    """Every route of the application: what is not the guests' is refused to them."""
    paul = shared.browser(shared.paul)
    walked = 0
    for route in shared.portal.app.routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith(
            ("/portal", "/backoffice", "/api/v1")
        ):
            continue
        path = re.sub(r"{\w+:int}", str(shared.portal.book.alpha), route.path)
        path = re.sub(r"{\w+:\w+}", "x", path)
        for method in sorted({"GET", "POST"} & set(route.methods)):
            answer = paul.request(method, path)
            assert answer.status_code in (401, 403), (method, path, answer.status_code)
            assert not [word for word in ALPHA_ALONE if word in answer.text], path
            walked += 1
    assert walked > 200


def test_nobody_else_opens_a_guests_pages(shared: Shared) -> None:
    people = shared.portal.book.people
    for one in (people.fanny, people.helene, people.alice, people.eva):
        reader = shared.portal.visit(one)
        for path in ("/guest", "/guest/account", f"/guest/{shared.of_alpha}/statements"):
            assert reader.get(path).status_code == 403, (one.name, path)
    stranger = shared.portal.stranger
    answer = stranger.get(f"/guest/{shared.of_alpha}/statements")
    assert answer.headers["location"].startswith("/sign-in")


def _pages(shared: Shared, prefix: str) -> list[str]:
    """Every address of a share that answers GET."""
    found = [
        route.path for route in shared.portal.app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(prefix)
    ]  # fmt: skip
    assert len(found) > 3
    return found


def test_no_page_of_a_share_answers_without_leaving_a_row(shared: Shared) -> None:
    """All parts shared, every address opened: a row for each that answered, and only then."""
    book = shared.portal.book
    with transaction(shared.portal.engine) as session:
        reader = Reader("Paul", "", ShareRole.ACCOUNTANT, "en", "paul@x.example")
        everything: dict[str, Any] = {
            "client_id": book.people.alpha.id, "parts": list(Part), "contract_ids": None,
            "until_on": UNTIL, "by": book.people.fanny.by, "at": shared.portal.now,
        }  # fmt: skip
        share_id = share_with_guest(session, reader=reader, **everything).share_id
        link = share_by_link(session, reader=reader, **everything)
        kept = ask_statement(
            session, contract_id=book.alpha, from_on=date(2026, 11, 1), to_on=date(2026, 11, 16),
            file_format=StatementFormat.CSV, language="en", by=book.people.fanny.by,
            at=shared.portal.now,
        )  # fmt: skip
        charged = _fee_invoice(session, book.alpha, shared.portal.now)
    paul = shared.browser(shared.paul)
    stranger = shared.portal.stranger
    for client, prefix, base in (
        (paul, "/guest/{share_id:int}", f"/guest/{share_id}"),
        (stranger, "/shared/{token:str}", f"/shared/{link.token}"),
    ):
        for route in _pages(shared, prefix):
            path = route.replace(prefix, base).replace("{contract_id:int}", str(book.alpha))
            path = path.replace("{file_format:str}", "csv").replace("{kept_id:int}", str(kept))
            path = path.replace("{invoice_id:int}", str(charged))
            path = path.replace("{remittance_id:int}", str(shared.remittance))
            before = len(shared.rows())
            answer = client.get(path)
            left = len(shared.rows()) - before
            assert left == (1 if answer.status_code == 200 else 0), (path, answer.status_code)
            assert answer.status_code == 200, path
    parts = {part for _share, _act, part, _format in shared.rows()}
    assert parts == {None, *(part.value for part in Part)}


def _fee_invoice(session: Session, contract_id: int, now: datetime) -> int:
    """November's charges of the contract, invoiced and printed."""
    later = now + timedelta(days=20)
    issue_invoices(session, month=now.date(), by="job:closing.day_end", at=later)
    [made] = fee_invoices_of(session, contract_id=contract_id)
    print_invoice(session, invoice_id=made.id, by="job:statements.fee_invoices", at=later)
    return made.id


def test_a_contract_that_is_not_shared_is_not_there(shared: Shared) -> None:
    """Another client's papers, and those of the same client's other contract."""
    book, now = shared.portal.book, shared.portal.now
    with transaction(shared.portal.engine) as session:
        agreed = terms_in_force(session, book.alpha, date(2026, 11, 16))
        second = sign_contract(
            session, client_id=book.people.alpha.id, product=Product.FULL, terms=agreed,
            signed_on=date(2026, 2, 1), by="system:setup", at=now,
        )  # fmt: skip
        made = share_with_guest(
            session, client_id=book.people.alpha.id, parts=list(Part), contract_ids=[second],
            reader=Reader("Paul", "", ShareRole.ACCOUNTANT, "en", "paul@x.example"),
            until_on=UNTIL, by=book.people.fanny.by, at=now,
        )  # fmt: skip
    paul, base = shared.browser(shared.paul), f"/guest/{made.share_id}"
    assert paul.get(f"{base}/invoices").status_code == 200
    assert "CANARI-1" not in paul.get(f"{base}/invoices").text
    for path in (
        f"invoices?contract={book.alpha}", f"today?contract={book.alpha}",
        f"invoices?contract={book.alpha}&format=csv", f"statements/{book.alpha}/csv",
        f"documents/{book.alpha}/{shared.remittance}/receipt.pdf",
        f"documents/{second}/{shared.remittance}/receipt.pdf",
    ):  # fmt: skip
        assert paul.get(f"{base}/{path}").status_code == 404, path


def test_every_handler_of_a_share_names_the_part_it_shows(shared: Shared) -> None:
    for route in shared.portal.app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(
            ("/guest/{share_id", "/shared/{token")
        ):
            for handler in route.route_handlers:
                if "GET" in handler.http_methods:
                    assert "part" in handler.opt, route.path
                    assert "opened" in handler.parsed_fn_signature.parameters, route.path


def test_the_log_says_who_opened_which_file(shared: Shared) -> None:
    paul = shared.browser(shared.paul)
    contract = shared.portal.book.alpha
    period = "from=2026-11-01&to=2026-11-16"
    paul.get(f"/guest/{shared.of_alpha}/statements/{contract}/pdf?{period}")
    fanny = shared.portal.fanny
    page = fanny.get("/portal/sharing").text
    assert "Paul" in page
    assert "PDF" in page
    log = fanny.get("/portal/sharing/log?format=csv").content.decode("utf-8-sig")
    assert "Statements" in log
    assert "2026-11-16" in log, log
    assert "PDF" in log
    nobody = shared.portal.visit(shared.portal.book.people.helene)
    assert "Paul" not in nobody.get("/portal/sharing").text
    assert "Paul" not in nobody.get("/portal/sharing/log").text
    assert nobody.get(f"/portal/sharing/{shared.of_alpha}").status_code == 404


def test_an_ended_share_is_closed_at_once(shared: Shared) -> None:
    paul = shared.browser(shared.paul)
    assert paul.get(f"/guest/{shared.of_alpha}").status_code == 200
    done = shared.portal.fanny.post(f"/portal/sharing/{shared.of_alpha}/end")
    assert done.status_code == 303
    assert paul.get(f"/guest/{shared.of_alpha}").status_code == 404
    assert "Nothing is shared with you now" in paul.get("/guest").text


def test_a_link_reads_without_account(shared: Shared) -> None:
    stranger = shared.portal.stranger
    page = stranger.get(f"/shared/{shared.link}/statements")
    assert page.status_code == 200
    assert "Alpha Métallerie" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in page.headers["x-robots-tag"]
    base = f"/shared/{shared.link}/statements/{shared.portal.book.alpha}"
    for kind in ("pdf", "csv", "xlsx", "mt940", "cfonb120", "camt053"):
        file = stranger.get(f"{base}/{kind}")
        assert file.status_code == 200
        assert file.headers["content-disposition"].startswith("attachment")
    assert stranger.get(f"/shared/{shared.link}/costs").status_code == 404
    assert [row[1:] for row in shared.rows()][-1] == ("file", "statements", "camt053")


def test_a_link_that_is_over_or_ended_or_none_says_one_sentence(shared: Shared) -> None:
    stranger = shared.portal.stranger
    none = stranger.get("/shared/not-a-link-at-all")
    assert none.status_code == 404
    assert "This link does not work, or no longer" in none.text
    with transaction(shared.portal.engine) as session:
        end_share(session, share_id=shared.link_id, by="person:1", at=shared.portal.now,
                  client_id=shared.portal.book.people.alpha.id)  # fmt: skip
    for page in ("", "/statements", "/costs"):
        ended = stranger.get(f"/shared/{shared.link}{page}")
        assert ended.status_code == 404
        assert "Alpha" not in ended.text
        assert "no longer" in ended.text
    assert shared.rows() == []


def test_a_link_over_its_day_is_closed(shared: Shared) -> None:
    late = shared.portal.now + timedelta(days=400)
    stranger = shared.portal.stranger
    state = shared.portal.app.state
    clock, state.clock = state.clock, lambda: late
    try:
        assert stranger.get(f"/shared/{shared.link}").status_code == 404
    finally:
        state.clock = clock


def test_guessing_links_is_slowed(shared: Shared) -> None:
    stranger = shared.portal.stranger
    for n in range(MOST_WRONG):
        assert stranger.get(f"/shared/guess-{n}").status_code == 404
    assert stranger.get(f"/shared/{shared.link}").status_code == 404
    with transaction(shared.portal.engine) as session:
        forget_guesses(session, at=shared.portal.now + timedelta(minutes=11))
    assert stranger.get(f"/shared/{shared.link}").status_code == 200


def _join(engine: Engine, to: str) -> str:
    """The way in of the last mail to somebody."""
    with transaction(engine) as session:
        content = session.scalar(
            text(
                "SELECT content FROM outgoing_mail WHERE recipient = :to ORDER BY id DESC LIMIT 1"
            ),
            {"to": to},
        )
    mail = message_from_bytes(bytes(content), policy=policy.default)
    found = re.search(r"https?://[^/\s]+(/join/\S+)", mail.get_content())
    assert found is not None
    return found[1]


def test_a_guest_invited_by_the_signatory_comes_in_and_reads(shared: Shared) -> None:
    fanny = shared.portal.fanny
    asked = {
        "kind": "guest", "role": "banker", "name": "Zoé Lambert", "firm": "Banque du Rhône",
        "email": "zoe@banque.example", "language": "en", "part": ["statements", "costs"],
        "every": "yes", "until_on": "2027-03-31",
    }  # fmt: skip
    check = fanny.post("/portal/sharing/check", data=asked)
    assert check.status_code == 200
    assert "Statements of account and their files" in check.text
    assert "nothing can be changed, drawn or sent" in check.text
    with transaction(shared.portal.engine) as session:
        assert not session.scalar(text("SELECT count(*) FROM share WHERE name LIKE 'Zoé%'"))
    done = fanny.post("/portal/sharing", data=asked)
    assert done.status_code == 303
    stranger = shared.portal.stranger
    way = _join(shared.portal.engine, "zoe@banque.example")
    assert "zoe@banque.example" in stranger.get(way).text
    weak = stranger.post(way, data={"password": "short", "again": "short"})
    assert weak.status_code == 422
    other = stranger.post(way, data={"password": PASSWORD, "again": PASSWORD + "!"})
    assert other.status_code == 422
    came = stranger.post(way, data={"password": PASSWORD, "again": PASSWORD})
    assert came.status_code == 303
    assert stranger.get("/guest").status_code == 200
    assert "Alpha Métallerie" in stranger.get("/guest").text
    assert shared.portal.stranger.get(way).status_code == 404


def test_only_a_signatory_shares(shared: Shared) -> None:
    gilles = shared.portal.visit(shared.portal.book.people.gilles)
    page = gilles.get("/portal/sharing")
    assert page.status_code == 200
    assert "Invite somebody" not in page.text
    for path in ("/new", "/check", "", f"/{shared.of_alpha}/end", f"/{shared.of_alpha}/invite"):
        method = "GET" if path == "/new" else "POST"
        assert gilles.request(method, f"/portal/sharing{path}").status_code == 403


def test_a_link_is_made_and_its_address_shown_once(shared: Shared) -> None:
    fanny = shared.portal.fanny
    asked = {
        "kind": "link", "role": "banker", "name": "Banque", "language": "en", "every": "yes",
        "part": ["statements"], "until_on": "2027-03-31",
    }  # fmt: skip
    assert "Whoever holds the address" in fanny.post("/portal/sharing/check", data=asked).text
    made = fanny.post("/portal/sharing", data=asked)
    assert made.status_code == 200
    found = re.search(r"/shared/([\w-]{43})", made.text)
    assert found is not None
    assert shared.portal.stranger.get(f"/shared/{found[1]}").status_code == 200
    assert found[1] not in fanny.get("/portal/sharing").text


def test_a_share_that_is_wrong_is_not_given(shared: Shared) -> None:
    fanny = shared.portal.fanny
    for path in ("/portal/sharing/check", "/portal/sharing"):
        refused = fanny.post(path, data={
            "kind": "guest", "role": "banker", "name": "Zoé", "email": "zoe@banque.example",
            "language": "en", "every": "yes", "until_on": "2029-03-31",
        })  # fmt: skip
        assert refused.status_code == 422
        assert "Choose at least one thing to show" in refused.text


def test_the_secret_of_an_address_is_not_told_to_the_log() -> None:
    for path, kept in (
        ("/shared/secret/statements/1/csv", "/shared/…/statements/1/csv"),
        ("/join/secret", "/join/…"), ("/confirm/secret", "/confirm/…"),
        ("/guest/12/costs", "/guest/12/costs"),
    ):  # fmt: skip
        assert errors.logged_path(path) == kept


def test_an_accountant_reads_the_journal_its_file_and_the_collections(shared: Shared) -> None:
    """And nothing that only the client may do; who was not given them finds nothing."""
    book, contract = shared.portal.book, shared.portal.book.alpha
    with transaction(shared.portal.engine) as session:
        made = share_with_guest(
            session, client_id=book.people.alpha.id, parts=[Part.ACCOUNTING, Part.INDICATORS],
            contract_ids=None, reader=Reader("Paul", "", ShareRole.ACCOUNTANT, "en",
                                             "paul@x.example"),
            until_on=UNTIL, by=book.people.fanny.by, at=shared.portal.now,
        )  # fmt: skip
    paul, base = shared.browser(shared.paul), f"/guest/{made.share_id}"
    page = paul.get(f"{base}/accounting").text
    assert f"{base}/accounting/{contract}/fec" in page
    assert "/portal/" not in page
    assert paul.get(f"{base}/accounting/{contract}/fec").text.startswith("JournalCode")
    assert "/portal/" not in paul.get(f"{base}/accounting/collections").text
    assert "/portal/" not in paul.get(f"{base}/indicators").text
    for path in ("accounting", "accounting/collections", "indicators",
                 f"accounting/{contract}/fec"):  # fmt: skip
        assert paul.get(f"/guest/{shared.of_alpha}/{path}").status_code == 404, path


def test_the_list_of_shares_sorts(shared: Shared) -> None:
    fanny = shared.portal.fanny
    pages = [fanny.get(f"/portal/sharing?sort={sort}").text for sort in ("reader", "-reader")]
    assert pages[0].index(">Bank<") < pages[0].index(">Paul<")
    assert pages[1].index(">Paul<") < pages[1].index(">Bank<")
    assert fanny.get("/portal/sharing?sort=seen").status_code == 200
