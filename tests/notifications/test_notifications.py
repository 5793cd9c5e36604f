"""The bell: told once, to those who want it, led to the thing, mailed once a day, forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests import people
from tests.people import Named, People

from cessio import approvals
from cessio.identity import Permission
from cessio.kernel.errors import NotFound
from cessio.kernel.money import Money
from cessio.kernel.paging import PageRequest
from cessio.notifications import (
    Channel,
    choose,
    forget_old,
    mark_all_read,
    mark_read,
    notify,
    rules,
    unread_count,
)
from cessio.notifications import queries as notifications
from cessio.notifications.operations import stop_mails
from cessio.plumbing import mail
from cessio.plumbing.database import transaction
from cessio.plumbing.i18n import use_language
from cessio.plumbing.jobs import JobContext, enqueue, job, run_pending
from cessio.plumbing.mail import Mailer
from cessio.plumbing.vault import SealBroken, Vault
from cessio.web.words.notifications import said
from cessio.worker import load_jobs


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    return people.settle_in(session, at=now)


def _tell(session: Session, *told: Named, at: datetime, key: str = "k", note: str = "why") -> int:
    return notify(
        session, person_ids=[each.id for each in told], kind="line_parked",
        values={"note": note}, href="/backoffice/bank/lines/9", at=at, key=key,
    )  # fmt: skip


def _lines(session: Session, person: Named) -> list[str]:
    page = notifications.notifications(session, PageRequest(50), person_id=person.id)
    with use_language("en"):
        return [said(each) for each in page.rows]


def test_each_is_told_once_per_key(session: Session, there: People, now: datetime) -> None:
    assert _tell(session, there.denis, there.alice, at=now) == 2
    assert _tell(session, there.denis, there.alice, at=now) == 0
    assert _tell(session, there.denis, at=now, key="other") == 1
    assert unread_count(session, there.denis.id) == 2
    assert unread_count(session, there.alice.id) == 1
    assert unread_count(session, there.chloe.id) == 0


def test_a_line_leads_to_a_page_of_the_readers_own_application(
    session: Session, there: People, now: datetime
) -> None:
    """A client's user is never led into the back office; somebody else's line is not found."""
    told = notify(
        session, person_ids=[there.alice.id, there.fanny.id, None], kind="limit_answered",
        values={"debtor": "Durand", "answer": "granted", "amount_minor": 1_000_00,
                "currency": "EUR", "why": ""},
        href="/backoffice/debtors/1", client_href="/portal/debtors/1", at=now, key="k",
    )  # fmt: skip
    assert told == 2
    assert _tell(session, there.fanny, at=now) == 0
    found = notifications.notifications(session, PageRequest(5), person_id=there.fanny.id).rows
    assert [each.href for each in found] == ["/portal/debtors/1"]
    with pytest.raises(NotFound):
        notifications.notification(session, found[0].id, person_id=there.alice.id)
    with pytest.raises(ValueError, match="not a page of ours"):
        notify(session, person_ids=[there.alice.id], kind="x", values={},
               href="//elsewhere.example", at=now, key="k2")  # fmt: skip


def test_who_does_not_want_a_kind_is_not_told(
    session: Session, there: People, now: datetime
) -> None:
    choose(session, person_id=there.denis.id, channels={"line_parked": Channel.NONE}, at=now)
    assert _tell(session, there.denis, there.alice, at=now) == 1
    choose(session, person_id=there.denis.id, channels={"line_parked": Channel.DIGEST}, at=now)
    assert _tell(session, there.denis, at=now, key="later") == 1
    assert notifications.people_to_mail(session) == (there.denis.id,)


def test_sentences_are_written_the_readers_way(
    session: Session, there: People, now: datetime
) -> None:
    notify(
        session, person_ids=[there.fanny.id], kind="remittance_refused",
        values={"reference": "CT-1-00004", "amount_minor": 123_456, "currency": "EUR",
                "why": "no invoice was found"},
        href="/portal/remittances/4", at=now, key="k",
    )  # fmt: skip
    line = notifications.notifications(session, PageRequest(5), person_id=there.fanny.id).rows[0]
    with use_language("en"):
        assert said(line) == (
            "Remittance CT-1-00004 of €1,234.56 was refused: no invoice was found"
        )
    with use_language("fr"):
        assert "1\u202f234,56\u00a0€" in said(line)


def test_money_is_a_value_like_any_other(session: Session, there: People, now: datetime) -> None:
    notify(
        session, person_ids=[there.fanny.id], kind="drawdown_refused",
        values={"amount_minor": Money(50_00), "why": ""}, href="/portal/funding/1", at=now, key="k",
    )  # fmt: skip
    assert _lines(session, there.fanny) == ["The drawdown of €50.00 was refused"]


def test_read_lines_leave_the_count_and_are_forgotten_after_a_month(
    session: Session, there: People, now: datetime
) -> None:
    for number in range(3):
        _tell(session, there.denis, at=now, key=str(number))
    page = notifications.notifications(session, PageRequest(1), person_id=there.denis.id)
    assert mark_read(session, person_id=there.alice.id, notification_ids=[page.rows[0].id],
                     at=now) == 0  # fmt: skip
    assert mark_read(session, person_id=there.denis.id, notification_ids=[page.rows[0].id],
                     at=now) == 1  # fmt: skip
    assert unread_count(session, there.denis.id) == 2
    assert mark_all_read(session, person_id=there.denis.id, at=now) == 2
    _tell(session, there.denis, at=now, key="unread")
    assert forget_old(session, at=now + rules.READ_KEPT) == 0
    assert forget_old(session, at=now + rules.READ_KEPT + timedelta(seconds=1)) == 3
    assert len(_lines(session, there.denis)) == 1


def test_the_count_stops_at_a_hundred(session: Session, there: People, now: datetime) -> None:
    for number in range(rules.COUNTED + 5):
        _tell(session, there.denis, at=now, key=str(number))
    assert unread_count(session, there.denis.id) == rules.COUNTED


def test_the_second_person_is_told_and_so_is_the_first_of_the_decision(
    session: Session, there: People, now: datetime
) -> None:
    """Everybody who may approve, but never the maker; the maker hears the decision and why."""
    approvals.decided_with("a_test", Permission.RELEASE_PAYMENTS)
    seen = approvals.subject_hash({"amount_minor": 1})
    asked = approvals.ask(
        session, subject_kind="a_test", subject_id=1, subject_hash=seen,
        summary={"client": "Alpha"}, by=there.ines.by, at=now,
    )  # fmt: skip
    assert _lines(session, there.bruno) == ["A test waits for a second person: Alpha"]
    assert _lines(session, there.ines) == []
    assert _lines(session, there.denis) == []
    approvals.reject(session, approval_id=asked, subject_hash=seen, reason="too early",
                     by=there.bruno.by, at=now)  # fmt: skip
    assert _lines(session, there.ines) == ["A test of Alpha: declined. too early"]


@job("test.told_long")
def _long(context: JobContext, *, fail: bool = False) -> None:
    if fail:
        raise NotFound("nothing", "nothing is there")


def test_a_failed_job_and_a_long_one_tell_who_asked(engine: Engine, now: datetime) -> None:
    load_jobs()
    with transaction(engine) as session:
        there = people.settle_in(session, at=now)
        for key, fail, by in (("1", True, there.denis.by), ("2", False, there.denis.by),
                              ("3", False, "job:other")):  # fmt: skip
            enqueue(session, kind="test.told_long", key=key, payload={"fail": fail}, by=by, at=now)
    run_pending(engine, clock=lambda: now + timedelta(minutes=1))
    with transaction(engine) as session:
        assert _lines(session, there.denis) == [
            "Test told long has ended",
            "Test told long has failed",
        ]
        enqueue(session, kind="test.told_long", key="quick", payload={}, by=there.denis.by, at=now)
    run_pending(engine, clock=lambda: now + timedelta(seconds=2))
    with transaction(engine) as session:
        assert unread_count(session, there.denis.id) == 2


def test_the_daily_mail_holds_each_line_once_in_the_readers_language(
    engine: Engine, now: datetime
) -> None:
    load_jobs()
    with transaction(engine) as session:
        there = people.settle_in(session, at=now)
        choose(session, person_id=there.denis.id, channels={"line_parked": Channel.DIGEST}, at=now)
        _tell(session, there.denis, at=now, note="de qui est-ce")
        _tell(session, there.alice, at=now)
        enqueue(session, kind="notifications.digest", key="1", payload={}, by="schedule:x", at=now)
    run_pending(engine, clock=lambda: now)
    with transaction(engine) as session:
        enqueue(session, kind="notifications.digest", key="2", payload={}, by="schedule:x", at=now)
    run_pending(engine, clock=lambda: now + timedelta(hours=1))
    with engine.connect() as connection:
        mails = connection.execute(text("SELECT recipient, subject FROM outgoing_mail")).all()
    assert [tuple(each) for each in mails] == [(there.denis.email, "Cessio\u00a0: une nouvelle")]


def _mailed(engine: Engine) -> list[EmailMessage]:
    with engine.connect() as connection:
        rows = connection.scalars(text("SELECT content FROM outgoing_mail ORDER BY id")).all()
    return [message_from_bytes(bytes(row), EmailMessage, policy=policy.SMTP) for row in rows]


def test_what_was_chosen_so_comes_by_mail_at_once_with_a_link_that_stops_it(
    engine: Engine, now: datetime
) -> None:
    load_jobs()
    vault = Vault(b"a secret of this test")
    mail.use(Mailer(vault=lambda: vault))
    try:
        with transaction(engine) as session:
            there = people.settle_in(session, at=now)
            choose(session, person_id=there.denis.id, channels={"line_parked": Channel.MAIL},
                   at=now)  # fmt: skip
            _tell(session, there.denis, there.alice, at=now, note="de qui est-ce")
            notify(session, person_ids=[there.fanny.id], kind="signatory_asked",
                   values={"name": "Rémi", "by": "Eva"}, href="/portal/users", at=now,
                   key="s")  # fmt: skip
        run_pending(engine, clock=lambda: now)
        one, mandatory = _mailed(engine)
        assert (one["To"], one["Subject"]) == (
            there.denis.email, "Cessio\u00a0: Un mouvement bancaire est mis de côté pour moi",
        )  # fmt: skip
        assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = str(one["List-Unsubscribe"]).strip("<>")
        assert link in one.get_content()
        assert mandatory["To"] == there.fanny.email
        assert mandatory["List-Unsubscribe"] is None
        about = mail.stopped(link.rpartition("/")[2], vault)
        assert about == f"{there.denis.id}/line_parked"
        with pytest.raises(SealBroken):
            mail.stopped("AQ" + link.rpartition("/")[2][2:-2], vault)
        with transaction(engine) as session:
            stop_mails(session, person_id=there.denis.id, kind="line_parked", at=now)
            _tell(session, there.denis, at=now, key="another")
        run_pending(engine, clock=lambda: now)
        assert len(_mailed(engine)) == 2
    finally:
        mail.use(Mailer())
