"""What is sent is what the house says, kept as it was said; wordings end and are never lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from tests.correspondence.texts import NOTICE

from cessio import audit, documents
from cessio.correspondence import (
    Addressee,
    Recipient,
    Text,
    change_wording,
    messages_about,
    preview,
    print_letter,
    queries,
    restore_house_wording,
    send,
    set_identity,
)
from cessio.correspondence.kinds import TemplateUnknown
from cessio.kernel.errors import Conflict, Problems
from cessio.kernel.money import Money
from cessio.plumbing.mail import MailInvalid
from cessio.plumbing.models import OutgoingMail

BY = "person:1"
VALUES: Mapping[str, Any] = {
    "debtor": "Durand & <b>Fils</b>", "limit": Money(1_234_550, "EUR"),
    "expires_on": date(2026, 12, 1), "rate": Decimal("0.0325"), "count": 12_345,
    "lines": ["- F-1", "- F-2"],
}  # fmt: skip


def _send(session: Session, now: datetime, **changes: Any) -> int:
    given: dict[str, Any] = {
        "template": NOTICE.code, "to": Recipient("fanny@alpha.example", "Fanny", "fr"),
        "values": VALUES, "subject_kind": "limit", "subject_id": 7, "client_id": 3,
        "key": "notice/7", "by": BY, "at": now,
    }  # fmt: skip
    return send(session, **{**given, **changes})


def _mail(session: Session) -> EmailMessage:
    content = session.scalars(select(OutgoingMail.content).order_by(OutgoingMail.id.desc())).first()
    assert content is not None
    return message_from_bytes(content, EmailMessage, policy=policy.SMTP)


def test_a_message_is_written_in_the_readers_language_and_kept(
    session: Session, now: datetime
) -> None:
    _send(session, now)
    (kept,) = messages_about(session, kind="limit", id=7)
    assert kept.subject == "Agrément sur Durand & <b>Fils</b>"
    assert "12\u202f345,50\u00a0€" in kept.body
    assert "1er décembre 2026" in kept.body
    assert kept.address == "fanny@alpha.example"
    assert kept.sent_at is None
    sent = _mail(session)
    assert sent["Subject"] == kept.subject
    assert sent.get_content().replace("\r\n", "\n").strip() == kept.body
    assert sent.get_content_type() == "text/plain"

    _send(session, now, key="en", to=Recipient("bob@alpha.example", "Bob", "en"))
    latest = messages_about(session, kind="limit", id=7)[0]
    assert latest.subject.startswith("Limit on")
    assert "€12,345.50" in latest.body


def test_the_same_key_is_the_same_message(session: Session, now: datetime) -> None:
    first = _send(session, now)
    assert _send(session, now, values={**VALUES, "debtor": "Other"}) == first
    assert len(messages_about(session, kind="limit", id=7)) == 1


def test_another_client_reads_nothing_of_it(session: Session, now: datetime) -> None:
    _send(session, now)
    assert messages_about(session, kind="limit", id=7, client_id=4) == ()
    assert len(queries.messages_to_client(session, 3)) == 1


def test_a_value_breaks_no_header(session: Session, now: datetime) -> None:
    _send(session, now, values={**VALUES, "debtor": "x\r\nBcc: all@example.org\r\n\r\nhello"})
    sent = _mail(session)
    assert sent["Bcc"] is None
    assert sent["Subject"] == "Agrément sur x Bcc: all@example.org hello"


@pytest.mark.parametrize("address", ["", "x", "a@b\r\nBcc: c@d", "a@b, c@d"])
def test_an_address_that_is_none_is_refused(session: Session, now: datetime, address: str) -> None:
    with pytest.raises(MailInvalid):
        _send(session, now, to=Recipient(address, "X"))


def test_a_value_the_text_does_not_know_is_a_fault_of_ours(session: Session, now: datetime) -> None:
    with pytest.raises(ValueError, match="no value"):
        _send(session, now, values={**VALUES, "password": "x"})
    with pytest.raises(TemplateUnknown):
        _send(session, now, template="nothing")


def test_the_factor_signs_with_its_own_name(session: Session, now: datetime) -> None:
    set_identity(session, name="Atlas Factor", legal="SA", siren="812340016", street="1 rue A",
                 post_code="75002", city="Paris", by="system:setup", at=now)  # fmt: skip
    _send(session, now)
    assert messages_about(session, kind="limit", id=7)[0].body.endswith("Atlas Factor")


def test_another_wording_holds_from_now_on_and_the_house_can_come_back(
    session: Session, now: datetime
) -> None:
    first = Text("Limite {debtor}", "Madame, Monsieur,\r\n{limit}")
    edition = change_wording(session, code=NOTICE.code, language="fr", text=first,
                             note="Plus court", by=BY, at=now)  # fmt: skip
    _send(session, now)
    assert messages_about(session, kind="limit", id=7)[0].subject.startswith("Limite ")
    assert queries.wording(session, NOTICE.code, "en").id is None

    later = now + timedelta(minutes=1)
    change_wording(session, code=NOTICE.code, language="fr", text=Text("L", "{limit}"),
                   by="person:2", at=later)  # fmt: skip
    old = queries.editions(session, NOTICE.code, "fr")[1]
    assert (old.id, old.ended_by, old.note) == (edition, "person:2", "Plus court")
    assert old.text.body == "Madame, Monsieur,\n{limit}"

    restore_house_wording(session, code=NOTICE.code, language="fr", by=BY, at=later)
    assert queries.wording(session, NOTICE.code, "fr").text == NOTICE.default_fr
    assert len(queries.editions(session, NOTICE.code, "fr")) == 2
    with pytest.raises(Conflict):
        restore_house_wording(session, code=NOTICE.code, language="fr", by=BY, at=later)
    (event,) = audit.history(session, "message_template", edition)
    assert event.verb == "change_wording"
    assert event.why == "Plus court"
    assert {change.field for change in event.changes} == {"subject", "body"}


def test_a_wording_at_fault_changes_nothing(session: Session, now: datetime) -> None:
    with pytest.raises(Problems) as refused:
        change_wording(session, code=NOTICE.code, language="fr",
                       text=Text("a\nb", "{balance} {{x}}"), by=BY, at=now)  # fmt: skip
    assert [fault.code for fault in refused.value.problems] == [
        "subject_lines", "brace_strange", "variable_unknown", "variable_unknown",
    ]  # fmt: skip
    assert queries.editions(session, NOTICE.code, "fr") == ()
    with pytest.raises(Conflict):
        change_wording(session, code=NOTICE.code, language="fr", text=NOTICE.default_fr, by=BY,
                       at=now)  # fmt: skip


def test_a_preview_shows_sample_values_or_every_fault() -> None:
    shown = preview(NOTICE, NOTICE.default_fr, language="fr")
    assert shown.subject == "Agrément sur Distribution Durand SA"
    assert not shown.faults
    assert "31 décembre 2026" in shown.body
    assert "Motif" not in shown.body
    given = preview(NOTICE, NOTICE.default_en, language="en", values={"why": "Late"})
    assert "Why: Late" in given.body
    faults = preview(NOTICE, Text("x", "{nope}\n{also}"), language="fr").faults
    assert [fault.params["line"] for fault in faults] == [1, 2]


def test_a_letter_is_a_document_on_our_paper(session: Session, now: datetime) -> None:
    to = Addressee("Distribution Durand SA", ("200 avenue de la République", "92000 Nanterre"))
    values = {**VALUES, "why": "#eval(1) $x$ *gras* @ref <label> \\ `raw`"}
    letter = print_letter(session, template=NOTICE.code, to=to, values=values,
                          subject_kind="limit", subject_id=7, client_id=3, key="letter", by=BY,
                          at=now)  # fmt: skip
    kept = queries.message(session, letter)
    assert kept.document_id is not None
    file = documents.read(session, kept.document_id)
    assert file.content.startswith(b"%PDF")
    assert kept.address.endswith("92000 Nanterre")
    assert "#eval(1)" in kept.body
    again = print_letter(session, template=NOTICE.code, to=to, values=values,
                         subject_kind="limit", subject_id=7, client_id=3, key="letter", by=BY,
                         at=now)  # fmt: skip
    assert again == letter
