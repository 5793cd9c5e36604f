"""Words of banking: what a bank answered, and what is odd about a statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cessio.banking.rules import PayoutOutcome
from cessio.plumbing import formats
from cessio.plumbing.i18n import Lazy, gettext, lazy, ngettext
from cessio.web.words.registry import label, labels, tones

labels(
    PayoutOutcome,
    {
        PayoutOutcome.CONFIRMED: lazy("Paid"),
        PayoutOutcome.REJECTED: lazy("Rejected by the bank"),
        PayoutOutcome.PENDING: lazy("In hand at the bank"),
        PayoutOutcome.UNKNOWN: lazy("Not said"),
    },
)
tones(
    PayoutOutcome,
    {
        "positive": [PayoutOutcome.CONFIRMED],
        "danger": [PayoutOutcome.REJECTED],
        "info": [PayoutOutcome.PENDING],
        "attention": [PayoutOutcome.UNKNOWN],
    },
)

_ODDITIES: dict[str, Lazy] = {
    "announced_entries_not_booked": lazy("Movements that are only announced were left out"),
    "zero_entries_not_kept": lazy("Movements of nothing were left out"),
    "booking_date_missing": lazy("A movement has no booking date"),
    "value_date_missing": lazy("A movement has no value date: the booking date was taken"),
    "status_missing": lazy("A movement does not say whether it is booked"),
    "status_unknown": lazy("A movement has a state we do not know"),
    "detail_amount_differs": lazy("A detail's amount is not the movement's"),
    "details_do_not_add_up": lazy("Details do not add up to their movement: it is kept as one"),
    "batch_count_differs": lazy("A batch announces another number of payments"),
    "code_missing": lazy("A movement has no transaction code"),
    "value_too_long": lazy("A text is longer than the standard allows"),
    "bic_malformed": lazy("A BIC is malformed"),
    "namespace_unexpected": lazy("The file names an unusual schema"),
    "version_unknown": lazy("The file is of a version we do not know"),
    "header_missing": lazy("The file has no header"),
    "element_missing": lazy("Something the standard asks for is missing"),
    "balance_date_missing": lazy("A balance has no date"),
    "balances_missing": lazy("The statement gives no balances"),
    "balances_differ": lazy("The balances and the movements do not add up"),
    "totals_differ": lazy("The bank's own counts or totals are not those of the movements"),
    "element_order": lazy("The order of the file is not that of the standard"),
    "element_repeated": lazy("Something stands twice in the file: the first was read"),
    "element_of_another_version": lazy("Something belongs to another version of the standard"),
    "unknown_element": lazy("Something in the file is unknown to the standard: it was not read"),
    "flag_unreadable": lazy("A yes or no is written in another way: it was not read"),
    "number_unreadable": lazy("A count is not a number: it was not read"),
    "period_reversed": lazy("The period ends before it begins"),
    "currency_of_announced_entry": lazy("An announced movement is in another currency"),
}


def remark(notice: Mapping[str, Any], currency: str) -> str:
    """What is odd about a statement, in words; an unknown code is its own name."""
    code = str(notice["code"])
    if code == "statement_gap":
        return gettext(
            "It opens at {found}, where {previous} closed at {expected}: one may be missing.",
            found=formats.money(notice["found_minor"], currency),
            expected=formats.money(notice["expected_minor"], currency),
            previous=notice["previous"],
        )
    if code == "statement_gap_after":
        return gettext(
            "{next} opens at {found}, where this one closes at {expected}: one may be missing.",
            found=formats.money(notice["found_minor"], currency),
            expected=formats.money(notice["expected_minor"], currency),
            next=notice["next"],
        )
    if code == "statement_missing" and notice["from"] == notice["to"]:
        return gettext("Statement {number} is missing.", number=notice["from"])
    if code == "statement_missing":
        return gettext(
            "Statements {first} to {last} are missing.", first=notice["from"], last=notice["to"]
        )
    if code == "statement_overlaps":
        return gettext("It overlaps statement {previous}.", previous=notice["previous"])
    said = str(_ODDITIES[code]) if code in _ODDITIES else label(code)
    times = int(notice.get("count") or 1)
    return f"{said} ({ngettext('{n} time', '{n} times', times)})" if times > 1 else said
