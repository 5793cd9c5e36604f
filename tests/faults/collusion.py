"""Staff, clients and their keys doing anything at random: what must never come of it.

Each attempt is one act by somebody, as a person or under a key of theirs, with no regard for what
the pages would offer: asking, agreeing, sealing, signing, sending, hiring, taking rights, setting
limits, and raw rows naming one person twice. Most are refused; the oracle looks at what stands.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cessio import agreeing, approvals, banking, funding
from cessio.agreeing.deeds.house import SetPayoutLimits
from cessio.agreeing.deeds.people import StaffAccess
from cessio.approvals import ApprovalView
from cessio.funding.operations import seconding
from cessio.identity import Role
from cessio.identity.operations import give_rights, issue_token
from cessio.identity.rules import Scope
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError
from tests.funding.test_operations import Book

FORGED = (
    "INSERT INTO approval (subject_kind, subject_id, subject_hash, summary, maker, maker_id,"
    " asked_at, checker, checker_id, decision, decided_at) VALUES ('drawdown', 1, '', '{}', :one,"
    " NULL, now(), :one, :id, 'approved', now())"
)
UNSAFE = (
    "UPDATE payment_order SET sent_at = now(), sent_by = :one WHERE sent_at IS NULL AND (SELECT"
    " count(*) FROM order_signature WHERE order_id = payment_order.id) < 2"
)
TAKEN = (
    "UPDATE person SET role = 'treasury', rights_at = now(), rights_by = :one WHERE id = :id"
    " AND audience = 'staff' AND role <> 'treasury'"
)
#: Payouts (an order that left, a payout of it) with fewer than two people behind them.
ALONE = """
SELECT one.id FROM payment_order AS one
 WHERE one.sent_at IS NOT NULL AND
   (SELECT count(DISTINCT person_behind(signed.signed_by)) FROM order_signature AS signed
     WHERE signed.order_id = one.id AND signed.sha256 = one.sha256) < 2
UNION ALL
SELECT asked.id FROM approval AS asked
 WHERE asked.decision = 'approved' AND
   (person_behind(asked.checker) IS NULL OR person_behind(asked.maker) = person_behind(asked.checker))
UNION ALL
SELECT drawn.id FROM drawdown AS drawn
 WHERE drawn.order_id IS NOT NULL AND drawn.amount_minor >= 500000 AND NOT EXISTS
   (SELECT 1 FROM approval WHERE subject_kind = 'drawdown' AND subject_id = drawn.id
       AND decision = 'approved')
UNION ALL
SELECT who.id FROM person AS who
 WHERE who.audience = 'staff' AND who.rights_by ~ '^(person|token):' AND NOT EXISTS
   (SELECT 1 FROM approval WHERE subject_kind = 'staff_access' AND subject_id = who.id
       AND decision = 'approved' AND person_behind(maker) <> person_behind(checker)
       AND person_behind(maker) <> who.id AND person_behind(checker) <> who.id)
"""  # noqa: E501


@dataclass
class Plot:
    """Everybody with keys, a clock that runs, and what came of each act."""

    session: Session
    book: Book
    now: datetime
    dice: random.Random
    actors: list[tuple[int, str]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        everybody = [*self.book.people.staff, self.book.people.fanny, self.book.people.helene]
        for one in everybody:
            scope = Scope.PARTIES_READ
            key = issue_token(self.session, person_id=one.id, name="key", scopes=[scope],
                              expires_at=self.now + timedelta(days=90), by=one.by,
                              at=self.now)  # fmt: skip
            self.actors += [(one.id, one.by), (one.id, f"token:{key.id}")]

    @property
    def payers(self) -> set[int]:
        """Who could pay, was it with another: they act most of the time."""
        people = self.book.people
        return {people.ines.id, people.bruno.id, people.fanny.id}

    @property
    def staff(self) -> list[int]:
        return [one.id for one in self.book.people.staff]

    def attempt(self) -> None:
        """One act of one of them; a refusal leaves nothing behind."""
        self.now += timedelta(seconds=self.dice.randint(1, 40))
        is_paying = self.dice.random() < 0.6
        pays = [one for one in self.actors if one[0] in self.payers]
        act = self.dice.choice(PAYING if is_paying else ACTS)
        person_id, by = self.dice.choice(pays if is_paying else self.actors)
        try:
            with self.session.begin_nested():
                act(self, person_id, by)
            self.done[act.__name__] += 1
        except (CessioError, DBAPIError):
            self.refused[act.__name__] += 1

    def alone(self) -> list[int]:
        """Everything that stands with fewer than two people behind it."""
        return list(self.session.execute(text(ALONE)).scalars())

    def waiting(self, kind: str | None = None) -> ApprovalView:
        kinds = None if kind is None else [kind]
        return self.dice.choice(approvals.queries.pending(self.session, subject_kinds=kinds) or
                                _nothing())  # fmt: skip

    def order(self) -> tuple[int, bytes]:
        rows = self.session.execute(text(
            "SELECT id, sha256 FROM payment_order WHERE sent_at IS NULL AND cancelled_at IS NULL OR"
            " id = (SELECT max(id) FROM payment_order) ORDER BY id DESC LIMIT 4"
        )).all()  # fmt: skip
        one = self.dice.choice(rows or _nothing())
        return int(one[0]), bytes(one[1])


def _nothing() -> list[ApprovalView]:
    raise CessioError("nothing", "there is nothing to act on")


def ask_for_money(plot: Plot, person_id: int, by: str) -> None:
    small, large = [10, 50, 1_00, 2_00, 3_00], [900_00, 4_999_00, 5_000_00]
    minor = plot.dice.choice(large if plot.dice.random() < 0.1 else small)
    funding.request_drawdown(plot.session, contract_id=plot.book.contract_id, amount_minor=minor,
                             by=by, at=plot.now)  # fmt: skip


def approve_a_drawdown(plot: Plot, person_id: int, by: str) -> None:
    asked = plot.waiting("drawdown")
    seen = seconding.shown(plot.session, drawdown_id=asked.subject_id,
                           on=business_date(plot.now)).seen  # fmt: skip
    funding.approve_drawdown(plot.session, drawdown_id=asked.subject_id, seen_hash=seen, by=by,
                             at=plot.now)  # fmt: skip


def seal(plot: Plot, person_id: int, by: str) -> None:
    funding.seal_payouts(plot.session, account_id=plot.book.account_id, by=by, at=plot.now,
                         execute_on=business_date(plot.now))  # fmt: skip


def sign(plot: Plot, person_id: int, by: str) -> None:
    order_id, seen = plot.order()
    funding.sign_order(plot.session, order_id=order_id, seen=seen, by=by, at=plot.now)


def send(plot: Plot, person_id: int, by: str) -> None:
    order_id, _seen = plot.order()
    banking.record_order_sent(plot.session, order_id=order_id, by=by, at=plot.now)


def ask_for_rights(plot: Plot, person_id: int, by: str) -> None:
    whom = plot.dice.choice([person_id, plot.dice.choice(plot.staff)])
    role = plot.dice.choice([Role.TREASURY, Role.ADMIN, Role.AUDITOR, Role.ACCOUNT_MANAGER])
    agreeing.ask(plot.session, deed=StaffAccess(whom, role, "why not"), by=by, at=plot.now)


def hire(plot: Plot, person_id: int, by: str) -> None:
    asked = agreeing.hire(plot.session, email=f"n{plot.dice.getrandbits(60)}@cessio.example",
                          name="New", role=Role.TREASURY, language="fr", by=by,
                          at=plot.now)  # fmt: skip
    new = approvals.approval(plot.session, asked).subject_id
    plot.actors.append((new, f"person:{new}"))


def ask_for_limits(plot: Plot, person_id: int, by: str) -> None:
    wanted = SetPayoutLimits(plot.dice.choice([None, 10_000_00]), None, None, None, 0)
    agreeing.ask(plot.session, deed=wanted, by=by, at=plot.now)


def agree(plot: Plot, person_id: int, by: str) -> None:
    asked = plot.waiting()
    agreeing.agree(plot.session, approval_id=asked.id, seen=asked.subject_hash, by=by,
                   at=plot.now)  # fmt: skip


def approve_anything(plot: Plot, person_id: int, by: str) -> None:
    asked = plot.waiting()
    if asked.subject_kind != "drawdown":
        _nothing()
    approvals.approve(
        plot.session, approval_id=asked.id, subject_hash=asked.subject_hash, by=by, at=plot.now
    )
    _nothing()


def take_rights(plot: Plot, person_id: int, by: str) -> None:
    give_rights(plot.session, person_id=plot.dice.choice(plot.staff), role=Role.TREASURY,
                why="now", by=by, at=plot.now)  # fmt: skip


def forge(plot: Plot, person_id: int, by: str) -> None:
    statement = plot.dice.choice([FORGED, UNSAFE, TAKEN])
    values = {"one": by, "id": person_id}
    found = plot.session.execute(text(statement), values)
    if not found.rowcount:  # type: ignore[attr-defined]
        _nothing()


ACTS: tuple[Callable[[Plot, int, str], None], ...] = (
    ask_for_money, ask_for_money, ask_for_money, approve_a_drawdown, approve_a_drawdown, seal,
    seal, seal, sign, sign, sign, sign, send, send, send, ask_for_rights, hire, ask_for_limits,
    agree, agree, approve_anything, take_rights, forge,
)  # fmt: skip
#: What those who could pay do most of the time.
PAYING = (ask_for_money, approve_a_drawdown, seal, seal, sign, sign, sign, sign, send, send)
