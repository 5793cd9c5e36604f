"""What can be changed here, how it stands, and who changed it last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.banking import queries as banking
from cessio.cash import queries as cash
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IndexName
from cessio.correspondence import queries as correspondence
from cessio.delivery import queries as delivery
from cessio.house import queries as house
from cessio.identity import Audience, Permission, Signed
from cessio.identity import queries as identity
from cessio.identity.rules import STAFF_ROLES
from cessio.plumbing import formats
from cessio.receivables.queries.due_dates import due_date_policy
from cessio.web.actors import actors
from cessio.web.backoffice.settings.common import PATH, SEE, Entry
from cessio.web.render import _, ngettext, render
from cessio.web.requests import AnyRequest, At, Db, On, Who


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_settings(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """Every setting on one page."""
    groups = [
        (
            _("The house"),
            [
                _factor(session),
                *_people(session, signed, at),
                _teams(session, on),
                _days(session, on),
            ],
        ),
        (_("What we write"), [_texts(session), _reasons(session), _deliveries(session)]),
        (
            _("Money"),
            [
                _products(session),
                _fees(session),
                _authority(session),
                _due_dates(session),
                _fixings(session, on),
                _matching(session),
            ],
        ),
        (_("By itself"), list(_programs(session, signed, at))),
    ]
    groups = [(title, entries) for title, entries in groups if entries]
    names = actors(session, [entry.by for _title, entries in groups for entry in entries])
    return render(request, "backoffice/settings/show_settings.html", groups=groups, names=names)


def _factor(session: Session) -> Entry:
    known = correspondence.factor_identity(session)
    accounts = len(banking.accounts(session))
    held = ngettext("{n} account", "{n} accounts", accounts)
    return Entry(
        f"{PATH}/factor", _("Who we are and our accounts"),
        _("The name and address on every document; the accounts debtors pay to."),
        f"{known.name} · {held}" if known else held,
        known.set_at if known else None, known.set_by if known else None,
    )  # fmt: skip


def _people(session: Session, signed: Signed, at: datetime) -> Iterator[Entry]:
    if signed.may(Permission.MANAGE_PEOPLE):
        staff = identity.people(session, audience=Audience.STAFF)
        newest = max(staff, key=lambda one: one.created_at) if staff else None
        yield Entry(
            "/backoffice/users", _("People and roles"),
            _("Who has access, as what, and what each role may do."),
            ngettext("{n} colleague has access", "{n} colleagues have access", len(staff)),
            newest.created_at if newest else None, None,
        )  # fmt: skip
    elif signed.may(Permission.SEE_AUDIT):
        yield Entry(
            "/backoffice/users/roles", _("Roles"),
            _("What each role may do, up to which amounts, and what takes a second person."),
            ngettext("{n} role", "{n} roles", len(STAFF_ROLES)), None, None,
        )  # fmt: skip


def _texts(session: Session) -> Entry:
    known = correspondence.templates(session)
    edited = sorted(
        (one for text in known for one in text.changed), key=lambda one: one.id or 0, reverse=True
    )
    value = ngettext("{n} text", "{n} texts", len(known))
    if edited:
        value += " · " + _("{n} in our own words", n=len(edited))
    return Entry(
        f"{PATH}/texts", _("Letters and mails"),
        _("What clients and debtors are told, in French and English."), value,
        edited[0].set_at if edited else None, edited[0].set_by if edited else None,
    )  # fmt: skip


def _teams(session: Session, on: date) -> Entry:
    teams, away = identity.teams(session), identity.absences(session, from_on=on)
    value = ngettext("{n} team", "{n} teams", len(teams))
    if now := sum(one.holds(on) for one in away):
        value += " · " + _("{n} away today", n=now)
    last = max(away, key=lambda one: one.set_at, default=None)
    return Entry(
        f"{PATH}/teams", _("Teams and portfolios"),
        _("Who looks after which clients, and who does while they are away."), value,
        last.set_at if last else None, last.set_by if last else None,
    )  # fmt: skip


def _days(session: Session, on: date) -> Entry:
    ahead, last = house.own_days(session, from_on=on), house.last_day_change(session)
    value = ngettext("{n} day closed by us ahead", "{n} days closed by us ahead", len(ahead))
    return Entry(
        f"{PATH}/calendar", _("Working days"),
        _("Weekends, public holidays, bank closings, and the days we close besides."), value,
        last.at if last else None, last.by if last else None,
    )  # fmt: skip


def _reasons(session: Session) -> Entry:
    own, last = house.reasons(session), house.last_reason_change(session)
    return Entry(
        f"{PATH}/reasons", _("Reasons"),
        _("Why invoices are disputed or held, why remittances and limits are refused."),
        ngettext("{n} reason of our own", "{n} reasons of our own", len(own)),
        last.at if last else None, last.by if last else None,
    )  # fmt: skip


def _due_dates(session: Session) -> Entry:
    held = due_date_policy(session)
    return Entry(
        f"{PATH}/due-dates", _("Due dates that move"),
        _("How far one person lets an invoice be due later."),
        ngettext("{n} day alone", "{n} days alone", held.alone_days), held.set_at, held.set_by,
    )  # fmt: skip


def _products(session: Session) -> Entry:
    known = [one for one in contracts.offers(session) if one.retired_at is None]
    last = max((one for offer in known for one in offer.versions), key=lambda one: one.set_at,
               default=None)  # fmt: skip
    return Entry(
        f"{PATH}/products", _("Products"),
        _("What we sell: terms and fees a contract starts from."),
        ngettext("{n} product of our own", "{n} products of our own", len(known)),
        last.set_at if last else None, last.set_by if last else None,
    )  # fmt: skip


def _fees(session: Session) -> Entry:
    known = contracts.fee_grids(session)
    last = max((one for grid in known for one in grid.versions), key=lambda one: one.set_at,
               default=None)  # fmt: skip
    return Entry(
        f"{PATH}/fees", _("Fee grids"), _("What an occurrence costs beside the commissions."),
        ngettext("{n} grid", "{n} grids", len(known)),
        last.set_at if last else None, last.set_by if last else None,
    )  # fmt: skip


def _deliveries(session: Session) -> Entry:
    held = [one for one in delivery.recipients(session) if one.ended_at is None]
    last = max(held, key=lambda one: one.opened_at, default=None)
    return Entry(
        f"{PATH}/deliveries", _("Files for banks and clients"),
        _("Statements and reports that are put into folders, to be fetched by SFTP."),
        ngettext("{n} folder", "{n} folders", len(held)),
        last.opened_at if last else None, last.opened_by if last else None,
    )  # fmt: skip


def _authority(session: Session) -> Entry:
    held, last = house.authority(session), house.last_authority_change(session)
    n = len(held.up_to_minor) + len(held.second_from_minor)
    return Entry(
        f"{PATH}/authority", _("Who decides up to how much"),
        _("The amount each role decides alone, and from which a second person must."),
        ngettext("{n} amount set", "{n} amounts set", n),
        last.at if last else None, last.by if last else None,
    )  # fmt: skip


def _fixings(session: Session, on: date) -> Entry:
    last = contracts.fixing_on(session, IndexName.EURIBOR_3M, on)
    value = f"Euribor 3M {formats.percent(last.rate, 3)}" if last else _("none known")
    return Entry(
        "/backoffice/settlement/fixings", _("Reference rates"),
        _("Published values that financing commissions are computed with."), value,
        last.recorded_at if last else None, last.recorded_by if last else None,
    )  # fmt: skip


def _matching(session: Session) -> Entry:
    held = cash.matching_settings(session)
    return Entry(
        "/backoffice/bank/matching/settings", _("Matching"),
        _("How sure a proposal must be to be applied by itself, and small differences taken."),
        _("by itself from {share}", share=formats.percent(held.auto_apply_from, 0)),
    )  # fmt: skip


def _programs(session: Session, signed: Signed, at: datetime) -> Iterator[Entry]:
    if signed.may(Permission.MANAGE_PEOPLE) or signed.may(Permission.SEE_AUDIT):
        keys = identity.open_tokens(session, at)
        newest = max(keys, key=lambda one: one.created_at) if keys else None
        yield Entry(
            f"{PATH}/keys", _("API keys"), _("Programs that act for a person, and what they may."),
            ngettext("{n} key works", "{n} keys work", len(keys)),
            newest.created_at if newest else None,
        )  # fmt: skip
    yield Entry(
        "/backoffice/jobs", _("Jobs and schedule"),
        _("What runs by itself, when, and what failed."),
        _("see the schedule"),
    )  # fmt: skip


HANDLERS = [show_settings]
