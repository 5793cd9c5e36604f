"""The matcher says which receivables a line pays, how sure that is, and why."""

from __future__ import annotations

import itertools
import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.cash.rules import (
    SURE,
    AllocationKind,
    Candidate,
    LineFacts,
    Proposal,
    ReasonCode,
    mentions,
    oldest_first,
    propose,
    said,
    subset_of,
)
from cessio.receivables.rules import number_key

DURAND, MERCIER = 1, 2
DUE = date(2026, 10, 1)
#: The lowest the factor may let matches apply by themselves from (``set_matching``).
LEAST_THRESHOLD = Decimal("0.80")


def candidate(
    number: str, minor: int, *, named: bool = False, debtor: int = DURAND, due: int = 0,
    contract: int = 1,
) -> Candidate:  # fmt: skip
    return Candidate(
        receivable_id=abs(hash((number, contract))) % 10**9, contract_id=contract,
        debtor_id=debtor, number=number, open_minor=minor, due_date=DUE + timedelta(days=due),
        mentioned=number if named else None,
    )  # fmt: skip


def line(
    minor: int, text: str = "", *, iban: int | None = None, name: int | None = None
) -> LineFacts:
    return LineFacts(1, minor, frozenset({iban} if iban else ()),
                     frozenset({name} if name else ()), said=said([text]))  # fmt: skip


def codes(proposal: Proposal) -> set[ReasonCode]:
    return {reason.code for reason in proposal.reasons}


def amounts(proposal: Proposal) -> list[int]:
    return sorted(allocation.amount_minor for allocation in proposal.allocations)


def test_a_named_invoice_paid_exactly_is_sure() -> None:
    best = propose(line(1200_00), [candidate("FA-1", 1200_00, named=True)])[0]
    assert best.confidence >= SURE
    assert amounts(best) == [1200_00]
    assert codes(best) == {ReasonCode.REFERENCE, ReasonCode.EXACT_AMOUNT}


def test_several_named_invoices_of_several_clients_in_one_payment() -> None:
    book = [candidate("FA-1", 100_00, named=True), candidate("B-7", 50_00, named=True, contract=2)]
    best = propose(line(150_00), book)[0]
    assert best.confidence >= SURE
    assert amounts(best) == [50_00, 100_00]
    assert ReasonCode.SUM_OF_INVOICES in codes(best)


def test_a_credit_note_makes_up_for_what_is_missing() -> None:
    book = [candidate("FA-1", 1000_00, named=True), candidate("AV-1", -100_00)]
    best = propose(line(900_00), book)[0]
    assert amounts(best) == [-100_00, 1000_00]
    assert ReasonCode.CREDIT_NOTES_NETTED in codes(best)


@pytest.mark.parametrize(
    ("minor", "text", "first"),
    [
        (980_00, "", ReasonCode.DISCOUNT),  # two per cent, as agreed between firms
        (987_51, "", ReasonCode.DISCOUNT),  # one and a quarter, rounded their way
        (983_40, "", ReasonCode.PARTIAL),  # 1.66 %: nobody agrees on that
        (983_40, "FA-1 S/ESCOMPTE 1,66", ReasonCode.DISCOUNT),
        (980_00, "Acompte FA-1", ReasonCode.PARTIAL),
        (980_00, "FA-1 ESCORTE", ReasonCode.DISCOUNT),
        (960_00, "ESCOMPTE FA-1", ReasonCode.PARTIAL),  # more than any discount
    ],
)
def test_a_discount_comes_before_a_part_payment_when_it_is_one(
    minor: int, text: str, first: ReasonCode
) -> None:
    for numbers in (["FA-1"], ["FA-1", "FA-2"]):
        share = 1000_00 // len(numbers)
        book = [candidate(number, share, named=True) for number in numbers]
        best = propose(line(minor, text), book)[0]
        wanted = first if len(numbers) == 1 or first is ReasonCode.DISCOUNT else ReasonCode.SHORT
        assert wanted in codes(best)
        assert sum(amounts(best)) == (1000_00 if first is ReasonCode.DISCOUNT else minor)


def test_a_discount_is_proposed_and_never_applied_by_itself() -> None:
    found = propose(line(980_00), [candidate("FA-1", 1000_00, named=True)])
    discount = next(p for p in found if ReasonCode.DISCOUNT in codes(p))
    assert discount.confidence < LEAST_THRESHOLD
    kinds = {a.kind: a.amount_minor for a in discount.allocations}
    assert kinds == {AllocationKind.PAYMENT: 980_00, AllocationKind.DIFFERENCE: 20_00}


def test_a_partial_payment_leaves_the_rest_open() -> None:
    found = propose(line(400_00), [candidate("FA-1", 1000_00, named=True)])
    assert [amounts(p) for p in found] == [[400_00]]
    assert ReasonCode.PARTIAL in codes(found[0])
    assert found[0].confidence < SURE


def test_too_much_pays_what_is_named_and_leaves_the_rest_unallocated() -> None:
    best = propose(line(1100_00), [candidate("FA-1", 1000_00, named=True)])[0]
    assert (amounts(best), best.rest_minor) == ([1000_00], 100_00)
    assert best.confidence < SURE


def test_a_number_two_clients_use_is_settled_by_who_pays() -> None:
    ours = candidate("2026-01", 500_00, named=True, debtor=DURAND)
    theirs = candidate("2026-01", 500_00, named=True, debtor=MERCIER, contract=2)
    known = propose(line(500_00, iban=DURAND), [ours, theirs])[0]
    assert known.allocations[0].receivable_id == ours.receivable_id
    assert known.confidence >= SURE
    unknown = propose(line(500_00), [ours, theirs])[0]
    assert unknown.confidence < SURE
    assert ReasonCode.AMBIGUOUS_NUMBER in codes(unknown)


def test_a_reference_of_somebody_elses_invoice_waits_for_a_person() -> None:
    best = propose(line(500_00, iban=MERCIER), [candidate("FA-1", 500_00, named=True)])[0]
    assert ReasonCode.PAYER_DIFFERS in codes(best)
    assert best.confidence < SURE


def test_a_known_account_paying_one_invoice_exactly_is_sure() -> None:
    book = [candidate("FA-1", 500_00), candidate("FA-2", 700_00)]
    assert propose(line(700_00, iban=DURAND), book)[0].confidence >= SURE
    assert propose(line(700_00, name=DURAND), book)[0].confidence < SURE


def test_two_invoices_of_the_same_amount_are_not_sure() -> None:
    book = [candidate("FA-1", 500_00), candidate("FA-2", 500_00, due=5)]
    best = propose(line(500_00, iban=DURAND), book)[0]
    assert best.confidence < SURE
    assert best.allocations[0].receivable_id == book[0].receivable_id


def test_a_combination_of_amounts_never_posts_by_itself() -> None:
    book = [candidate("A", 110_00), candidate("B", 230_00, due=1), candidate("C", 470_00, due=2)]
    best = propose(line(580_00, iban=DURAND), book)[0]
    assert ReasonCode.ONLY_COMBINATION in codes(best)
    assert best.confidence < SURE


def test_an_equal_amount_alone_is_worth_a_look_no_more() -> None:
    best = propose(line(500_00), [candidate("FA-1", 500_00)])[0]
    assert codes(best) == {ReasonCode.AMOUNT_ONLY}
    assert best.confidence < Decimal("0.5")


def test_nothing_known_nothing_proposed() -> None:
    assert propose(line(500_00), []) == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("FACTURE FA-2026/0042 DU 3/10", "FA-2026/0042"),
        ("fact fa 2026 0042", "FA-2026/0042"),
        ("FA20260042", "FA-2026/0042"),
        ("REGLT 0000123456 MERCI", "123456"),
        ("VIR SEPA RECU /REF 2026.11.007/", "2026-11-007"),
    ],
)
def test_numbers_are_found_however_people_write_them(text: str, number: str) -> None:
    assert number_key(number) in mentions([text])


@pytest.mark.parametrize("text", ["", "MERCI DE VOTRE CONFIANCE", "N 5", "\x00\n\t", "É" * 5000])
def test_a_text_without_a_number_mentions_nothing(text: str) -> None:
    assert mentions([text]) == {}


@given(st.lists(
    st.sampled_from(["fa", "FACTURE", "0042", "7", "2026", "no", "12a", "²", "½", "É", "ß", "Ⅻ",
                     "x" * 41, "--", " ", "/", "   ", ".", "_", "٣٤"]), max_size=12,
))  # fmt: skip
def test_a_number_is_a_run_of_neighbouring_pieces_and_nothing_else(words: list[str]) -> None:
    assert mentions(["".join(words)]) == _spelled_out("".join(words))


def _spelled_out(text: str) -> dict[str, str]:
    """The rule word for word, piece by piece."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    pieces = [(m.start(), m.end()) for m in re.finditer(r"[^\W_]+", plain)]
    found: dict[str, str] = {}
    for first, stop in itertools.product(range(len(pieces)), range(1, 5)):
        run = pieces[first : first + stop]
        words = [plain[start:end] for start, end in run]
        number = "".join(words)
        digits = [sum(sign.isdigit() for sign in word) for word in words]
        near = all(later[0] - earlier[1] <= 2 for earlier, later in itertools.pairwise(run))
        belong = all(n or len(word) <= 5 for n, word in zip(digits, words, strict=True))
        if near and belong and sum(digits) >= 2 and 3 <= len(number) <= 40:
            found.setdefault(number.lstrip("0") or "0", plain[run[0][0] : run[-1][1]].upper())
    return found


BOOK = st.lists(st.integers(-500_00, 2000_00).filter(bool), min_size=1, max_size=9)


@given(minors=BOOK, paid=st.integers(1, 5000_00), named=st.integers(0, 9), known=st.booleans())
def test_no_proposal_creates_or_loses_a_cent(
    minors: list[int], paid: int, named: int, known: bool
) -> None:
    book = [candidate(f"F{i:04}", m, named=i < named, due=i) for i, m in enumerate(minors)]
    opened = {c.receivable_id: c.open_minor for c in book}
    for proposal in propose(line(paid, iban=DURAND if known else None), book):
        assert proposal.payment_minor + proposal.rest_minor == paid
        used: dict[int, int] = {}
        for a in proposal.allocations:
            used[a.receivable_id] = used.get(a.receivable_id, 0) + a.amount_minor
        assert all(abs(used[i]) <= abs(opened[i]) and used[i] * opened[i] > 0 for i in used)


@given(minors=BOOK, chosen=st.sets(st.integers(0, 8), min_size=1))
def test_a_combination_found_sums_to_the_amount(minors: list[int], chosen: set[int]) -> None:
    book = [candidate(f"F{i:04}", m, due=i) for i, m in enumerate(minors)]
    amount = sum(minors[i] for i in chosen if i < len(minors))
    found = subset_of(book, amount) if amount else None
    if amount and any(i < len(minors) for i in chosen):
        assert found is not None
        assert sum(c.open_minor for c in found[0]) == amount
    run = oldest_first(book, sum(minors))
    assert run is not None
    assert sum(c.open_minor for c in run) == sum(minors)
