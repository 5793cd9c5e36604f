"""Statements imported once and whole; orders sealed once; the bank's answers kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from msgspec.structs import replace as changed
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio import banking, documents
from cessio.banking import queries
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.pain001 import payments_of
from cessio.banking.formats.statement import (
    Balance,
    EntryStatus,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
    StatementRefused,
)
from cessio.banking.operations.orders import AnswerRefused, OrderAlreadySent, OrderRefused
from cessio.banking.operations.statements import StatementKnown
from cessio.banking.queries.orders import OrderUnsigned
from cessio.banking.rules import PayoutOutcome
from cessio.kernel.errors import NotFound, Problems
from cessio.kernel.paging import PageRequest
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import bulk as ledger_bulk
from cessio.ledger import queries as ledger
from cessio.plumbing import outbox
from cessio.plumbing.database import transaction
from tests.banking.camt_samples import IBAN
from tests.banking.test_formats_pain002 import payment as said
from tests.banking.test_formats_pain002 import report

DAY = date(2026, 11, 16)
BY = "person:1"
Import = Callable[..., tuple[banking.ImportedStatement, ...]]


def moved(amount: int, ref: str = "", *, value_date: date = DAY, status: str = "BOOK",
          **detail: object) -> ParsedEntry:  # fmt: skip
    """A movement with one payment in it."""
    part = ParsedDetail(amount, **detail)  # type: ignore[arg-type]
    return ParsedEntry(
        amount, "EUR", DAY, value_date, EntryStatus(status), bank_ref=ref or f"B{amount}",
        code="PMNT-RCDT-ESCT", details=(part,),
    )  # fmt: skip


def statement(*entries: ParsedEntry, opening: int = 0, number: int = 1, ref: str = "",
              on: date = DAY) -> ParsedStatement:  # fmt: skip
    total = sum(entry.amount_minor for entry in entries if entry.status is EntryStatus.BOOK)
    ends = Balance("OPBD", opening, on), Balance("CLBD", opening + total, on)
    entries = tuple(
        changed(entry, booked_on=on) if entry.booked_on == DAY else entry for entry in entries
    )
    return ParsedStatement(
        "camt.053", ref or f"S-{number}", "EUR", iban=IBAN, electronic_sequence=number,
        created_on=on, from_on=on, to_on=on, opening=ends[0], closing=ends[1], balances=ends,
        entries=entries,
    )  # fmt: skip


def file_of(*statements: ParsedStatement, message: str = "M-1") -> bytes:
    return camt053_bytes(
        statements, message_id=message, created_at=datetime(2026, 11, 16).astimezone()
    )


INTRADAY = {
    b"camt.053.001": b"camt.052.001", b"BkToCstmrStmt": b"BkToCstmrAcctRpt",
    b"<Stmt>": b"<Rpt>", b"</Stmt>": b"</Rpt>",
}  # fmt: skip


@pytest.fixture
def bring_in(session: Session, now: datetime, account_id: int) -> Import:
    """Import a file of these statements."""

    def bring(*statements: ParsedStatement, message: str = "M-1") -> object:
        return banking.import_statement(
            session, data=file_of(*statements, message=message), filename="releve.xml", by=BY,
            at=now,
        )  # fmt: skip

    return bring  # type: ignore[return-value]


def balance(session: Session, kind: AccountKind, account_id: int) -> int:
    return ledger.balance(session, AccountKey(kind, "EUR", bank_id=account_id))


class TestImport:
    def test_the_bank_account_in_the_books_moves_as_the_bank_says(
        self, session: Session, account_id: int, bring_in: Import
    ) -> None:
        (done,) = bring_in(statement(moved(12_000), moved(-500), moved(30), opening=1_000))
        assert (done.line_count, done.movements_minor, done.account_id) == (3, 11_530, account_id)
        assert balance(session, AccountKind.BANK, account_id) == 11_530
        assert balance(session, AccountKind.SUSPENSE_CASH, account_id) == -11_530
        assert ledger_bulk.verify(session) == []
        assert queries.suspense_differences(session) == []

    def test_a_line_keeps_who_paid_and_what_for(self, session: Session, bring_in: Import) -> None:
        payer = Party("Durand", "FR7630004008120001012345640")
        (done,) = bring_in(
            statement(moved(12_000, "BK-1", debtor=payer, end_to_end_id="E-1", remittance=("F-1",)))
        )
        (line,) = queries.lines(session, statement_id=done.statement_id)
        assert (line.party_name, line.party_iban) == (payer.name, payer.iban)
        assert (line.text, line.end_to_end_id, line.bank_ref) == ("F-1", "E-1", "BK-1")
        assert (line.amount_minor, line.open_minor) == (12_000, 12_000)
        assert not line.is_reversal

    def test_a_reversal_or_a_return_is_marked(self, session: Session, bring_in: Import) -> None:
        back = changed(moved(40, return_code="AC04"), is_reversal=True)
        (done,) = bring_in(statement(back))
        (line,) = queries.lines(session, statement_id=done.statement_id)
        assert (line.is_reversal, line.return_code) == (True, "AC04")

    def test_value_dates_are_kept_in_the_books(self, session: Session, bring_in: Import) -> None:
        (done,) = bring_in(
            statement(moved(5), moved(7, value_date=date(2026, 11, 18)), moved(-2, "C"))
        )
        rows = session.execute(
            text(
                "SELECT value_date, count(*) FROM ledger_transaction JOIN ledger_entry "
                "ON transaction_id = ledger_transaction.id WHERE source_kind = 'bank_statement' "
                "AND source_id = :id GROUP BY 1 ORDER BY 1"
            ),
            {"id": done.statement_id},
        )
        assert [tuple(row) for row in rows] == [(DAY, 4), (date(2026, 11, 18), 2)]

    def test_announced_movements_are_told_and_not_booked(
        self, session: Session, account_id: int, bring_in: Import
    ) -> None:
        (done,) = bring_in(statement(moved(5), moved(9, status="PDNG")))
        assert done.line_count == 1
        assert balance(session, AccountKind.BANK, account_id) == 5
        assert {"code": "announced_entries_not_booked", "count": 1} in done.warnings

    def test_a_day_without_movement_is_a_statement_too(self, bring_in: Import) -> None:
        (done,) = bring_in(statement(opening=5))
        assert done.line_count == 0

    def test_the_file_is_kept_as_it_came(self, session: Session, bring_in: Import) -> None:
        (done,) = bring_in(statement(moved(5)))
        kept = documents.read(
            session, queries.statement(session, statement_id=done.statement_id).document_id
        )
        assert kept.content == file_of(statement(moved(5)))
        assert kept.filename == "releve.xml"

    def test_others_are_told(
        self, session: Session, bring_in: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[tuple[str, object]] = []
        monkeypatch.setattr(
            outbox, "publish", lambda session, event, payload, **more: told.append((event, payload))
        )
        (done,) = bring_in(statement(moved(5)))
        assert told == [
            ("statement.imported",
             {"statement_id": done.statement_id, "account_id": done.account_id, "lines": 1})
        ]  # fmt: skip

    def test_several_statements_of_one_file_come_in_together(self, bring_in: Import) -> None:
        first = statement(moved(5), on=date(2026, 11, 13))
        done = bring_in(first, statement(moved(6), opening=5, number=2))
        assert [one.movements_minor for one in done] == [5, 6]
        assert [one.warnings for one in done] == [(), ()]


class TestRefusals:
    def code(self, error: type[Exception], bring_in: Import, *items: ParsedStatement,
             message: str = "M-1") -> str:  # fmt: skip
        with pytest.raises(error) as refused:
            bring_in(*items, message=message)
        return refused.value.code  # type: ignore[attr-defined, no-any-return]

    def test_the_same_file_twice_names_the_first_time(self, bring_in: Import) -> None:
        bring_in(statement(moved(5)))
        with pytest.raises(StatementKnown, match=r"imported on 2026-11-16 as releve\.xml"):
            bring_in(statement(moved(5)))

    def test_the_same_statement_in_another_file(self, bring_in: Import) -> None:
        bring_in(statement(moved(5)))
        assert self.code(
            StatementKnown, bring_in, statement(moved(6)), message="M-2"
        ) == "statement_known"  # fmt: skip

    def test_the_same_statement_under_another_name(self, bring_in: Import) -> None:
        bring_in(statement(moved(5, "B1")))
        assert self.code(
            StatementKnown, bring_in, statement(moved(5, "B2"), ref="AUTRE"), message="M-2"
        ) == "statement_known"  # fmt: skip

    def test_a_movement_that_was_on_another_statement(self, bring_in: Import) -> None:
        bring_in(statement(moved(5), moved(7)))
        again = statement(moved(5), moved(8), number=2, opening=12)
        assert self.code(StatementKnown, bring_in, again, message="M-2") == "statement_lines_known"

    def test_equal_movements_of_one_statement_are_all_taken(self, bring_in: Import) -> None:
        (done,) = bring_in(statement(moved(5), moved(5)))
        assert done.movements_minor == 10

    def test_an_account_that_is_not_ours_is_named(self, bring_in: Import) -> None:
        other = changed(statement(moved(5)), iban="FR7630004008120001012345640")
        with pytest.raises(StatementRefused, match="FR7630004008120001012345640 is not one of"):
            bring_in(other)

    def test_a_statement_in_another_currency(self, session: Session, bring_in: Import) -> None:
        session.execute(text("ALTER TABLE factor_account DISABLE TRIGGER factor_account_kept"))
        session.execute(text("UPDATE factor_account SET currency = 'USD'"))
        assert self.code(StatementRefused, bring_in, statement(moved(5))) == "statement_currency"

    def test_a_statement_of_tomorrow(self, bring_in: Import) -> None:
        late = statement(moved(5), on=DAY + timedelta(days=1))
        assert self.code(StatementRefused, bring_in, late) == "statement_in_future"

    def test_an_intraday_report(self, session: Session, now: datetime, account_id: int) -> None:
        data = file_of(statement(moved(5)))
        for old, new in INTRADAY.items():
            data = data.replace(old, new)
        with pytest.raises(StatementRefused) as refused:
            banking.import_statement(session, data=data, filename="x", by=BY, at=now)
        assert refused.value.code == "statement_not_final"

    def test_one_bad_statement_leaves_nothing_of_the_file(
        self, engine: Engine, now: datetime
    ) -> None:
        with transaction(engine) as session:
            banking.open_account(session, name="A", iban=IBAN, bic="AGRIFRPPXXX", holder="F",
                                 by="system:setup", at=now)  # fmt: skip
        stranger = changed(statement(moved(6), number=2), iban="DE89370400440532013000")
        with pytest.raises(StatementRefused), transaction(engine) as session:
            banking.import_statement(
                session, data=file_of(statement(moved(5)), stranger), filename="x", by=BY, at=now
            )
        with transaction(engine) as session:
            assert queries.statements(session, PageRequest()).rows == ()
            assert session.execute(text("SELECT count(*) FROM bank_line")).scalar() == 0
            assert session.execute(text("SELECT count(*) FROM document")).scalar() == 0

    def test_the_same_file_eight_times_at_once_comes_in_once(
        self, engine: Engine, now: datetime
    ) -> None:
        with transaction(engine) as session:
            banking.open_account(session, name="A", iban=IBAN, bic="AGRIFRPPXXX", holder="F",
                                 by="system:setup", at=now)  # fmt: skip
        data = file_of(statement(*(moved(amount) for amount in range(1, 50))))
        barrier = Barrier(8)

        def attempt(_: int) -> str:
            barrier.wait()
            try:
                with transaction(engine) as session:
                    banking.import_statement(session, data=data, filename="x", by=BY, at=now)
            except StatementKnown as refused:
                return refused.code
            return "imported"

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(attempt, range(8)))
        assert outcomes.count("imported") == 1
        assert set(outcomes) <= {"imported", "statement_file_known", "statement_known"}
        with transaction(engine) as session:
            assert session.execute(text("SELECT count(*) FROM bank_line")).scalar() == 49
            assert ledger_bulk.verify(session) == []


class TestGaps:
    def test_statements_that_follow_say_nothing(self, bring_in: Import) -> None:
        bring_in(statement(moved(5), on=date(2026, 11, 13)))
        (done,) = bring_in(statement(moved(6), opening=5, number=2), message="M-2")
        assert done.warnings == ()

    def test_a_missing_statement_is_told_and_kept(self, session: Session, bring_in: Import) -> None:
        bring_in(statement(moved(5), on=date(2026, 11, 12)))
        (done,) = bring_in(statement(moved(6), opening=50, number=3), message="M-2")
        assert [warning["code"] for warning in done.warnings] == [
            "statement_gap", "statement_missing",
        ]  # fmt: skip
        kept = queries.statement(session, statement_id=done.statement_id)
        assert kept.warnings == done.warnings
        assert [gap.statement_id for gap in queries.gaps(session)] == [done.statement_id]

    def test_what_was_missing_closes_the_gap_when_it_comes(
        self, session: Session, bring_in: Import
    ) -> None:
        bring_in(statement(moved(5), on=date(2026, 11, 12)))
        bring_in(statement(moved(6), opening=50, number=3), message="M-2")
        middle = statement(moved(45), opening=5, number=2, on=date(2026, 11, 13))
        (done,) = bring_in(middle, message="M-3")
        assert done.warnings == ()
        assert queries.gaps(session) == []

    def test_two_statements_of_one_day_follow_by_their_numbers(self, bring_in: Import) -> None:
        bring_in(statement(moved(5)))
        (second,) = bring_in(statement(moved(6), opening=5, number=2), message="M-2")
        (fourth,) = bring_in(statement(moved(8), opening=18, number=4), message="M-3")
        (third,) = bring_in(statement(moved(7), opening=11, number=3), message="M-4")
        assert (second.warnings, third.warnings) == ((), ())
        assert [warning["code"] for warning in fourth.warnings] == [
            "statement_gap", "statement_missing",
        ]  # fmt: skip

    def test_late_and_wrong_it_is_told_against_the_next_one(self, bring_in: Import) -> None:
        bring_in(statement(moved(6), opening=50, number=3))
        early = statement(moved(5), number=2, on=date(2026, 11, 13))
        (done,) = bring_in(early, message="M-2")
        (said,) = done.warnings
        assert (said["code"], said["expected_minor"], said["found_minor"]) == (
            "statement_gap_after", 5, 50,
        )  # fmt: skip


def test_positions_compare_our_books_with_the_bank(
    session: Session, bring_in: Import, account_id: int
) -> None:
    bring_in(statement(moved(100), moved(-30)))
    (one,) = queries.statements(session, PageRequest()).rows
    line, _ = queries.lines(session, statement_id=one.statement_id)
    banking.use_line(session, line_id=line.line_id, amount_minor=100)
    (found,) = queries.positions(session)
    assert (found.books_minor, found.bank_minor, found.bank_on) == (70, 70, DAY)
    (view,) = queries.statements(session, PageRequest()).rows
    assert (view.open_count, view.open_minor) == (1, -30)


# ---- payment orders ---------------------------------------------------------------------------

PAYMENTS = [
    banking.Payment("DD-000001", 1_050_000, "EUR", "Alpha Métallerie SAS",
                    "FR7630004008120001012345640", "BNPAFRPPXXX",
                    banking.Address("Lyon", "FR", "14 rue des Forges", "69007"), "Tirage"),
    banking.Payment("DD-000002", 250_000, "EUR", "Bravo Textile SARL",
                    "FR7630003036200002098765495"),
]  # fmt: skip
TOMORROW = date(2026, 11, 17)


@pytest.fixture
def sealed(session: Session, now: datetime, account_id: int) -> banking.SealedOrder:
    return banking.seal_payment_order(
        session, account_id=account_id, payments=PAYMENTS, execute_on=TOMORROW, by=BY, at=now
    )


def answer(session: Session, order: banking.SealedOrder, now: datetime, *payments: str,
           **more: str) -> banking.RecordedAnswer:  # fmt: skip
    return banking.record_bank_answer(
        session, order_id=order.order_id, filename="retour.xml", by=BY, at=now,
        data=report(*payments, **{"name": order.message_id, **more}),
    )  # fmt: skip


class TestSealing:
    def test_the_bytes_and_their_hash_are_kept(
        self, session: Session, sealed: banking.SealedOrder
    ) -> None:
        kept = queries.order_file(session, order_id=sealed.order_id)
        assert kept.sha256 == sealed.sha256
        assert kept.filename == f"{sealed.message_id}.xml"
        assert payments_of(kept.content) == [("DD-000001", 1_050_000), ("DD-000002", 250_000)]
        assert sealed.message_id.encode() in kept.content

    def test_its_name_comes_from_its_number(self, sealed: banking.SealedOrder) -> None:
        assert sealed.message_id == f"PAY-{sealed.order_id:08d}"

    def test_an_approver_sees_the_totals_and_the_hash(
        self, session: Session, sealed: banking.SealedOrder
    ) -> None:
        view = queries.order(session, order_id=sealed.order_id)
        assert (view.payment_count, view.total_minor) == (2, 1_300_000)
        assert view.sha256 == sealed.sha256.hex()
        assert (view.sent_at, view.answer_count) == (None, 0)
        assert queries.orders(session) == [view]

    def test_altered_bytes_are_never_given_out(
        self, session: Session, sealed: banking.SealedOrder
    ) -> None:
        session.execute(text("ALTER TABLE document DISABLE TRIGGER USER"))
        session.execute(
            text("UPDATE document SET content = 'x', sha256 = sha256('x') WHERE id = :id"),
            {"id": sealed.document_id},
        )
        with pytest.raises(documents.Altered):
            queries.order_file(session, order_id=sealed.order_id)

    def test_everything_wrong_with_the_payments_is_told(
        self, session: Session, now: datetime, account_id: int
    ) -> None:
        bad = [replace(PAYMENTS[0], amount_minor=0), replace(PAYMENTS[1], iban="FR00")]
        with pytest.raises(Problems) as refused:
            banking.seal_payment_order(session, account_id=account_id, payments=bad,
                                       execute_on=TOMORROW, by=BY, at=now)  # fmt: skip
        assert [problem.field for problem in refused.value.problems] == [
            "payments[0].amount_minor", "payments[1].iban",
        ]  # fmt: skip
        assert queries.orders(session) == []

    @pytest.mark.parametrize(
        ("on", "code"),
        [
            (date(2026, 11, 13), "execution_date_past"),
            (date(2026, 11, 21), "execution_date_closed"),
            (date(2026, 12, 25), "execution_date_closed"),
        ],
    )
    def test_a_day_on_which_nothing_is_paid(
        self, session: Session, now: datetime, account_id: int, on: date, code: str
    ) -> None:
        with pytest.raises(OrderRefused) as refused:
            banking.seal_payment_order(session, account_id=account_id, payments=PAYMENTS,
                                       execute_on=on, by=BY, at=now)  # fmt: skip
        assert refused.value.code == code

    def test_an_account_that_only_receives(self, session: Session, now: datetime) -> None:
        other = banking.open_account(
            session, name="B", iban="DE89370400440532013000", bic="COBADEFFXXX", holder="F",
            by="system:setup", at=now,
        )  # fmt: skip
        with pytest.raises(OrderRefused, match="not an account to pay from"):
            banking.seal_payment_order(session, account_id=other, payments=PAYMENTS,
                                       execute_on=TOMORROW, by=BY, at=now)  # fmt: skip


class TestSendingAndAnswers:
    def test_an_order_that_one_person_signed_is_not_sent(
        self, session: Session, sealed: banking.SealedOrder, now: datetime
    ) -> None:
        with pytest.raises(OrderUnsigned, match=sealed.message_id):
            banking.record_order_sent(session, order_id=sealed.order_id, by=BY, at=now)
        assert queries.order(session, order_id=sealed.order_id).sent_at is None

    def test_an_order_is_sent_once(
        self, session: Session, sealed: banking.SealedOrder, now: datetime
    ) -> None:
        banking.sign_payment_order(session, order_id=sealed.order_id, seen=sealed.sha256,
                                   by="person:2", at=now)  # fmt: skip
        banking.record_order_sent(session, order_id=sealed.order_id, by=BY, at=now)
        assert queries.order(session, order_id=sealed.order_id).sent_by == BY
        with pytest.raises(OrderAlreadySent):
            banking.record_order_sent(session, order_id=sealed.order_id, by=BY, at=now)

    def test_each_payment_gets_its_word(
        self, session: Session, sealed: banking.SealedOrder, now: datetime
    ) -> None:
        found = answer(
            session, sealed, now, said("DD-000002", "RJCT", "AC04"), said("DD-000001", "ACSC"),
            group="PART",
        )  # fmt: skip
        assert [(one.end_to_end_id, one.outcome) for one in found.payments] == [
            ("DD-000001", PayoutOutcome.CONFIRMED), ("DD-000002", PayoutOutcome.REJECTED),
        ]  # fmt: skip
        (kept,) = queries.answers(session, order_id=sealed.order_id)
        assert kept.payments == found.payments
        assert kept.group_status == "PART"

    def test_silence_stays_unknown(
        self, session: Session, sealed: banking.SealedOrder, now: datetime
    ) -> None:
        found = answer(session, sealed, now, said("DD-000001", "ACSC"))
        assert found.payments[1].outcome is PayoutOutcome.UNKNOWN

    def test_the_report_finds_its_order_by_itself(
        self, session: Session, sealed: banking.SealedOrder, now: datetime
    ) -> None:
        data = report(name=sealed.message_id, group="RJCT")
        found = banking.record_bank_answer(session, data=data, filename="r.xml", by=BY, at=now)
        assert found.order_id == sealed.order_id
        assert {one.outcome for one in found.payments} == {PayoutOutcome.REJECTED}
        with pytest.raises(NotFound):
            banking.record_bank_answer(session, data=report(name="X"), filename="r.xml", by=BY,
                                       at=now)  # fmt: skip

    def test_the_same_answer_twice(
        self, session: Session, sealed: banking.SealedOrder, now: datetime
    ) -> None:
        answer(session, sealed, now, said("DD-000001", "ACSC"))
        with pytest.raises(AnswerRefused, match="recorded before"):
            answer(session, sealed, now, said("DD-000001", "ACSC"))

    def test_an_answer_about_another_order(
        self, session: Session, sealed: banking.SealedOrder, now: datetime
    ) -> None:
        with pytest.raises(AnswerRefused, match="answers PAY-X"):
            answer(session, sealed, now, name="PAY-X")
