"""The parts a company plays: client, debtor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import queries as identity
from cessio.identity.rules import Audience
from cessio.kernel.errors import CessioError, Conflict, Invalid, NotFound, Problems
from cessio.parties import queries, rules
from cessio.parties.models import Client, Debtor
from cessio.parties.operations.companies import ensure_company
from cessio.parties.rules import CompanyDetails, Segment

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A new client, its company and the code people call it by."""

    id: int
    company_id: int
    code: str


@dataclass(frozen=True, slots=True)
class RegisteredDebtor:
    """The one debtor record of a company; ``created`` when it is new."""

    id: int
    company_id: int
    created: bool


def register_client(
    session: Session,
    *,
    details: CompanyDetails,
    code: str | None = None,
    account_manager_id: int | None = None,
    collector_id: int | None = None,
    credit_analyst_id: int | None = None,
    segment: str | None = None,
    by: str,
    at: datetime,
) -> RegisteredClient:
    """Open the file of a client; its company is created if nobody knew it.

    ``code`` (2 to 20 capitals, digits, hyphens) is made from the name when left out. Raises
    ``Problems``; ``Conflict`` when the company is a client already or the code is taken.
    """
    kept, faults = rules.checked(details)
    problems: list[CessioError] = [*faults]
    wanted = None if code is None else code.strip().upper()
    if wanted is not None and not _CODE.fullmatch(wanted):
        problems.append(
            Invalid("code_unreadable", "A code is 2 to 20 capitals, digits and hyphens",
                    field="code")
        )  # fmt: skip
    problems += _staff_problems(
        session, account_manager_id=account_manager_id, collector_id=collector_id,
        credit_analyst_id=credit_analyst_id,
    )  # fmt: skip
    if problems:
        raise Problems(problems)
    company_id, _ = ensure_company(session, details=kept, by=by, at=at)
    if queries.client_of_company(session, company_id) is not None:
        raise Conflict("client_known", "{name} is a client already", name=kept.name)
    values = {"company_id": company_id, "account_manager_id": account_manager_id,
              "collector_id": collector_id, "credit_analyst_id": credit_analyst_id,
              "segment": segment}  # fmt: skip
    client_id, taken = _insert_client(session, values, wanted, kept.name, by, at)
    after = {name: value for name, value in values.items() if value is not None}
    audit.record(session, verb="register", subject_kind="client", subject_id=client_id,
                 after=after | {"code": taken}, by=by, at=at, client_id=client_id)  # fmt: skip
    return RegisteredClient(client_id, company_id, taken)


def _insert_client(
    session: Session,
    values: Mapping[str, Any],
    wanted: str | None,
    name: str,
    by: str,
    at: datetime,
) -> tuple[int, str]:
    stem = re.sub(r"[^A-Z0-9]+", "-", rules.name_key(name).upper())[:12].strip("-")
    stem = stem if len(stem) >= 2 else "CLIENT"
    for number in range(1, 1000):
        code = wanted or (stem if number == 1 else f"{stem}-{number}")
        client_id = session.scalar(
            insert(Client)
            .values(**values, code=code, created_at=at, created_by=by)
            .on_conflict_do_nothing()
            .returning(Client.id)
        )
        if client_id is not None:
            return client_id, code
        if queries.client_of_company(session, values["company_id"]) is not None:
            raise Conflict("client_known", "{name} is a client already", name=name)
        if wanted is not None:
            break
    raise Conflict("code_taken", "Another client has the code {taken}", field="code", taken=code)


def change_client(
    session: Session,
    *,
    client_id: int,
    account_manager_id: int | None,
    collector_id: int | None,
    credit_analyst_id: int | None,
    segment: str | None,
    why: str | None = None,
    by: str,
    at: datetime,
) -> None:
    """Say who looks after a client, and its segment. Raises ``Problems`` and ``NotFound``."""
    problems = _staff_problems(
        session, account_manager_id=account_manager_id, collector_id=collector_id,
        credit_analyst_id=credit_analyst_id,
    )  # fmt: skip
    if problems:
        raise Problems(problems)
    row = session.get(Client, client_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("client_not_found", "There is no such client")
    after = {"account_manager_id": account_manager_id, "collector_id": collector_id,
             "credit_analyst_id": credit_analyst_id, "segment": segment}  # fmt: skip
    old, new = audit.narrowed({name: getattr(row, name) for name in after}, after)
    for name, value in after.items():
        setattr(row, name, value)
    session.flush()
    if new:
        audit.record(session, verb="change", subject_kind="client", subject_id=client_id,
                     before=old, after=new, why=why, by=by, at=at, client_id=client_id)  # fmt: skip


def register_debtor(
    session: Session,
    *,
    details: CompanyDetails,
    segment: Segment = Segment.NEW,
    payment_terms_days: int | None = None,
    language: str = "fr",
    by: str,
    at: datetime,
) -> RegisteredDebtor:
    """The one debtor record of a company, shared by all clients: the existing one, or a new one.

    What is known of an existing debtor stays as it is. Raises ``Problems``.
    """
    kept, faults = rules.checked(details)
    faults += _terms_problems(payment_terms_days, language)
    if faults:
        raise Problems([*faults])
    company_id, _ = ensure_company(session, details=kept, by=by, at=at)
    debtor_id = session.scalar(
        insert(Debtor)
        .values(company_id=company_id, segment=segment, payment_terms_days=payment_terms_days,
                language=language, created_at=at, created_by=by)
        .on_conflict_do_nothing(index_elements=[Debtor.company_id])
        .returning(Debtor.id)
    )  # fmt: skip
    if debtor_id is None:
        existing = queries.debtor_of_company(session, company_id)
        assert existing is not None
        return RegisteredDebtor(existing, company_id, created=False)
    audit.record(session, verb="register", subject_kind="debtor", subject_id=debtor_id,
                 after={"company_id": company_id, "segment": segment}, by=by, at=at)  # fmt: skip
    return RegisteredDebtor(debtor_id, company_id, created=True)


def change_debtor(
    session: Session,
    *,
    debtor_id: int,
    segment: Segment,
    payment_terms_days: int | None,
    language: str,
    insolvent_on: date | None,
    why: str | None = None,
    by: str,
    at: datetime,
) -> None:
    """Change what is asked of a debtor; ``insolvent_on`` is the date of the judgment, if any.

    Raises ``Problems`` and ``NotFound``.
    """
    if problems := _terms_problems(payment_terms_days, language):
        raise Problems([*problems])
    row = session.get(Debtor, debtor_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("debtor_not_found", "There is no such debtor")
    after = {"segment": segment.value, "payment_terms_days": payment_terms_days,
             "language": language, "insolvent_on": insolvent_on}  # fmt: skip
    old, new = audit.narrowed({name: getattr(row, name) for name in after}, after)
    for name, value in after.items():
        setattr(row, name, value)
    session.flush()
    if new:
        audit.record(session, verb="change", subject_kind="debtor", subject_id=debtor_id,
                     before=old, after=new, why=why, by=by, at=at)  # fmt: skip


def _terms_problems(payment_terms_days: int | None, language: str) -> list[Invalid]:
    problems = []
    if payment_terms_days is not None and not 0 <= payment_terms_days <= 365:
        problems.append(
            Invalid("payment_terms_out_of_range", "Payment terms are 0 to 365 days",
                    field="payment_terms_days")
        )  # fmt: skip
    if language not in ("fr", "en"):
        problems.append(
            Invalid("language_unknown", "{language} is not a language of these screens",
                    field="language", language=language[:20])
        )  # fmt: skip
    return problems


def _staff_problems(session: Session, **people: int | None) -> list[CessioError]:
    problems: list[CessioError] = []
    for field, person_id in people.items():
        if person_id is None:
            continue
        try:
            who = identity.person(session, person_id)
        except NotFound:
            who = None
        if who is None or who.audience != Audience.STAFF or who.disabled_at is not None:
            problems.append(Invalid("not_staff", "This person is not of our staff", field=field))
    return problems
