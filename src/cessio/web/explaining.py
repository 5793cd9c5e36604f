"""An availability as people read it: the waterfall's steps, each with its words and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cessio.funding.rules import BY_RECEIVABLE, Availability, Line, LineKind
from cessio.plumbing.i18n import Lazy, gettext, lazy
from cessio.web.charts import Step
from cessio.web.words import label

#: What a client can do about each line that withholds money.
ADVICE: dict[str, Lazy] = {
    "disputed": lazy("Settle the dispute with your debtor, or send the credit note."),
    "overdue": lazy("Ask your debtor to pay, or tell us about a payment you received."),
    "too_old": lazy("These invoices are too old to be funded; they are released as they are paid."),
    "debtor_excluded": lazy("Your contract does not fund this debtor."),
    "debtor_insolvent": lazy("The debtor is insolvent; we declare the claim for you."),
    "not_verified": lazy("Send proof of delivery: we release them once verified."),
    "on_hold": lazy("We are checking these invoices; your account manager can tell you more."),
    "refused_by_debtor": lazy("The debtor refuses them: answer it, or send the credit note."),
    "duplicate_suspected": lazy("Tell us how they differ from the invoices they look like."),
    "related_party": lazy("Invoices on companies of your own group are not funded."),
    "defunded": lazy("A dispute or a delay lasted too long; a payment by the debtor settles them."),
    "document_missing": lazy("Send the document: we release them the same day."),
    "not_yet_delivered": lazy("They count as soon as the goods or the service are delivered."),
    "term_too_long": lazy("Your contract funds shorter payment terms only."),
    "cross_aged": lazy("Too much of what these debtors owe is late: their payments release it."),
    "contra": lazy("You owe these debtors money too; settle it, and this is released."),
    "credit_balance": lazy("Set these credits against invoices of the same debtors."),
    "advance_margin": lazy("You receive it when the debtors have paid."),
    "dilution": lazy("It covers the credit notes usual in your trade; it falls with them."),
    "expected_credit_notes": lazy("Send the credit notes we expect: the reserve goes with them."),
    "urssaf": lazy("Send your URSSAF certificate: we lift the reserve."),
    "subcontracting": lazy("Send the subcontractors' receipts: we lift the reserve."),
    "year_end_rebate": lazy("It covers the rebates you grant at the end of the year."),
    "over_limit": lazy("Ask for a higher limit on these debtors."),
    "concentration": lazy("One debtor weighs a lot: assign invoices of other debtors too."),
    "retention_fund": lazy("The fund is given back as the outstanding falls."),
}

LABELS: dict[LineKind, Lazy] = {
    LineKind.OUTSTANDING: lazy("Assigned invoices still open"),
    LineKind.CURRENT_ACCOUNT: lazy("Current account"),
    LineKind.CREDIT_BALANCE: lazy("Debtors in credit, not counted"),
    LineKind.OVER_LIMIT: lazy("Above the debtors' limits"),
    LineKind.CONCENTRATION: lazy("Above the share one debtor may have"),
    LineKind.ADVANCE_MARGIN: lazy("Share not advanced"),
    LineKind.RETENTION_FUND: lazy("Retention fund"),
    LineKind.CHARGES: lazy("Commissions and interest"),
    LineKind.DRAWINGS: lazy("Already drawn, net of what debtors paid"),
}

TERMS: dict[LineKind, str] = {
    LineKind.OUTSTANDING: "outstanding",
    LineKind.RETENTION_FUND: "retention_fund",
    LineKind.CONCENTRATION: "concentration_rate",
    LineKind.OVER_LIMIT: "funding_limit",
}


@dataclass(frozen=True, slots=True)
class Withheld:
    """One line that withholds money, largest first: how much, why, and what to do about it."""

    words: str
    amount_minor: int
    advice: str | None
    href: str | None


def steps(
    found: Availability, *, lines_url: str | None, pages: Mapping[LineKind, str] | None = None
) -> list[Step]:
    """The waterfall from the outstanding to the availability; each opens its invoices if it can.

    ``pages`` are those of the lines that no withheld invoices stand behind.
    """
    opened = pages or {}
    first, *rest = found.lines
    drawn = [
        Step(
            words(line), line.amount_minor, "minus" if line.amount_minor < 0 else "plus",
            href=opened.get(line.kind) or href(line, lines_url), term=TERMS.get(line.kind),
        )
        for line in rest
    ]  # fmt: skip
    return [
        Step(
            words(first),
            first.amount_minor,
            "start",
            href=opened.get(first.kind),
            term="outstanding",
        ),
        *drawn,
        Step(gettext("Available"), found.available_minor, "result", term="availability"),
    ]


def withheld(found: Availability, *, lines_url: str | None, most: int = 5) -> list[Withheld]:
    """What withholds most, with what to do about it."""
    counted = [
        line for line in found.lines
        if line.amount_minor < 0 and line.kind not in (LineKind.DRAWINGS, LineKind.CHARGES)
    ]  # fmt: skip
    return [
        Withheld(words(line), -line.amount_minor, advice(line), href(line, lines_url))
        for line in sorted(counted, key=lambda line: line.amount_minor)[:most]
    ]


def grown(before: Availability, after: Availability) -> list[Withheld]:
    """What would be withheld beyond what is now, line by line, the largest first."""
    now = {(line.kind, line.reason): line.amount_minor for line in before.lines}
    more = [
        Withheld(words(line), now.get((line.kind, line.reason), 0) - line.amount_minor,
                 advice(line), None)
        for line in after.lines if line.kind is not LineKind.OUTSTANDING
    ]  # fmt: skip
    return sorted((one for one in more if one.amount_minor > 0), key=lambda one: -one.amount_minor)


def words(line: Line) -> str:
    """The line's name in the reader's language."""
    if line.reason is not None:
        return str(label(line.reason))
    return str(LABELS[line.kind])


def href(line: Line, lines_url: str | None) -> str | None:
    """Where the invoices behind a line are listed, if invoices stand behind it."""
    if lines_url is None or line.kind not in BY_RECEIVABLE:
        return None
    reason = f"&reason={line.reason.value}" if line.reason is not None else ""
    return f"{lines_url}?line={line.kind.value}{reason}"


def advice(line: Line) -> str | None:
    """What a client can do about a line, if anything."""
    key = line.reason.value if line.reason is not None else line.kind.value
    found = ADVICE.get(key)
    return str(found) if found is not None else None
