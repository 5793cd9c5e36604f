"""SMS steps: given to a real gateway, else mail and paper; never in a client's name."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from tests import books
from tests.books import Pair, new_contract
from tests.collections.test_letters import AT, reminded
from tests.collections.test_plans import BY, ON, addressed, counted, faults, house, late

from cessio import collections
from cessio.collections import DunningChannel, Steps
from cessio.collections.models import DunningLetter
from cessio.collections.operations import NotAPlan
from cessio.collections.queries.reach import reach
from cessio.collections.rules import Step
from cessio.contracts.models import Contract
from cessio.contracts.rules import NotificationMode
from cessio.correspondence import queries as correspondence
from cessio.correspondence.refusals import refuse
from cessio.kernel.errors import Invalid
from cessio.parties.models import Contact, Debtor
from cessio.plumbing import sms
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.plumbing.mail_stops import StopReason
from cessio.plumbing.models import OutgoingSms
from cessio.plumbing.sms import Gateway

SMS = Steps((Step(days=3, channel=DunningChannel.SMS, template="dunning_sms"),))


class Heard(BaseHTTPRequestHandler):
    """A gateway: what it heard, and what it answers."""

    answers: int
    heard: list[tuple[dict[str, str], dict[str, str]]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.answers)
        if self.answers == 302:
            self.send_header("Location", "http://127.0.0.1:1/inside")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its parent's name
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[type[Heard]]:
    kind = type("Gateway", (Heard,), {"answers": 202, "heard": []})
    with HTTPServer(("127.0.0.1", 0), kind) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        sms.use(Gateway(f"http://127.0.0.1:{listening.server_address[1]}/send?v=1", "secret"))
        yield kind
        sms.use(None)
        listening.shutdown()


def callable_at(session: Session, pair: Pair, phone: str) -> None:
    addressed(session, pair.debtor_id, "compta@delta.example")
    company_id = session.get_one(Debtor, pair.debtor_id).company_id
    session.add(Contact(company_id=company_id, name="Mme Roche", phone=phone, added_at=AT,
                        added_by=BY))  # fmt: skip
    session.flush()


def test_an_sms_has_its_own_text_and_no_other_step_has() -> None:
    assert faults(*SMS.steps) == set()
    assert faults(Step(days=3, channel=DunningChannel.SMS, template="dunning_reminder")) == {
        "step_short"
    }
    assert faults(Step(days=3, channel=DunningChannel.MAIL, template="dunning_sms")) == {
        "step_short"
    }


def test_a_plan_with_sms_is_not_switched_on_without_a_gateway(session: Session) -> None:
    with pytest.raises(NotAPlan) as refused:
        house(session, SMS)
    assert refused.value.code == "plan_without_gateway"


def test_an_sms_is_given_to_the_gateway_once_after_the_commit(
    engine: Engine, gateway: type[Heard]
) -> None:
    with transaction(engine) as session:
        pair = books.new_pair(session)
        callable_at(session, pair, "06 12 34 56 78")
        house(session, SMS)
        late(session, pair, "F-1", 3)
        late(session, pair, "F-2", 3, 250_00)
        assert counted(session) == {"sms": (1, 2)}
        [row] = reminded(session)
        assert gateway.heard == []
    run_pending(engine, raising=True)
    run_pending(engine, raising=True)
    [(headers, body)] = gateway.heard
    assert headers["authorization"] == "Bearer secret"
    assert headers["idempotency-key"] == body["id"]
    assert body["to"] == "+33612345678"
    assert "1 250,00 €" in body["text"].replace("\u202f", " ").replace("\xa0", " ")
    for word in ("IBAN", "FR76", "http"):
        assert word not in body["text"]
    with transaction(engine) as session:
        said = correspondence.message(session, row.message_id or 0)
        assert (said.channel, said.address, said.body) == ("sms", body["to"], body["text"])
        assert said.sent_at is not None


@pytest.mark.parametrize(("phone", "channel"), [
    ("+33 (0)7 12 34 56 78", "sms"), ("+49 151 23456789", "sms"), ("01 42 00 00 00", "mail"),
    ("+33 1 42 00 00 00", "mail"), ("poste 12", "mail"), ("0612", "mail"),
])  # fmt: skip
@pytest.mark.usefixtures("gateway")
def test_only_a_mobile_number_gets_an_sms(session: Session, phone: str, channel: str) -> None:
    pair = books.new_pair(session)
    callable_at(session, pair, phone)
    house(session, SMS)
    late(session, pair, "F-1", 3)
    [row] = reminded(session)
    assert (row.channel, row.dropped) == (channel, None)
    assert row.template == ("dunning_sms" if channel == "sms" else "dunning_reminder")


@pytest.mark.usefixtures("gateway")
def test_no_sms_speaks_in_the_name_of_a_client(session: Session) -> None:
    pair = books.new_pair(session)
    callable_at(session, pair, "0612345678")
    contract = new_contract(session, notification_mode=NotificationMode.CONFIDENTIAL)
    client_id = session.get_one(Contract, contract).client_id
    house(session, SMS)
    late(session, Pair(contract, client_id, pair.debtor_id), "S-1", 3)
    [row] = reminded(session)
    assert (row.channel, row.writer_id) == ("mail", client_id)


def test_what_the_gateway_refuses_goes_out_on_paper_and_not_there_again(
    engine: Engine, gateway: type[Heard]
) -> None:
    gateway.answers = 422
    with transaction(engine) as session:
        pair = books.new_pair(session)
        callable_at(session, pair, "0612345678")
        house(session, SMS)
        late(session, pair, "F-1", 3)
        reminded(session)
    run_pending(engine)
    assert len(gateway.heard) == 1
    with transaction(engine) as session:
        assert [one.address for one in reach(session, pair.debtor_id).stops] == ["+33612345678"]
        later = ON + timedelta(days=1)
        collections.choose_day(session, on=later, by=BY, at=AT)
        assert collections.put_on_paper(session, on=later, by=BY, at=AT) == 1
        row = session.scalars(select(DunningLetter)).one()
        assert (row.channel, row.template) == ("letter", "dunning_reminder")


@pytest.mark.parametrize("answer", [302, 401, 429, 500])
def test_a_gateway_out_of_order_gets_it_again_and_is_not_followed_elsewhere(
    engine: Engine, gateway: type[Heard], answer: int
) -> None:
    gateway.answers = answer
    with transaction(engine) as session:
        sms.post(session, number="+33612345678", text="Bonjour", key="x", by=BY, at=AT)
    run_pending(engine)
    assert len(gateway.heard) == 1
    with transaction(engine) as session:
        row = session.scalars(select(OutgoingSms)).one()
        assert (row.sent_at, row.refused_at) == (None, None)


def test_without_a_gateway_a_plan_in_use_sends_mails(session: Session) -> None:
    sms.use(Gateway("http://127.0.0.1:1"))
    pair = books.new_pair(session)
    callable_at(session, pair, "0612345678")
    house(session, SMS)
    late(session, pair, "F-1", 3)
    assert counted(session) == {"sms": (1, 1)}
    sms.use(None)
    assert counted(session) == {"mail": (1, 1)}


@pytest.mark.usefixtures("gateway")
def test_a_refusal_noted_by_hand_sends_the_next_reminder_another_way(session: Session) -> None:
    pair = books.new_pair(session)
    callable_at(session, pair, "0612345678")
    house(session, SMS)
    late(session, pair, "F-1", 3)
    told = {"debtor_id": pair.debtor_id, "by": BY, "at": AT}
    refuse(session, address="+33612345678", why=StopReason.ASKED, source="au téléphone", **told)
    [by_mail] = reminded(session)
    assert by_mail.channel == "mail"
    refuse(session, address="compta@delta.example", why=StopReason.WRONG, source="parti", **told)
    assert not reach(session, pair.debtor_id).by_mail
    later = ON + timedelta(days=14)
    late(session, pair, "F-2", -11)
    collections.choose_day(session, on=later, by=BY, at=AT)
    channels = session.scalars(select(DunningLetter.channel).where(DunningLetter.day == later))
    assert set(channels) == {"letter"}
    with pytest.raises(Invalid):
        refuse(session, address="x", why=StopReason.RETURNED, source="x", **told)
