"""Forty bugs made by hand, such as a tired colleague makes, each with the tests that must find it.

A bug is one place of one file read otherwise in a process of its own; nothing on disk is changed.
``tests/house/test_planted.py`` keeps the list true to the code.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.report import Report
from tests.faults.strength.changing import SRC, source_of, tried


@dataclass(frozen=True, slots=True)
class Bug:
    """What is wrong, where, what stands there now and instead, and who must find it."""

    words: str
    path: str
    now: str
    then: str
    tests: tuple[str, ...]

    @property
    def source(self) -> str:
        """The file with the bug. Raises where its place is not there exactly once."""
        whole = source_of(self.path)
        assert whole.count(self.now) == 1, f"{self.words}: {whole.count(self.now)} places"
        return whole.replace(self.now, self.then)


_OPERATIONS = "cessio/funding/operations/drawdowns.py"
_SECONDING = "cessio/funding/operations/seconding.py"
_PAYOUTS = "cessio/funding/operations/payouts.py"
_LEDGER = "cessio/ledger/operations.py"
_UNDOING = "cessio/cash/operations/undoing.py"
_FUNDING = ("tests/funding/test_operations.py",)
_POSTING = ("tests/ledger/test_operations.py",)
_CASH = ("tests/cash/test_kept_cover.py", "tests/web/backoffice/test_matching.py",
         "tests/faults/test_books.py")  # fmt: skip

BUGS: tuple[Bug, ...] = (
    Bug("the availability is not locked", _OPERATIONS,
        "    queries.lock_contract(session, contract_id=contract_id,"
        " currency=contract.currency)\n", "",
        ("tests/faults/test_storms.py",)),
    Bug("a drawdown is posted with the wrong sign", _OPERATIONS,
        "Line(current, amount), Line(clearing, -amount)",
        "Line(current, -amount), Line(clearing, amount)", _FUNDING),
    Bug("parts of a day are not counted together", _OPERATIONS,
        "whole = amount_minor + queries.drawn_on(session, contract_id=contract_id, on=on)",
        "whole = amount_minor", ("tests/agreeing/test_splits.py",)),
    Bug("no second person is asked", _OPERATIONS,
        "State.REQUESTED if second else State.GRANTED", "State.GRANTED", _FUNDING),
    Bug("the advance commission is not given back", _OPERATIONS,
        "(drawdown.commission_transaction_id, drawdown.transaction_id)",
        "(drawdown.transaction_id,)", ("tests/funding/test_prepaid.py",)),
    Bug("the account paid is not part of what is approved", _SECONDING,
        "        drawdown.iban, drawdown.creditor_name,\n    )  # fmt: skip\n    if",
        "        drawdown.creditor_name,\n    )  # fmt: skip\n    if", _FUNDING),
    Bug("a cancelled drawdown may still be approved", _OPERATIONS,
        "if drawdown.state == State.REQUESTED:\n        approvals.void(",
        "if drawdown.state == State.PAID:\n        approvals.void(", _FUNDING),
    Bug("a new account is paid at once", _OPERATIONS,
        "return business_date(until) if at < until else None", "return None",
        ("tests/funding/test_payment_run.py",)),
    Bug("a payout that came back is posted as one that left", _PAYOUTS,
        "Line(suspense, drawdown.amount_minor), Line(clearing, -drawdown.amount_minor)",
        "Line(suspense, -drawdown.amount_minor), Line(clearing, drawdown.amount_minor)",
        ("tests/journeys/test_one_contract.py",)),
    Bug("a payout that is held is sealed", _PAYOUTS,
        "    refuse_held(session, waiting, by=by, at=at)\n", "",
        ("tests/funding/test_payment_run.py",)),
    Bug("a replay with other lines is taken for the same", _LEDGER,
        "known[1] != posting.input_hash", "known[1] == b''", _POSTING),
    Bug("a transaction is reversed twice", _LEDGER,
        "original.reversed_by is not None or ", "", _POSTING),
    Bug("a reversal repeats", _LEDGER, "amount_minor=-line.amount_minor",
        "amount_minor=line.amount_minor", _POSTING),
    Bug("a reversal has the value date of today", _LEDGER,
        "value_date or original.posting.value_date", "value_date or business_date(at)",
        ("tests/ledger", "tests/funding/test_operations.py")),
    Bug("currencies balance each other", "cessio/ledger/rules.py",
        "currency = line.account.currency\n", 'currency = "EUR"\n', _POSTING),
    Bug("the value date is not part of what a replay repeats", "cessio/ledger/rules.py",
        "self.value_date.isoformat(), self.contract_id", "self.contract_id", _POSTING),
    Bug("half a cent is rounded to even", "cessio/kernel/money.py",
        "rounding=ROUND_HALF_UP", 'rounding="ROUND_HALF_EVEN"', ("tests/kernel",)),
    Bug("the cents left over go to the last part", "cessio/kernel/money.py",
        "for i in by_remainder[: size - sum(parts)]:",
        "for i in by_remainder[::-1][: size - sum(parts)]:", ("tests/kernel",)),
    Bug("a funding limit raises", "cessio/funding/rules/waterfall.py",
        "else min(amount, debtor.funding_limit_minor)",
        "else max(amount, debtor.funding_limit_minor)", ("tests/funding/test_rules.py",)),
    Bug("what is drawn leaves the facility whole", "cessio/funding/rules/waterfall.py",
        "terms.facility_limit_minor - facts.drawings_net_minor", "terms.facility_limit_minor",
        ("tests/funding/test_rules.py",)),
    Bug("a threshold begins a cent later", "cessio/funding/rules/drawdowns.py",
        "amount_minor >= terms.payout_approval_threshold_minor",
        "amount_minor > terms.payout_approval_threshold_minor",
        ("tests/funding/test_rules.py",)),
    Bug("a contract is drawn on the day it ended", "cessio/funding/rules/drawdowns.py",
        "facts.on >= facts.ended_on", "facts.on > facts.ended_on",
        ("tests/funding/test_rules.py",)),
    Bug("the commission is not counted in what is available",
        "cessio/funding/rules/drawdowns.py",
        "amount_minor + facts.commission_minor > facts.available_minor",
        "amount_minor > facts.available_minor",
        ("tests/funding/test_rules.py", "tests/funding/test_prepaid.py")),
    Bug("an asked-for account does not hold a payout granted that moment",
        "cessio/funding/rules/payouts.py", "facts.granted_at <= facts.asked_at",
        "facts.granted_at < facts.asked_at", ("tests/funding/test_payout_rules.py",)),
    Bug("cover that was given up is not given back", _UNDOING,
        "kept[allocation.receivable_id] = -allocation.kept_minor",
        "kept[allocation.receivable_id] = allocation.kept_minor", _CASH),
    Bug("an application is undone twice", _UNDOING,
        "if application.undone_at is not None:", "if application.by is None:", _CASH),
    Bug("another's application is taken back without a word", _UNDOING,
        "found.by != by or found.applied_on", "found.applied_on", _CASH),
    Bug("who asked decides under a key of theirs", "cessio/approvals/rules.py",
        "checker == asked.maker or checker_id == asked.maker_id", "checker == asked.maker",
        ("tests/approvals",)),
    Bug("what changed since is approved", "cessio/approvals/rules.py",
        "if subject_hash != asked.subject_hash:", "if not subject_hash:",
        ("tests/approvals",)),
    Bug("who lost the right decides", "cessio/approvals/operations.py",
        "lender_id = _whose_right(session, row, checker_id, business_date(at))",
        "lender_id = None",
        ("tests/agreeing",)),
    Bug("a key used for another request answers the first",
        "cessio/identity/operations/idempotency.py",
        "if stored.input_hash != input_hash:", "if not stored.input_hash:",
        ("tests/identity/test_idempotency.py",)),
    Bug("a worker that slept writes", "cessio/plumbing/jobs/running.py",
        "(Job.id == claim.job_id) & (Job.fence == claim.fence)", "(Job.id == claim.job_id)",
        ("tests/plumbing/test_jobs.py",)),
    Bug("one client's key reads another's contract", "cessio/web/api/machinery.py",
        "if scope_of(signed) not in (None, contract.client_id):", "if scope_of(signed) == -1:",
        ("tests/web/api/test_api.py",)),
    Bug("an amount is cut at a comment in a bank's file", "cessio/plumbing/xml.py",
        "BytesIO(source), events=(\"end\",), tag=list(tags),\n        remove_comments=True",
        "BytesIO(source), events=(\"end\",), tag=list(tags),\n        remove_comments=False",
        ("tests/plumbing/test_xml.py",)),
    Bug("the control sum counts payments", "cessio/banking/formats/pain001.py",
        "<CtrlSum>{to_text(total)}</CtrlSum>", "<CtrlSum>{to_text(count)}</CtrlSum>",
        ("tests/banking/test_formats_pain001.py",)),
    Bug("two payments of one name leave in one file", "cessio/banking/formats/pain001.py",
        "if times > 1", "if times > 2", ("tests/banking/test_formats_pain001.py",)),
    Bug("an order is sent with one signature", "cessio/banking/operations/orders.py",
        "    queries.refuse_unsigned(session, order_id=order_id)\n", "",
        ("tests/banking/test_operations.py",)),
    Bug("a contradiction of the bank's is taken for a rejection",
        "cessio/banking/rules/payouts.py", "outcome = PayoutOutcome.UNKNOWN\n    code",
        "outcome = PayoutOutcome.REJECTED\n    code", ("tests/banking/test_rules.py",)),
    Bug("a day paid for in advance is charged again", "cessio/settlement/rules/financing.py",
        "part.from_on <= on < part.to_on", "part.from_on < on < part.to_on",
        ("tests/settlement/test_rules.py",)),
    Bug("a part payment bears no more on its own day", "cessio/collections/rules/penalties.py",
        "Movement(on + timedelta(days=1), -paid)", "Movement(on, -paid)",
        ("tests/collections/test_rules.py",)),
)  # fmt: skip


def plant(numbers: list[int]) -> None:
    """Plant each bug (or those numbered, from 1) and say at once whether it was found."""
    for number, bug in enumerate(BUGS, 1):
        if numbers and number not in numbers:
            continue
        code = compile(bug.source, str(SRC / bug.path), "exec")
        is_found = not tried(bug.path, code, bug.tests)
        print(f"{number:2} {'found' if is_found else 'NOT FOUND'}: {bug.words}", flush=True)
        report = Report()
        report.tell(f"bugs by hand, {number}", "found" if is_found else f"not found: {bug.words}",
                    promise=15, figure=int(is_found), of=1)  # fmt: skip
        report.write(page=False)
