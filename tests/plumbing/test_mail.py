"""Mails are jobs: sent after the commit, kept as they left, refused for ever or for now."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cessio.plumbing import i18n, mail
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobState, find_job, run_pending
from cessio.plumbing.mail import Attachment, Mail, Mailer, MailInvalid, post
from cessio.web.words.jobs import said


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    mail.use(Mailer(sender="factor@cessio.test", folder=tmp_path))
    yield tmp_path
    mail.use(Mailer())


def say(engine: Engine, now: datetime, **said: object) -> int:
    values = {"to": "anne@client.test", "subject": "Relevé d'avril", "text": "Bonjour.", **said}
    with transaction(engine) as session:
        return post(session, Mail(**values), key="statement/1", by="person:1", at=now)  # type: ignore[arg-type]


def parsed(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default)


def test_a_mail_leaves_after_the_commit_with_its_attachment(
    engine: Engine, now: datetime, folder: Path
) -> None:
    pdf = Attachment("relevé.pdf", "application/pdf", b"%PDF-1.7")
    say(engine, now, html="<p>Bonjour.</p>", attachments=[pdf], reply_to="desk@cessio.test")
    assert list(folder.iterdir()) == []
    run_pending(engine, raising=True)
    [path] = folder.iterdir()
    message = parsed(path)
    assert message["To"] == "anne@client.test"
    assert message["From"] == "factor@cessio.test"
    assert message["Subject"] == "Relevé d'avril"
    assert [file.get_filename() for file in message.iter_attachments()] == ["relevé.pdf"]
    body = message.get_body()
    assert body is not None
    assert body.get_content().strip() == "<p>Bonjour.</p>"
    with transaction(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM outgoing_mail WHERE sent_at > :now"),
                              {"now": now}) == 1  # fmt: skip


def test_a_server_that_does_not_answer_is_named_and_asked_again(
    engine: Engine, now: datetime
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        mail.use(Mailer(f"smtp://127.0.0.1:{nobody.getsockname()[1]}", "factor@cessio.test"))
        mail_id = say(engine, now)
        run_pending(engine)
    with transaction(engine) as session:
        found = find_job(session, kind="mail.send", key=str(mail_id))
    assert found is not None
    assert (found.state, found.error_code) == (JobState.FAILED, "mail_server_away")
    with i18n.use_language("fr"):
        assert (
            said(found)
            == "Le serveur de messagerie 127.0.0.1 ne répond pas\u00a0: Connection refused"
        )


def test_the_same_key_is_the_same_mail(engine: Engine, now: datetime, folder: Path) -> None:
    assert say(engine, now) == say(engine, now, text="Autre chose.")
    run_pending(engine)
    assert say(engine, now)
    assert run_pending(engine) == 0
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"to": "nobody"},
        {"to": "a@b.test, c@d.test"},
        {"to": ""},
        {"to": "a@b.test\r\nBcc: c@d.test"},
        {"subject": "x\nBcc: c@d.test"},
        {"reply_to": "x@y.test\nBcc: c@d.test"},
    ],
)
def test_a_mail_that_could_reach_others_is_refused(
    engine: Engine, now: datetime, said: dict[str, str]
) -> None:
    with pytest.raises(MailInvalid):
        say(engine, now, **said)


class FakeServer(socketserver.StreamRequestHandler):
    """Speaks enough SMTP; ``answers`` maps a verb to what it answers."""

    answers: dict[str, str]
    heard: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().decode().upper()
            answer = self.answers.get(verb, "250 ok")
            self.wfile.write(f"{answer}\r\n".encode())
            if verb == "DATA" and answer.startswith("354"):
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                self.heard.append(data)
                self.wfile.write(b"250 taken\r\n")
            if verb == "QUIT":
                return


@pytest.fixture
def server() -> Iterator[type[FakeServer]]:
    handler = type(
        "Handler",
        (FakeServer,),
        {"answers": {"DATA": "354 go on", "QUIT": "500 what"}, "heard": []},
    )
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        mail.use(Mailer(smtp_url=f"smtp://127.0.0.1:{listening.server_address[1]}"))
        yield handler
        listening.shutdown()


def outcome(engine: Engine, mail_id: int) -> tuple[str, str | None]:
    run_pending(engine)
    with transaction(engine) as session:
        found = find_job(session, kind="mail.send", key=str(mail_id))
        assert found is not None
        return found.state, found.error


def test_a_server_takes_the_mail(engine: Engine, now: datetime, server: type[FakeServer]) -> None:
    assert outcome(engine, say(engine, now)) == (JobState.DONE, None)
    assert len(server.heard) == 1
    assert b"To: anne@client.test" in server.heard[0]


def test_a_mail_refused_for_ever_is_dead_and_names_nobody(
    engine: Engine, now: datetime, server: type[FakeServer]
) -> None:
    server.answers["RCPT"] = "550 anne@client.test is unknown"
    assert outcome(engine, say(engine, now)) == (
        JobState.DEAD, "the mail server refused the mail with code 550",
    )  # fmt: skip


@pytest.mark.parametrize(("verb", "answer"), [("RCPT", "451 later"), ("DATA", "421 busy")])
def test_a_mail_refused_for_now_is_tried_again(
    engine: Engine, now: datetime, server: type[FakeServer], verb: str, answer: str
) -> None:
    server.answers[verb] = answer
    state, error = outcome(engine, say(engine, now))
    assert state == JobState.FAILED
    assert error is not None
    assert "anne" not in error


def test_a_server_that_is_away_is_tried_again(engine: Engine, now: datetime) -> None:
    mail.use(Mailer(smtp_url="smtp://127.0.0.1:1"))
    assert outcome(engine, say(engine, now))[0] == JobState.FAILED


def test_our_password_is_never_told_in_clear(
    engine: Engine, now: datetime, server: type[FakeServer]
) -> None:
    assert mail._mailer.smtp_url is not None
    mail.use(Mailer(smtp_url=mail._mailer.smtp_url.replace("//", "//user:secret@")))
    state, error = outcome(engine, say(engine, now))
    assert state == JobState.DEAD
    assert "offers no encryption" in str(error)
    assert "secret" not in repr(mail._mailer)


def test_a_mail_in_a_clients_name_comes_from_the_address_that_names_no_factor(
    engine: Engine, now: datetime, folder: Path
) -> None:
    neutral = "comptabilite@courrier-clients.test"
    mail.use(Mailer(sender="factor@cessio.test", folder=folder, sender_for_clients=neutral))
    say(engine, now, sender_name="Bravo Bois", reply_to="compta@bravo.test")
    run_pending(engine, raising=True)
    [path] = folder.iterdir()
    message = parsed(path)
    assert message["From"] == f"Bravo Bois <{neutral}>"
    assert message["Reply-To"] == "compta@bravo.test"
    assert b"cessio" not in path.read_bytes()
