"""What a status means for a payout, and what becomes of the movements of a statement."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cessio.banking import rules
from cessio.banking.formats.pain002 import read_pain002
from cessio.banking.formats.statement import (
    Balance,
    EntryStatus,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
    ReadWarning,
    ReferredDocument,
    StructuredRemittance,
)
from cessio.banking.rules import REASONS, Neighbour, PayoutOutcome, StatementLine
from tests.banking.test_formats_pain002 import payment, report

DAY = date(2026, 11, 16)
OURS = "FR7630006000011234567890189"
THEIRS = "FR7630004008120001012345640"


class TestAnswers:
    @pytest.mark.parametrize(
        ("own", "batch", "group", "outcome"),
        [
            ("ACSC", "", "", "confirmed"),
            ("ACCC", "", "", "confirmed"),
            ("RJCT", "", "", "rejected"),
            ("CANC", "", "", "rejected"),
            ("ACCP", "", "", "pending"),
            ("ACSP", "", "", "pending"),
            ("ACTC", "", "", "pending"),
            ("ACWC", "", "", "pending"),
            ("PDNG", "", "", "pending"),
            ("RCVD", "", "", "pending"),
            ("PART", "", "", "unknown"),
            ("ZZZZ", "", "", "unknown"),
            ("", "", "", "unknown"),
            ("", "", "RJCT", "rejected"),
            ("", "RJCT", "ACTC", "rejected"),
            ("", "", "ACSC", "confirmed"),
            ("", "ACSP", "PART", "pending"),
            ("RJCT", "PART", "PART", "rejected"),
            ("RJCT", "RJCT", "ACTC", "rejected"),
            ("ACSC", "", "ACSP", "confirmed"),
            ("ACSC", "", "RJCT", "unknown"),
            ("RJCT", "", "ACSC", "unknown"),
            ("ACSP", "", "RJCT", "unknown"),
            ("ACSP", "", "ACSC", "pending"),
        ],
    )
    def test_the_nearest_word_counts_and_contradiction_is_unknown(
        self, own: str, batch: str, group: str, outcome: str
    ) -> None:
        found = read_pain002(report(payment("A", own), batch=batch, group=group))
        (answer,) = rules.answers(found, ["A"])
        assert answer.outcome == outcome

    def test_a_payment_that_is_not_named_has_the_word_of_the_whole(self) -> None:
        assert rules.answers(read_pain002(report(group="RJCT")), ["A"])[0].outcome == "rejected"
        named = read_pain002(report(payment("B", "RJCT"), group="PART"))
        assert rules.answers(named, ["A"])[0].outcome == "unknown"

    def test_why_comes_with_it(self) -> None:
        found = read_pain002(report(payment("A", "RJCT", "AC04", "clos")))
        (answer,) = rules.answers(found, ["A"])
        assert (answer.reason_code, answer.reason, answer.reason_text) == (
            "AC04", "account_closed", "clos",
        )  # fmt: skip

    def test_payments_keep_the_order_they_were_asked_in(self) -> None:
        found = read_pain002(report(payment("B", "ACSC"), payment("A", "RJCT")))
        assert [answer.end_to_end_id for answer in rules.answers(found, ["A", "B"])] == ["A", "B"]

    def test_silence_never_settles_anything(self) -> None:
        assert rules.outcome_of(None) is PayoutOutcome.UNKNOWN

    def test_reason_codes_are_iso_and_their_meanings_are_keys(self) -> None:
        assert all(len(code) == 4 and code.isupper() for code in REASONS)
        assert all(key.replace("_", "").isalpha() and key.islower() for key in REASONS.values())


def entry(amount: int, *details: ParsedDetail, **more: object) -> ParsedEntry:
    return ParsedEntry(amount, "EUR", DAY, DAY, details=details, **more)  # type: ignore[arg-type]


def lines(*entries: ParsedEntry) -> list[StatementLine]:
    return rules.lines_of(statement(*entries))


def statement(*entries: ParsedEntry) -> ParsedStatement:
    return ParsedStatement("camt.053", "S", "EUR", iban=OURS, entries=entries)


PAYER = Party("Durand", THEIRS)
US = Party("Factor", OURS)


class TestLines:
    def test_money_in_comes_from_the_debtor(self) -> None:
        (line,) = lines(entry(100, ParsedDetail(debtor=PAYER, creditor=US)))
        assert (line.party_name, line.party_iban) == ("Durand", THEIRS)

    def test_money_out_goes_to_the_creditor(self) -> None:
        (line,) = lines(entry(-100, ParsedDetail(debtor=US, creditor=PAYER)))
        assert line.party_name == "Durand"

    def test_a_returned_payment_names_the_other_side_and_not_us(self) -> None:
        (line,) = lines(entry(100, ParsedDetail(debtor=US, creditor=PAYER, return_code="AC04")))
        assert (line.party_name, line.return_code) == ("Durand", "AC04")

    def test_a_batch_that_adds_up_is_told_payment_by_payment(self) -> None:
        parts = [ParsedDetail(60, end_to_end_id="A"), ParsedDetail(40, end_to_end_id="B")]
        found = lines(entry(100, *parts))
        assert [(line.amount_minor, line.end_to_end_id) for line in found] == [(60, "A"), (40, "B")]
        assert [line.position for line in found] == [1, 2]

    def test_one_that_does_not_is_one_line_that_keeps_every_word(self) -> None:
        parts = [
            ParsedDetail(60, end_to_end_id="A", remittance=("F-1",), debtor=PAYER),
            ParsedDetail(None, end_to_end_id="B", remittance=("F-2",), debtor=Party("Leroy")),
        ]
        (line,) = lines(entry(100, *parts))
        assert (line.amount_minor, line.end_to_end_id, line.party_name) == (100, None, None)
        assert (line.remittance_text or "").split("\n") == ["F-1", "A", "F-2", "B"]

    def test_references_are_those_of_the_payer(self) -> None:
        block = StructuredRemittance("RF18539007547034", documents=(ReferredDocument("F-1"),))
        detail = ParsedDetail(structured=(block,), message_id="M", payment_info_id="P")
        (line,) = lines(entry(100, detail))
        assert line.references == ["RF18539007547034", "F-1"]

    def test_money_out_also_carries_the_names_of_our_orders(self) -> None:
        detail = ParsedDetail(payment_info_id="PAY-00000001", message_id="NOTPROVIDED")
        (line,) = lines(entry(-100, detail, batch_id="PAY-00000001"))
        assert line.references == ["PAY-00000001"]

    @pytest.mark.parametrize("text", ["NOTPROVIDED", "notprovided", "NONREF"])
    def test_no_reference_is_not_a_reference(self, text: str) -> None:
        assert lines(entry(100, ParsedDetail(end_to_end_id=text)))[0].end_to_end_id is None

    def test_a_full_remittance_line_goes_on_in_the_next_one(self) -> None:
        long = "x" * 138 + "F-"
        (line,) = lines(entry(100, ParsedDetail(remittance=(long, "001 merci", "fin"))))
        assert line.remittance_text == f"{long}001 merci\nfin"

    def test_the_words_of_the_bank_stand_in_for_the_payers(self) -> None:
        assert lines(entry(100, info="VIR RECU"))[0].remittance_text == "VIR RECU"
        spoken = entry(100, ParsedDetail(remittance=("F-1",)), info="VIR RECU")
        assert lines(spoken)[0].remittance_text == "F-1"

    def test_what_is_announced_or_empty_is_not_kept_but_told(self) -> None:
        waiting = entry(5, status=EntryStatus.PENDING)
        item = statement(entry(0), waiting, entry(7))
        assert [line.amount_minor for line in rules.lines_of(item)] == [7]
        assert rules.notices(item) == [
            {"code": "announced_entries_not_booked", "count": 1},
            {"code": "zero_entries_not_kept", "count": 1},
        ]

    def test_equal_movements_are_counted_and_different_ones_told_apart(self) -> None:
        found = lines(entry(5), entry(5), entry(6), entry(5, bank_ref="B"))
        assert [line.occurrence for line in found] == [1, 2, 1, 1]
        assert len({line.fingerprint for line in found}) == 3

    @given(
        st.lists(st.lists(st.integers(-1000, 1000), min_size=1, max_size=4), max_size=6),
        st.booleans(),
    )
    def test_the_lines_always_add_up_to_the_movements(
        self, batches: list[list[int]], told: bool
    ) -> None:
        entries = [
            entry(sum(parts), *(ParsedDetail(part if told else None) for part in parts))
            for parts in batches
        ]
        item = statement(*entries)
        assert sum(line.amount_minor for line in rules.lines_of(item)) == item.movements_minor
        assert all(line.amount_minor for line in rules.lines_of(item))

    @given(st.permutations(range(4)))
    def test_a_line_is_known_again_wherever_it_stands(self, order: list[int]) -> None:
        entries = [entry(5), entry(5), entry(6), entry(7, bank_ref="B")]
        marks = {(line.fingerprint, line.occurrence) for line in lines(*entries)}
        mixed = {
            (line.fingerprint, line.occurrence) for line in lines(*(entries[i] for i in order))
        }
        assert mixed == marks


def neighbour(**changes: object) -> Neighbour:
    values: dict[str, object] = {
        "statement_id": 1, "statement_ref": "S-1", "sequence": 6, "from_on": date(2026, 11, 13),
        "to_on": date(2026, 11, 13), "balances_known": True, "opening_minor": 0,
        "closing_minor": 1000, **changes,
    }  # fmt: skip
    return Neighbour(**values)  # type: ignore[arg-type]


class TestWholeStatements:
    base = ParsedStatement(
        "camt.053", "S", "EUR", iban=OURS, electronic_sequence=7, from_on=DAY, to_on=DAY,
        opening=Balance("OPBD", 1000, DAY), closing=Balance("CLBD", 1005, DAY),
        entries=(entry(5),),
    )  # fmt: skip

    def test_its_figures(self) -> None:
        facts = rules.statement_facts(self.base)
        assert (facts.opening_minor, facts.movements_minor, facts.closing_minor) == (1000, 5, 1005)
        assert facts.balances_known

    def test_a_missing_balance_is_counted_and_said_to_be_unknown(self) -> None:
        facts = rules.statement_facts(replace(self.base, opening=None))
        assert (facts.opening_minor, facts.closing_minor, facts.balances_known) == (
            1000, 1005, False,
        )  # fmt: skip
        facts = rules.statement_facts(replace(self.base, opening=None, closing=None))
        assert (facts.opening_minor, facts.closing_minor, facts.balances_known) == (0, 5, False)

    def test_the_period_holds_every_booked_day(self) -> None:
        late = ParsedEntry(1, "EUR", date(2026, 11, 18), DAY)
        facts = rules.statement_facts(replace(self.base, entries=(late,)))
        assert (facts.from_on, facts.to_on) == (DAY, date(2026, 11, 18))

    def test_pages_have_names_of_their_own(self) -> None:
        def name(page: int, last: bool) -> str:
            return rules.statement_facts(replace(self.base, page=page, is_last_page=last)).reference

        assert [name(1, True), name(1, False), name(2, True)] == ["S", "S/1", "S/2"]

    def test_statements_that_follow_have_no_gap(self) -> None:
        facts = rules.statement_facts(self.base)
        after = neighbour(sequence=8, opening_minor=1005, from_on=date(2026, 11, 17))
        assert rules.gaps(facts, neighbour(), after) == []
        assert rules.gaps(facts, None, None) == []

    def test_balances_that_do_not_follow(self) -> None:
        facts = rules.statement_facts(self.base)
        (gap,) = rules.gaps(facts, neighbour(closing_minor=999), None)
        assert (gap["code"], gap["expected_minor"], gap["found_minor"]) == (
            "statement_gap", 999, 1000,
        )  # fmt: skip
        (gap,) = rules.gaps(facts, None, neighbour(sequence=8, opening_minor=7))
        assert (gap["code"], gap["expected_minor"], gap["found_minor"]) == (
            "statement_gap_after", 1005, 7,
        )  # fmt: skip

    def test_balances_that_are_not_known_prove_nothing(self) -> None:
        facts = rules.statement_facts(self.base)
        assert rules.gaps(facts, neighbour(closing_minor=9, balances_known=False), None) == []

    @pytest.mark.parametrize(
        ("earlier", "missing"),
        [(6, None), (7, None), (5, (6, 6)), (3, (4, 6)), (None, None), (900, None)],
    )
    def test_numbers_that_jump(self, earlier: int | None, missing: tuple[int, int] | None) -> None:
        found = rules.gaps(rules.statement_facts(self.base), neighbour(sequence=earlier), None)
        expected = [] if missing is None else [
            {"code": "statement_missing", "from": missing[0], "to": missing[1]}
        ]  # fmt: skip
        assert found == expected

    def test_days_told_twice(self) -> None:
        facts = rules.statement_facts(replace(self.base, from_on=date(2026, 11, 12)))
        assert {"code": "statement_overlaps", "previous": "S-1"} in rules.gaps(
            facts, neighbour(), None
        )

    def test_what_the_reader_noted_stays_with_it(self) -> None:
        warning = ReadWarning("value_too_long", "RmtInf/Ustrd", 12, 3, "x")
        assert rules.notices(self.base, [warning]) == [
            {"code": "value_too_long", "where": "RmtInf/Ustrd", "line": 12, "count": 3,
             "detail": "x"}
        ]  # fmt: skip
