"""Bank accounts and contacts of a company: added, confirmed by a second person, ended."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.kernel.errors import Conflict, Forbidden, NotFound, Problems
from cessio.parties import queries, rules
from cessio.parties.models import (
    AccountAgreement,
    AccountCallback,
    Company,
    Contact,
    PartyAccount,
)
from cessio.parties.operations.naming import tell_named
from cessio.parties.operations.notices import (
    CHANGE_ASKED,
    CHANGE_MADE,
    CHANGE_REFUSED,
    tell_of_change,
)
from cessio.parties.rules import ContactDetails


def add_account(
    session: Session,
    *,
    company_id: int,
    iban: str,
    bic: str | None = None,
    holder: str | None = None,
    is_payout: bool = False,
    why: str | None = None,
    by: str,
    at: datetime,
) -> int:
    """Record a bank account of a company; returns its id.

    A payout account receives nothing before a second person confirms it (``confirm_account``);
    the former one stays in use until then, and everybody known at the client is told of the
    change at once. The holder is the company unless said otherwise.
    Raises ``Problems``; ``Conflict`` when the company has this account already.
    """
    company = _locked_company(session, company_id)
    kept, problems = rules.checked_account(iban, bic, holder or company.name)
    if problems:
        raise Problems([*problems])
    for known in queries.accounts(session, company_id):
        if known.iban == kept.iban:
            if known.is_payout or not is_payout:
                raise Conflict("account_known", "This account is recorded already", field="iban")
            _end(session, known.id, "added again as a payout account", by, at)
    row = PartyAccount(company_id=company_id, **asdict(kept), is_payout=is_payout, added_at=at,
                       added_by=by)  # fmt: skip
    session.add(row)
    session.flush()
    after = asdict(kept) | {"is_payout": is_payout}
    _note(session, "add_account", company_id, after=after, why=why, by=by, at=at)
    tell_named(session, company_id, by=by, at=at)
    if is_payout:
        tell_of_change(session, row, CHANGE_ASKED, by=by, at=at)
    return row.id


class CallbackMissing(Conflict):
    """Nobody who was known before was called about an account that replaces another."""


def confirm_account(
    session: Session, *, account_id: int, why: str | None = None, contact_id: int | None = None,
    by: str, at: datetime,
) -> None:  # fmt: skip
    """A second person vouches for an account; a payout account confirmed replaces the former one.

    ``why`` says how it was checked; ``contact_id`` is who was called: for an account that takes
    the place of another, somebody known before it was brought, and not by who brought it. Raises
    ``Forbidden`` when the same person added it, under whatever token; ``CallbackMissing``;
    ``Conflict`` when confirmed or ended already, or while another of the client, who may, has not
    agreed to what one of its people asked for.
    """
    row = _locked_account(session, account_id)
    if row.confirmed_at is not None:
        raise Conflict("account_confirmed", "This account is confirmed already")
    checker = identity.person_behind(session, by)
    if checker is None:
        raise Forbidden("person_needed", "Only a person confirms an account")
    if checker == identity.person_behind(session, row.added_by):
        raise Forbidden("own_account", "Who added an account does not confirm it")
    _agreed_by_another(session, row)
    if row.is_payout and queries.had_payout_account(session, row.company_id, but=row.id):
        _called_back(session, row, contact_id, why, by=by, at=at)
    row.confirmed_at, row.confirmed_by = at, by
    session.flush()
    _note(session, "confirm_account", row.company_id, after={"iban": row.iban}, why=why, by=by,
          at=at)  # fmt: skip
    if row.is_payout:
        tell_of_change(session, row, CHANGE_MADE, by=by, at=at)
        for former in queries.accounts(session, row.company_id):
            if former.is_payout and former.confirmed_at is not None and former.id != row.id:
                _end(session, former.id, f"replaced by {row.iban}", by, at)


def agree_to_account(session: Session, *, account_id: int, by: str, at: datetime) -> None:
    """A second person of the client wants it too; the factor still calls before it pays there.

    Raises ``Forbidden`` for who asked and for who may not, ``Conflict`` when agreed, confirmed or
    ended already.
    """
    row = _locked_account(session, account_id)
    if row.confirmed_at is not None or queries.agreement(session, account_id) is not None:
        raise Conflict("account_agreed", "This account is agreed to already")
    agreeing = identity.person_behind(session, by)
    may_agree = {one.id for one in queries.who_agrees(session, queries.account(session, row.id))}
    if agreeing not in may_agree:
        raise Forbidden("own_account_request", "Another signatory than who asked agrees")
    session.add(AccountAgreement(account_id=row.id, agreed_at=at, agreed_by=by))
    session.flush()
    _note(session, "agree_to_account", row.company_id, after={"iban": row.iban}, by=by, at=at)


def _agreed_by_another(session: Session, row: PartyAccount) -> None:
    """Raise ``Conflict`` while the client's second person has not agreed, if there is one."""
    others = queries.who_agrees(session, queries.account(session, row.id))
    if others and queries.agreement(session, row.id) is None:
        raise Conflict(
            "agreement_missing", "{names} has not agreed to this account yet",
            names=", ".join(one.name for one in others),
        )  # fmt: skip


def _called_back(
    session: Session, row: PartyAccount, contact_id: int | None, why: str | None, *, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Keep who was called about a change; the database refuses anybody not known before."""
    contact = session.get(Contact, contact_id) if contact_id is not None else None
    if contact is None or not (why or "").strip():
        raise CallbackMissing(
            "callback_missing", "say whom you called, and what was said", field="contact"
        )
    known = contact.company_id == row.company_id and contact.ended_at is None
    own = identity.person_behind(session, contact.added_by)
    if not known or contact.added_at >= row.added_at:
        raise CallbackMissing(
            "callback_too_new", "{name} was not known before this account was brought to us",
            field="contact", name=contact.name,
        )  # fmt: skip
    if own is not None and own == identity.person_behind(session, row.added_by):
        raise CallbackMissing(
            "callback_own", "{name} was recorded by who brought this account: call another",
            field="contact", name=contact.name,
        )  # fmt: skip
    session.add(
        AccountCallback(account_id=row.id, contact_id=contact.id, note=(why or "").strip(),
                        called_at=at, called_by=by)
    )  # fmt: skip
    session.flush()


def end_account(
    session: Session, *, account_id: int, why: str | None = None, by: str, at: datetime
) -> None:
    """The account is no longer the company's. Raises ``Conflict`` when ended already."""
    _end(session, account_id, why, by, at)


def _end(session: Session, account_id: int, why: str | None, by: str, at: datetime) -> None:
    row = _locked_account(session, account_id)
    row.ended_at, row.ended_by = at, by
    session.flush()
    _note(session, "end_account", row.company_id, before={"iban": row.iban}, why=why, by=by,
          at=at)  # fmt: skip
    if row.is_payout and row.confirmed_at is None:
        tell_of_change(session, row, CHANGE_REFUSED, by=by, at=at)


def add_contact(
    session: Session, *, company_id: int, contact: ContactDetails, by: str, at: datetime
) -> int:
    """Record somebody to write to or call; returns the contact's id. Raises ``Problems``."""
    _locked_company(session, company_id)
    kept, problems = rules.checked_contact(contact)
    if problems:
        raise Problems([*problems])
    row = Contact(company_id=company_id, **asdict(kept), added_at=at, added_by=by)
    session.add(row)
    session.flush()
    _note(session, "add_contact", company_id, after=asdict(kept), by=by, at=at)
    tell_named(session, company_id, by=by, at=at)
    return row.id


def end_contact(
    session: Session, *, contact_id: int, why: str | None = None, by: str, at: datetime
) -> None:
    """The contact is no longer to be used. Raises ``NotFound``, ``Conflict`` when ended already."""
    row = session.get(Contact, contact_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("contact_not_found", "There is no such contact")
    if row.ended_at is not None:
        raise Conflict("contact_ended", "This contact is ended already")
    row.ended_at, row.ended_by = at, by
    session.flush()
    _note(session, "end_contact", row.company_id, before={"name": row.name}, why=why, by=by, at=at)


def _locked_company(session: Session, company_id: int) -> Company:
    row = session.get(Company, company_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("company_not_found", "There is no such company")
    return row


def _locked_account(session: Session, account_id: int) -> PartyAccount:
    """The open account, its company locked first so that payouts are replaced one at a time."""
    known = session.get(PartyAccount, account_id)
    if known is None:
        raise NotFound("account_not_found", "There is no such bank account")
    _locked_company(session, known.company_id)
    session.refresh(known, with_for_update=True)
    if known.ended_at is not None:
        raise Conflict("account_ended", "This account is ended already")
    return known


def _note(
    session: Session,
    verb: str,
    company_id: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str | None = None,
    by: str,
    at: datetime,
) -> None:
    audit.record(
        session,
        verb=verb,
        subject_kind="company",
        subject_id=company_id,
        before=before,
        after=after,
        why=why,
        by=by,
        at=at,
        client_id=queries.client_of_company(session, company_id),
    )
