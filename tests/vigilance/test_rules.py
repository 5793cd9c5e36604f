"""What makes two documents nearly one, a sale in pieces, a debtor nobody knew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cessio.receivables.rules import DocumentIdentity, numbers_close
from cessio.vigilance import SignalKind, rules
from cessio.vigilance.rules import Lines, Pair

ON = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("left", "right", "close"),
    [
        ("FA-2026/0042", "FA-2026/0042-bis", True),
        ("F1-000123", "INV F1-000123", True),
        ("F1-000123", "F1-OOO123", True),
        ("F1-000123", "F1-000132", True),
        ("F1-000123", "F1-000723", True),
        ("F1-000123", "F1-000124", False),
        ("F1-000123", "F1-000163", False),
        ("F1-000123", "F1-000456", False),
        ("12", "312", False),
        ("A-77001", "B-88002", False),
    ],
)  # fmt: skip
def test_a_number_is_another_typed_again_but_not_the_next(left: str, right: str, close: bool
                                                          ) -> None:  # fmt: skip
    assert numbers_close(left, right) is close
    assert numbers_close(right, left) is close


def said_of(*, other_client: int = 1, days: int = 0, **change: Any) -> SignalKind | None:
    """What an invoice is told of beside one of client 1 that differs in ``change``."""
    known: dict[str, Any] = {"number": "F1-000123", "amount_minor": 1_234_56}
    one = DocumentIdentity(7, issue_date=ON, **known)
    other = DocumentIdentity(change.pop("debtor_id", 7), issue_date=ON - timedelta(days=days),
                             **{**known, **change})  # fmt: skip
    pair = Pair(receivable_id=1, document=one, other_id=2, other=other,
                other_client_id=other_client, other_assigned_on=ON)  # fmt: skip
    sign = rules.alike(pair, client_id=1, contract_id=1, remittance_id=1)
    return sign.kind if sign else None


def test_an_invoice_that_differs_in_two_small_things_is_nearly_the_same() -> None:
    assert said_of(amount_minor=9_999_99) is SignalKind.SAME_BUT_AMOUNT
    assert said_of(amount_minor=9_999_99, days=30) is SignalKind.NEARLY_SAME
    assert said_of(amount_minor=9_999_99, days=300) is None  # numbers begin again each year
    assert said_of(number="F9-777000", days=12) is SignalKind.NEARLY_SAME
    assert said_of(number="F9-777000", days=31) is None  # a monthly bill
    assert said_of(number="F1-000132", amount_minor=1_236_00) is SignalKind.NEARLY_SAME
    assert said_of(number="F1-000124", amount_minor=1_236_00) is None
    assert said_of(number="G-1", days=5, other_client=2) is SignalKind.OTHER_CLIENT
    assert said_of(number="G-1", days=12, other_client=2) is None
    assert said_of(amount_minor=9_999_99, other_client=2) is None


def lines(*amounts: int, **more: Any) -> Lines:
    count = len(amounts)
    return Lines(**{
        "remittance_id": 1, "client_id": 1, "contract_id": 1, "currency": "EUR",
        "receivable_ids": range(count), "numbers": [str(n) for n in range(count)],
        "amounts_minor": amounts, "issued_on": [ON] * count, "debtor_keys": ["7"] * count, **more,
    })  # fmt: skip


def test_a_sale_is_in_pieces_when_one_debtor_passes_the_threshold_in_two_days() -> None:
    threshold = 30_000_00
    [sign] = rules.split_below(lines(16_000_00, 29_000_00, 900_00), threshold)
    assert sign.document_ids == (0, 1)
    assert sign.figures["carried_minor"] == 45_000_00
    assert not rules.split_below(lines(14_000_00, 29_000_00), threshold)
    assert not rules.split_below(lines(16_000_00, 30_000_00), threshold)
    apart = lines(16_000_00, 29_000_00, issued_on=[ON, ON - timedelta(days=2)])
    assert not rules.split_below(apart, threshold)
    assert not rules.split_below(lines(16_000_00, 29_000_00, debtor_keys=["7", "8"]), threshold)
    assert not rules.split_below(lines(16_000_00, 29_000_00), None)


def test_one_debtor_nobody_knew_is_told_when_it_carries_an_eighth_of_five() -> None:
    keys = ["1", "2", "3", "4", "new"]
    known = {"debtor_keys": keys, "new_debtor_keys": frozenset({"new"})}
    sign = rules.new_debtors(lines(70, 70, 70, 70, 40, **known))
    assert sign is not None
    assert sign.kind is SignalKind.NEW_DEBTOR_LARGE
    assert rules.new_debtors(lines(70, 70, 70, 71, 40, **known)) is None
    assert rules.new_debtors(lines(70, 70, 70, 70, 40, is_first=True, **known)) is None
