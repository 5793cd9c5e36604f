"""Reminding debtors on a business day: chosen once, then each mail and letter written once.

The choice is one statement; what is written afterwards can be killed anywhere and taken up again:
a letter is written in the transaction that notes it, under a key of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit
from cessio.banking import queries as banking
from cessio.collections import bulk
from cessio.collections.bulk import Used
from cessio.collections.models import DunningLetter
from cessio.collections.queries import letters as queries
from cessio.collections.queries import planned, reach
from cessio.collections.queries.letters import Due, ToWrite
from cessio.collections.queries.owed import late_on, published
from cessio.collections.rules.penalties import (
    LatePayment,
)
from cessio.collections.rules.plans import (
    FORMAL_NOTICE,
    SECOND_REMINDER,
    SHORT,
    DunningChannel,
    answer_days,
    text_instead,
)
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IndexName, NotificationMode, Terms
from cessio.correspondence import Addressee, Opens, Recipient, Sender, print_letter, send, send_sms
from cessio.correspondence.kinds import Values
from cessio.correspondence.queries import factor_identity
from cessio.kernel.calendar import half_year
from cessio.kernel.errors import CessioError
from cessio.kernel.money import Money
from cessio.kernel.rates import RateSeries
from cessio.parties import queries as party_queries
from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext, use_language
from cessio.plumbing.sms import has_gateway

#: Why a letter that was chosen is not written.
#: A mail that comes back within so many days is written on paper.
RETURNED_DAYS = timedelta(days=30)
PAID, UNREACHABLE = "paid", "unreachable"


@dataclass(frozen=True, slots=True)
class Costs:
    """What lateness adds to an invoice, and the text of its rates."""

    due: Due
    late: LatePayment


@dataclass(frozen=True, slots=True)
class Desk:
    """What the letters of a batch need beside themselves: terms, rates, names, accounts."""

    terms: Mapping[int, Terms]
    refi: RateSeries
    legal: RateSeries
    factor: str
    accounts: Mapping[str, banking.AccountView]


def choose_day(session: Session, *, on: date, by: str, at: datetime) -> int:
    """Choose whom to write to and call on a day; returns how many. A day is chosen once."""
    held = queries.chosen_day(session, on)
    if held is not None:
        return held.letter_count
    used = Used(on, planned.versions_in_force(session, on), planned.house_plan(session))
    return bulk.store_day(session, used, by=by, at=at)


def put_on_paper(session: Session, *, on: date, by: str, at: datetime) -> int:
    """Mails of the last days that came back go out as letters with those of a day; how many."""
    found = reach.came_back(session, since=on - RETURNED_DAYS)
    for row in found:
        row.channel, row.paper_day, row.returned_id = (
            DunningChannel.LETTER.value,
            on,
            row.message_id,
        )
        row.message_id = row.written_at = row.written_by = None
        if row.template == SHORT:
            row.template = text_instead(row.tone)
    session.flush()
    if found:
        audit.record(session, verb="dunning.on_paper", subject_kind="dunning_day",
                     subject_id=on.toordinal(), after={"day": on, "letters": len(found)}, by=by,
                     at=at)  # fmt: skip
    return len(found)


def write_letters(session: Session, *, letter_ids: Collection[int], by: str, at: datetime) -> int:
    """Write mails and letters that did not go out yet; returns how many went out."""
    waiting = queries.locked(session, letter_ids)
    found = queries.to_write(session, list(waiting))
    desk = _desk(session, found)
    written, lines = 0, []
    for one in found:
        row = waiting[one.id]
        costs = [_costs(desk, due, one.day) for due in one.lines]
        row.written_at, row.written_by = at, by
        row.dropped = _write(session, desk, one, row, costs, by, at) if costs else PAID
        if row.dropped is None:
            written += 1
            lines += [(each.due.line_id, each.due.open_minor, each.late.penalty_minor,
                       each.late.indemnity_minor) for each in costs]  # fmt: skip
    session.flush()
    bulk.store_lines(session, lines)
    return written


def _write(
    session: Session, desk: Desk, one: ToWrite, row: DunningLetter, costs: Sequence[Costs],
    by: str, at: datetime,
) -> str | None:  # fmt: skip
    """Write one letter; returns why it could not be, if so."""
    sender = _sender(session, one.writer_id)
    clients = {each.client_id for each in one.lines}
    common: dict[str, Any] = {
        "template": one.template, "values": _values(desk, one, costs, sender),
        "subject_kind": "debtor", "subject_id": one.debtor_id,
        "client_id": clients.pop() if len(clients) == 1 else None, "sender": sender, "by": by,
        "opens": _opens(desk, one) if sender is None else (),
        "at": at, "key": f"dunning/{one.id}{'/paper' if row.paper_day else ''}",
    }  # fmt: skip
    if one.channel is DunningChannel.SMS:
        if one.mobile and has_gateway():
            with suppress(CessioError), session.begin_nested():
                row.message_id = send_sms(
                    session, to=Addressee(one.debtor_name, (one.mobile,), one.language),
                    **{name: common[name] for name in common.keys() - {"sender", "opens"}},
                )  # fmt: skip
        if row.message_id is None:
            row.template = common["template"] = text_instead(one.tone)
            row.channel = DunningChannel.MAIL.value
    if row.channel == DunningChannel.MAIL.value and one.email:
        to = Recipient(one.email, one.contact or one.debtor_name, one.language)
        with suppress(CessioError), session.begin_nested():
            row.message_id = send(session, to=to, stoppable=True, **common)
    if row.message_id is None and not _print(session, one, row, common):
        return UNREACHABLE
    row.line_count, row.open_minor = len(costs), sum(each.due.open_minor for each in costs)
    row.penalty_minor = sum(each.late.penalty_minor for each in costs)
    row.indemnity_minor = sum(each.late.indemnity_minor for each in costs)
    return None


def _print(session: Session, one: ToWrite, row: DunningLetter, common: dict[str, Any]) -> bool:
    """Write it on paper, what no mail address takes too; whether there is where to send it."""
    if len(one.address) < 2:
        return False
    try:
        with session.begin_nested():
            row.message_id = print_letter(
                session, to=Addressee(one.debtor_name, one.address, one.language), **common,
            )  # fmt: skip
    except CessioError:
        return False
    if row.channel == DunningChannel.MAIL.value:
        row.channel = DunningChannel.LETTER.value
    return True


def _opens(desk: Desk, one: ToWrite) -> tuple[Opens, ...]:
    """What its code opens: the invoices it names, contract by contract, the most owed first."""
    account = desk.accounts.get(one.currency)
    if account is None:
        return ()
    named: dict[int, list[Due]] = {}
    for due in one.lines:
        named.setdefault(due.contract_id, []).append(due)
    owed = sorted(
        named.items(), key=lambda each: (-sum(due.open_minor for due in each[1]), each[0])
    )
    return tuple(
        Opens(one.debtor_id, contract_id, account.iban, account.bic, account.holder,
              tuple(due.receivable_id for due in dues))
        for contract_id, dues in owed
    )  # fmt: skip


def _desk(session: Session, found: Sequence[ToWrite]) -> Desk:
    contract_ids = {due.contract_id for one in found for due in one.lines}
    last = max((one.day for one in found), default=date.min)
    since = half_year(min((due.due_date for one in found for due in one.lines), default=last)).start
    factor = factor_identity(session)
    accounts = sorted(banking.accounts(session), key=lambda one: (one.is_payout, one.account_id))
    return Desk(
        contracts.terms_of_all(session, last, contract_ids=contract_ids) if contract_ids else {},
        published(session, IndexName.ECB_REFI, since, last),
        published(session, IndexName.LEGAL, since, last),
        factor.name if factor else "Cessio",
        {one.currency: one for one in reversed(accounts)},
    )  # fmt: skip


def _costs(desk: Desk, due: Due, day: date) -> Costs:
    return Costs(due, late_on(due.due_date, due.open_minor, desk.terms[due.contract_id], day,
                              desk.refi, desk.legal))  # fmt: skip


def _values(desk: Desk, one: ToWrite, costs: Sequence[Costs], sender: Sender | None) -> Values:
    total = sum(each.due.open_minor for each in costs)
    penalties = sum(each.late.penalty_minor for each in costs)
    indemnities = sum(each.late.indemnity_minor for each in costs)

    def money(minor: int) -> Money | None:
        return Money(minor, one.currency) if minor else None

    modes = {desk.terms[each.due.contract_id].notification_mode for each in costs}
    account = desk.accounts.get(one.currency)
    pays_us = account is not None and NotificationMode.CONFIDENTIAL not in modes
    rates = {part.rate for each in costs for part in each.late.segments}
    with use_language(one.language):
        told_late = one.template in (SECOND_REMINDER, FORMAL_NOTICE)
        invoices = tuple(_line(each, one.currency, told_late) for each in costs)
        told = [each.due.was_reminded for each in costs]
        spoken = ", ".join(formats.percent(rate, exact=True) for rate in sorted(rates))
    return {
        "debtor": one.debtor_name,
        "client": ", ".join(dict.fromkeys(each.due.client_name for each in costs)),
        "writer": sender.name if sender else desk.factor,
        "assignee": None if sender else desk.factor,
        "invoices": invoices, "count": len(costs),
        "reminded": tuple(line for line, was in zip(invoices, told, strict=True) if was) or None,
        "fresh": tuple(line for line, was in zip(invoices, told, strict=True) if not was) or None,
        "due_on": min(each.due.due_date for each in costs), "total": Money(total, one.currency),
        "penalties": money(penalties), "indemnities": money(indemnities), "rates": spoken or None,
        "all_due": Money(total + penalties + indemnities, one.currency),
        "pay_by": one.day + timedelta(days=answer_days(one.template)),
        "iban": formats.iban(account.iban) if account and pays_us else None,
        "bic": account.bic if account and pays_us else None,
        "contact": None if sender else next(
            (each.due.collector for each in costs if each.due.collector), None),
    }  # fmt: skip


def _line(each: Costs, currency: str, told_late: bool) -> str:
    """An invoice in a line; where penalties are claimed, with its own: their sum can be checked."""
    due, late = each.due, each.late
    values = {
        "number": due.number, "issued": formats.date(due.issue_date),
        "due": formats.date(due.due_date), "amount": formats.money(due.open_minor, currency),
        "penalty": formats.money(late.penalty_minor, currency),
    }  # fmt: skip
    if told_late and late.penalty_minor:
        told = gettext(
            "{number} of {issued}, due on {due}, penalties of {penalty}: {amount}", **values
        )
    else:
        told = gettext("{number} of {issued}, due on {due}: {amount}", **values)
    return f"- {told}"


def _sender(session: Session, writer_id: int | None) -> Sender | None:
    """The client in whose name we write, where its debtors do not know of us."""
    if writer_id is None:
        return None
    company = party_queries.company(session, party_queries.company_of_client(session, writer_id))
    siren = f"SIREN {formats.siren(company.siren)}" if company.siren else ""
    email = next((one.email for one in party_queries.contacts(session, company.id) if one.email),
                 None)  # fmt: skip
    return Sender(company.name, party_queries.address_of(company), company.city or "", siren, email)
