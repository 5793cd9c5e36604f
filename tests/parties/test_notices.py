"""Whoever asks for another payout account, everybody the client had made known reads of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import parties
from cessio.correspondence import Text, change_wording, messages_about
from cessio.parties import ContactDetails, operations
from cessio.plumbing import mail
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.plumbing.mail import Mailer

NEW_IBAN = "FR7616958000010009876543244"
OWNER = ContactDetails("Paul Alpha", function="Président", email="paul@alpha.example",
                       language="en")  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    mail.use(Mailer(sender="factor@cessio.test", folder=tmp_path))
    yield tmp_path
    mail.use(Mailer())


def known_client(session: Session, now: datetime) -> tuple[People, int, int]:
    """Alpha with its two users, its owner and its switchboard; all known before today."""
    there = people.settle_in(session, at=now - timedelta(days=90))
    owner, switchboard = (
        operations.add_contact(session, company_id=there.alpha.company_id, contact=one,
                               by=people.SETUP, at=now - timedelta(days=60))
        for one in (OWNER, ContactDetails("Standard", phone="+33472000000"))
    )  # fmt: skip
    return there, owner, switchboard


def ask(session: Session, there: People, at: datetime) -> int:
    return parties.add_account(session, company_id=there.alpha.company_id, iban=NEW_IBAN,
                               is_payout=True, by=there.alice.by, at=at)  # fmt: skip


def told(session: Session, account_id: int, template: str) -> dict[str, str]:
    return {one.recipient: one.body
            for one in messages_about(session, kind="party_account", id=account_id)
            if one.template == template}  # fmt: skip


def test_a_change_is_told_to_all_who_were_known_when_it_was_asked(
    session: Session, now: datetime
) -> None:
    there, owner, switchboard = known_client(session, now)
    for name, at in (("Ancien", now - timedelta(days=30)), ("Complice", now)):
        added = operations.add_contact(
            session, company_id=there.alpha.company_id, by=people.SETUP, at=at,
            contact=ContactDetails(name, email=f"{name.lower()}@alpha.example"),
        )  # fmt: skip
        if name == "Ancien":
            operations.end_contact(session, contact_id=added, by=people.SETUP, at=at)
    account = ask(session, there, now)
    asked = told(session, account, "payout_account_asked")
    assert set(asked) == {"Paul Alpha", "Fanny Dubois", "Gilles Roux"}
    assert "FR76 •••• 3244" in asked["Fanny Dubois"]
    assert people.ALPHA.iban is not None
    assert f"au lieu du compte {people.ALPHA.iban[:4]} ••••" in asked["Fanny Dubois"]
    assert "call us at once" in asked["Paul Alpha"]

    operations.end_contact(session, contact_id=owner, by=there.alice.by, at=now)
    parties.confirm_account(session, account_id=account, contact_id=switchboard, why="lu",
                            by=there.bruno.by, at=now + timedelta(hours=1))  # fmt: skip
    made = told(session, account, "payout_account_changed")
    assert set(made) == set(asked)  # ending a contact after asking silences nobody
    assert f"instead of account {people.ALPHA.iban[:4]}" in made["Paul Alpha"]


def test_a_change_given_up_is_told_in_the_words_of_the_house(
    session: Session, now: datetime
) -> None:
    there, *_ = known_client(session, now)
    wording = Text("Refusé", "{recipient} : {client} reste payé sur {former}.")
    change_wording(session, code="payout_account_refused", language="fr", text=wording,
                   by=there.alice.by, at=now)  # fmt: skip
    account = ask(session, there, now)
    operations.end_account(session, account_id=account, by=there.bruno.by, at=now)
    said = told(session, account, "payout_account_refused")
    assert set(said) == {"Paul Alpha", "Fanny Dubois", "Gilles Roux"}
    assert said["Gilles Roux"].startswith(f"Gilles Roux : {people.ALPHA.name} reste payé sur FR")
    assert told(session, account, "payout_account_changed") == {}


def test_a_first_account_and_one_that_is_not_paid_change_nothing(
    session: Session, now: datetime
) -> None:
    there, *_ = known_client(session, now)
    first = parties.queries.accounts(session, there.alpha.company_id)[0]
    assert messages_about(session, kind="party_account", id=first.id) == ()
    other = parties.add_account(session, company_id=there.alpha.company_id, iban=NEW_IBAN,
                                by=there.alice.by, at=now)  # fmt: skip
    debtor = parties.add_account(session, company_id=there.durand.company_id, iban=NEW_IBAN,
                                 is_payout=True, by=there.alice.by, at=now)  # fmt: skip
    for account in (other, debtor):
        assert messages_about(session, kind="party_account", id=account) == ()


def test_the_mails_leave_when_the_change_is_kept(
    engine: Engine, now: datetime, folder: Path
) -> None:
    with transaction(engine) as session:
        there, *_ = known_client(session, now)
        ask(session, there, now)
    run_pending(engine, raising=True)
    mails = [message_from_bytes(one.read_bytes(), policy=policy.default)
             for one in folder.iterdir()]  # fmt: skip
    subjects = {str(one["To"]): str(one["Subject"]) for one in mails}
    assert len(subjects) == 3
    assert (
        subjects["paul@alpha.example"] == "Another bank account was asked for Alpha Métallerie SAS"
    )
