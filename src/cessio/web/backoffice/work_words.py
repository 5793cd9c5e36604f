"""What each item of the work queue says of itself, and the page that decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from textwrap import shorten

from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext as _
from cessio.plumbing.i18n import ngettext
from cessio.receivables.rules import DisputeReason
from cessio.reporting.queries import Item
from cessio.screening.rules import ListSource
from cessio.vigilance.rules import SignalKind
from cessio.web.said import why_it_waits
from cessio.web.words import label
from cessio.web.words.agreeing import DEED_NAMES
from cessio.web.words.jobs import cause, job_name
from cessio.web.words.notifications import subject_name

#: Where a second person decides, by the subject.
APPROVAL_PAGES = {
    "drawdown": "/backoffice/funding/{id}",
    "payout_outcome": "/backoffice/funding/{id}",
    "limit_proposal": "/backoffice/limits/proposals/{id}",
    "due_date": "/backoffice/receivables/due-dates/{id}",
    "client_signatory": "/backoffice/users/{id}",
    "closed_month": "/backoffice/settlement/close?month={id}",
}


@dataclass(frozen=True, slots=True)
class Words:
    """Title, second line, reasons to look, address."""

    title: str
    href: str
    detail: str = ""
    why: tuple[str, ...] = ()


def told(item: Item) -> Words:
    """The words of an item, in the reader's language."""
    return _TOLD[item.kind](item)


def _said(item: Item) -> tuple[str, ...]:
    said = item.more.get("said")
    return (str(said),) if said else ()


def _job(item: Item) -> Words:
    """What failed, of which contract and period, and why."""
    more = item.more
    days = [formats.date(date.fromisoformat(str(one))) for one in (more["from"], more["to"]) if one]
    number = _("No. {n}", n=item.number)
    detail = " · ".join(said for said in (item.reference, " – ".join(days), number) if said)
    why = cause(more["error"], more["code"], more["params"])
    return Words(job_name(item.title), f"/backoffice/jobs/{item.number}", detail,
                 (shorten(why, 160, placeholder=" …"),) if why else ())  # fmt: skip


def _remittance(item: Item) -> Words:
    documents = ngettext("{n} document", "{n} documents", item.more["documents"])
    why = tuple(why_it_waits(code) for code in item.more["reasons"])
    return Words(item.title, f"/backoffice/remittances/{item.number}",
                 f"{item.reference} · {documents}", why)  # fmt: skip


def _approval(item: Item) -> Words:
    kind = str(item.more["subject_kind"])
    page = APPROVAL_PAGES.get(kind, f"/backoffice/approvals/{item.number}")
    name = subject_name(kind)
    detail = " · ".join(said for said in (name, item.reference) if said)
    if kind in DEED_NAMES:
        why = _("asked by a colleague, done once you agree")
    elif kind == "closed_month":
        why = _("the month waits for a second person")
    else:
        why = _("above what one person may grant")
    return Words(item.title or name, page.format(id=item.more["subject_id"]), detail, (why,))


def _account(item: Item) -> Words:
    return Words(item.title, f"/backoffice/accounts/{item.number}/confirmation",
                 formats.iban(item.reference or ""), (_("payouts wait for it"),))  # fmt: skip


def _request(item: Item) -> Words:
    return Words(item.title, f"/backoffice/limits/decide?request={item.number}",
                 item.reference or "", _said(item))  # fmt: skip


def _limit(item: Item) -> Words:
    page = (f"/backoffice/limits/decide?contract={item.more['contract']}"
            f"&debtor={item.more['debtor']}")  # fmt: skip
    return Words(item.title, page, item.reference or "", _said(item))


def _pair(item: Item) -> Words:
    page = f"/backoffice/limits/pairs/{item.more['contract']}/{item.more['debtor']}"
    return Words(item.title, page, item.reference or "", _said(item))


def _dispute(item: Item) -> Words:
    why = (label(DisputeReason(item.more["reason"])), *_said(item))
    return Words(item.title, f"/backoffice/receivables/{item.more['receivable']}",
                 item.reference or "", why)  # fmt: skip


def _contract(item: Item, line: str | None, why: str) -> Words:
    base = f"/backoffice/contracts/{item.number}"
    href = f"{base}/withheld?line={line}" if line else base
    return Words(item.title, href, item.reference or "", (why,))


def _cash(item: Item) -> Words:
    count = ngettext("{n} receipt", "{n} receipts", item.more["count"])
    sums = item.more["sums"]
    return Words(count, "/backoffice/bank/matching", formats.moneys(sums) if sums else "")


def _payout(item: Item) -> Words:
    why = (
        _("the bank has not answered") if item.more["sent"] else _("sealed, not handed to the bank")
    )
    payouts = ngettext("{n} payout", "{n} payouts", item.more["payouts"])
    return Words(item.title, f"/backoffice/funding/orders/{item.number}", payouts, (why,))


def _todo(item: Item) -> Words:
    number = item.more["subject_id"]
    page = (f"/backoffice/clients/{number}?tab=notes" if item.more["subject_kind"] == "client"
            else f"/backoffice/debtors/{number}/notes")  # fmt: skip
    return Words(item.title, page, "", _said(item))


def _reply(item: Item) -> Words:
    reason = item.more["said"]
    why = label(DisputeReason(reason)) if reason else _("look for the payment")
    return Words(item.title, f"/backoffice/replies/{item.number}", item.reference or "", (why,))


_TOLD: dict[str, Callable[[Item], Words]] = {
    "remittance": _remittance,
    "approval": _approval,
    "account": _account,
    "request": _request,
    "ending": _limit,
    "lost_cover": _pair,
    "dispute": _dispute,
    "signal": lambda item: Words(
        item.title, f"/backoffice/signals/{item.number}", item.reference or "",
        (label(SignalKind(item.more["signal"])),),
    ),
    "promise": lambda item: Words(
        item.title, f"/backoffice/debtors/{item.more['debtor']}/promises",
        item.reference or "", _said(item),
    ),
    "verification": lambda item: Words(
        item.title, f"/backoffice/verifications/{item.number}", item.reference or "",
        (_("the debtor was asked") if item.more["asked"] else _("nobody was asked yet"),),
    ),
    "reply": _reply,
    "said_paid": _reply,
    "signature": lambda item: Words(
        item.title, f"/backoffice/funding/orders/{item.number}",
        ngettext("{n} payout", "{n} payouts", item.more["payouts"]),
        (_("two people sign what leaves"),),
    ),
    "parked": lambda item: Words(
        item.title, f"/backoffice/bank/lines/{item.number}", "", _said(item)
    ),
    "group": lambda item: Words(
        item.title, f"/backoffice/groups/{item.more['group']}", item.reference or "",
        (_("limits granted beyond the limit of the group"),),
    ),
    "insolvency": lambda item: Words(
        item.title, f"/backoffice/debtors/{item.number}/insolvency", item.reference or "",
        (_("within two months of the publication") if item.more["published"]
         else _("note the day of the publication"),),
    ),
    "unpaid": lambda item: Words(
        item.title, f"/backoffice/settlement/unpaid?contract={item.number}", item.reference or "",
        (ngettext("{n} invoice is due", "{n} invoices are due", item.more["count"]),),
    ),
    "screening": lambda item: Words(
        item.title, f"/backoffice/screening/{item.number}", item.reference or "",
        (_("nothing is paid to it until two people looked"),),
    ),
    "old_list": lambda item: Words(
        label(ListSource(item.title)) if item.title else _("No sanctions list"),
        "/backoffice/screening/lists", "",
        (_("nobody renewed it since {date}", date=formats.date(item.since)) if item.title
         else _("nobody is screened"),),
    ),
    "cash": _cash,
    "payout": _payout,
    "statement": lambda item: Words(
        item.title, "/backoffice/bank", formats.iban(item.reference or ""),
        (_("nothing imported since {date}",
           date=formats.date(date.fromisoformat(item.more["last"]))),),
    ),
    "closing": lambda item: Words(
        _("Day of {date}", date=formats.date(item.since)), "/backoffice/settlement",
        "", (_("the days after it wait too"),),
    ),
    "job": _job,
    "todo": _todo,
    "overdrawn": lambda item: _contract(
        item, None, _("nothing is paid out until it is made up")
    ),
    "facility": lambda item: _contract(item, None, _("drawn beyond what the contract allows")),
    "over_limit": lambda item: _contract(
        item, "over_limit", _("invoices above the debtors' limits")
    ),
    "concentration": lambda item: _contract(
        item, "concentration", _("one debtor weighs more than its share")
    ),
}  # fmt: skip
