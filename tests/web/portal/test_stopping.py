"""The link of a mail stops its kind without signing in, from a page or from a mail program."""

from __future__ import annotations

from cessio.correspondence import STOP_ADDRESS
from cessio.notifications import Channel, choose
from cessio.notifications import queries as notifications
from cessio.plumbing import mail
from cessio.plumbing.database import transaction
from cessio.plumbing.mail import Mailer
from cessio.plumbing.mail_stops import StopReason, stops
from cessio.plumbing.vault import Vault
from tests.web.portal.conftest import Portal

MACHINE = {"Sec-Fetch-Site": "cross-site"}


def _link(portal: Portal, about: str) -> str:
    mail.use(Mailer(base_url="", vault=lambda: Vault.of(portal.app.state.settings)))
    found = mail.stop_url(f"{portal.book.people.fanny.id}/{about}")
    mail.use(Mailer())
    assert found is not None
    return found


def _chosen(portal: Portal) -> dict[str, Channel]:
    with transaction(portal.engine) as session:
        return notifications.choices(session, portal.book.people.fanny.id)


def test_a_mail_is_stopped_without_signing_in(portal: Portal) -> None:
    wanted = {"drawdown_paid": Channel.MAIL, "limit_ends": Channel.DIGEST,
              "payout_account_asked": Channel.DIGEST}  # fmt: skip
    with transaction(portal.engine) as session:
        choose(session, person_id=portal.book.people.fanny.id, channels=wanted, at=portal.now)
    link = _link(portal, "drawdown_paid")
    page = portal.stranger.get(link)
    assert "My company was paid" in page.text
    assert _chosen(portal) == wanted, "a program that opens links stops nothing"
    assert "no longer comes by mail" in portal.stranger.post(link).text
    assert _chosen(portal) == {**wanted, "drawdown_paid": Channel.BELL}
    sent = {"List-Unsubscribe": "One-Click"}
    assert portal.stranger.post(_link(portal, ""), data=sent, headers=MACHINE).is_success
    assert _chosen(portal) == {
        "drawdown_paid": Channel.BELL, "limit_ends": Channel.BELL,
        "payout_account_asked": Channel.DIGEST,
    }  # fmt: skip


def test_a_link_nobody_was_sent_stops_nothing(portal: Portal) -> None:
    for token in ("1", "AQID", "é" * 40, "A" * 3000):
        assert portal.stranger.get(f"{mail.STOP_PATH}/{token}").status_code == 404
        assert portal.stranger.post(f"{mail.STOP_PATH}/{token}").status_code == 404


def test_who_is_reminded_has_reminders_come_by_post(portal: Portal) -> None:
    mail.use(Mailer(base_url="", vault=lambda: Vault.of(portal.app.state.settings)))
    link = mail.stop_url(f"{STOP_ADDRESS}compta@delta.example")
    mail.use(Mailer())
    assert link is not None
    with transaction(portal.engine) as session:
        assert "compta@delta.example" in portal.stranger.get(link).text
        assert stops(session, ["compta@delta.example"]) == ()
    assert "comes by post" in portal.stranger.post(link, headers=MACHINE).text
    with transaction(portal.engine) as session:
        [stop] = stops(session, ["Compta@delta.example"])
    assert stop.why is StopReason.STOPPED
