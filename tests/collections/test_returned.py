"""Mails that do not arrive: refused by the server, sent back, or stopped; then paper, or said."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from tests import books
from tests.books import Pair
from tests.collections.test_letters import AT, reminded
from tests.collections.test_plans import BY, ON, addressed, counted, house, late
from tests.plumbing.test_mail import FakeServer

from cessio import collections
from cessio.collections.models import DunningLetter
from cessio.collections.queries import letters
from cessio.collections.queries.reach import reach
from cessio.correspondence import queries as correspondence
from cessio.correspondence.returned import read_report, take_returned, write_again
from cessio.parties.models import Company, Debtor
from cessio.plumbing import mail
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.plumbing.mail import Mailer
from cessio.plumbing.mail_stops import StopReason, note_stop, stops
from cessio.plumbing.models import OutgoingMail

MAIL = "compta@delta.example"


@pytest.fixture
def pair(session: Session) -> Pair:
    made = books.new_pair(session)
    addressed(session, made.debtor_id, MAIL)
    return made


@pytest.fixture
def refusing() -> Iterator[None]:
    """A mail server that knows no recipient."""
    handler = type("Handler", (FakeServer,), {
        "answers": {"RCPT": "550 5.1.1 no such user", "QUIT": "221 bye"}, "heard": [],
    })  # fmt: skip
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        mail.use(Mailer(smtp_url=f"smtp://127.0.0.1:{listening.server_address[1]}"))
        yield
        mail.use(Mailer())
        listening.shutdown()


def report(session: Session, address: str = MAIL, *, status: str = "5.1.1",
           action: str = "failed", name: str | None = None) -> bytes:  # fmt: skip
    """What a mail server answers about the last mail of ours (RFC 3464)."""
    ours = session.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc())).first()
    assert ours is not None
    header = name or message_from_bytes(ours.content, policy=policy.default)["Message-ID"]
    return "\r\n".join([
        "From: MAILER-DAEMON@mx.example", "To: factor@cessio.test", "Subject: Undelivered",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"', "",
        "--x", "Content-Type: text/plain", "", "It did not arrive.", "--x",
        "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "",
        f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}", "",
        "--x", "Content-Type: text/rfc822-headers", "", f"Message-ID: {header}",
        f"To: {address}", "", "--x--", "",
    ]).encode()  # fmt: skip


def test_a_mail_that_came_back_goes_out_on_paper_the_next_morning(
    session: Session, pair: Pair
) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    [mailed] = reminded(session)
    assert take_returned(session, report(session), by=BY, at=AT) == (MAIL,)
    assert reach(session, pair.debtor_id).by_mail is False
    later = ON + timedelta(days=1)
    collections.choose_day(session, on=later, by=BY, at=AT)
    assert collections.put_on_paper(session, on=later, by=BY, at=AT) == 1
    assert collections.put_on_paper(session, on=later, by=BY, at=AT) == 0
    assert collections.write_letters(session, by=BY, at=AT,
                                     letter_ids=letters.unwritten(session, later)) == 1  # fmt: skip
    session.expire(mailed)
    assert (mailed.channel, mailed.paper_day, mailed.dropped) == ("letter", later, None)
    [printed] = letters.printed(session, later)  # in the batch that the printer gets, not the last
    assert printed.letter_id == mailed.id
    assert letters.printed(session, ON) == ()
    said = correspondence.message(session, mailed.message_id or 0)
    assert (said.channel, said.address.split("\n")[0]) == ("letter", "1 rue du Port")
    assert correspondence.message(session, mailed.returned_id or 0).address == MAIL


def test_who_gets_no_mail_is_written_to_on_paper_until_the_address_is_good(
    session: Session, pair: Pair
) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    note_stop(session, address=MAIL.upper(), why=StopReason.STOPPED, by="reader", at=AT)
    assert counted(session) == {"letter": (1, 1)}
    [stop] = reach(session, pair.debtor_id).stops
    assert write_again(session, stop_id=stop.id, by=BY, at=AT) == MAIL
    assert counted(session) == {"mail": (1, 1)}


def test_an_address_stopped_between_the_choice_and_the_mail_gets_a_letter(
    session: Session, pair: Pair
) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    collections.choose_day(session, on=ON, by=BY, at=AT)
    note_stop(session, address=MAIL, why=StopReason.STOPPED, by="reader", at=AT)
    [row] = reminded(session)
    assert (row.channel, row.dropped) == ("letter", None)


def test_who_has_neither_address_is_said_to_be_out_of_reach(session: Session, pair: Pair) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    [row] = reminded(session)
    take_returned(session, report(session), by=BY, at=AT)
    company_id = session.get_one(Debtor, pair.debtor_id).company_id
    session.execute(update(Company).where(Company.id == company_id).values(street=None))
    collections.put_on_paper(session, on=date(2026, 11, 19), by=BY, at=AT)
    collections.write_letters(session, letter_ids=[row.id], by=BY, at=AT)
    session.expire(row)
    assert (row.dropped, row.message_id) == ("unreachable", None)
    found = reach(session, pair.debtor_id)
    assert (found.by_mail, found.by_post) == (False, False)


@pytest.mark.parametrize("forged", [
    {"status": "4.2.2", "action": "delayed"}, {"name": "<0123456789abcdef@cessio.test>"},
    {"address": "other@delta.example"},
])  # fmt: skip
def test_a_report_is_believed_only_of_a_mail_of_ours_that_failed_for_ever(
    session: Session, pair: Pair, forged: dict[str, str]
) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    reminded(session)
    assert take_returned(session, report(session, **forged), by=BY, at=AT) == ()
    assert reach(session, pair.debtor_id).by_mail


@pytest.mark.parametrize("content", [
    b"", b"\x00\xff", b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n",
    b"Content-Type: message/delivery-status\r\n\r\nFinal-Recipient\r\n\r\nAction: failed\r\n",
    b"Subject: Holidays\r\n\r\nI am away.\r\n",
])  # fmt: skip
def test_a_mail_that_is_no_report_says_nothing(content: bytes) -> None:
    assert read_report(content).addresses == frozenset()


@pytest.mark.usefixtures("refusing")
def test_an_address_its_server_refuses_is_noted_and_the_reminder_printed(engine: Engine) -> None:
    with transaction(engine) as session:
        made = books.new_pair(session)
        addressed(session, made.debtor_id, MAIL)
        house(session)
        late(session, made, "F-1", 3)
        reminded(session)
    run_pending(engine)
    with transaction(engine) as session:
        [stop] = stops(session, [MAIL])
        assert (stop.why, stop.detail) == (StopReason.REFUSED, "550")
        later = ON + timedelta(days=1)
        collections.choose_day(session, on=later, by=BY, at=AT)
        assert collections.put_on_paper(session, on=later, by=BY, at=AT) == 1
        channel = session.scalars(select(DunningLetter.channel)).one()
        assert channel == "letter"
