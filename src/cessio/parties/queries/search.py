"""Finding a party from whatever somebody types: a name, a number, an IBAN."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.orm import Session

from cessio.parties import rules
from cessio.parties.models import Client, Company, Debtor, PartyAccount
from cessio.parties.queries.lookups import hits
from cessio.parties.queries.views import PartyHit


def search(session: Session, text: str, *, limit: int = 20) -> tuple[PartyHit, ...]:
    """Companies that a text may mean, surest first, each once.

    Recognised: SIREN or its beginning, SIRET, VAT number, registration number, IBAN, client code;
    then names and trade names by likeness (typing errors forgiven).
    """
    compact = re.sub(r"[\s.\-]", "", text).upper()
    found: dict[int, PartyHit] = {}
    if compact:
        for matched, condition in _exact(compact, text.strip().upper()):
            for hit in hits(session, condition, matched=matched, limit=limit):
                found.setdefault(hit.company_id, hit)
    if len(found) < limit and any(each.isalpha() for each in text):
        for hit in _by_name(session, rules.name_key(text), limit):
            found.setdefault(hit.company_id, hit)
    return tuple(found.values())[:limit]


def _exact(compact: str, typed: str) -> list[tuple[str, ColumnElement[bool]]]:
    conditions: list[tuple[str, ColumnElement[bool]]] = []
    if compact.isdecimal() and compact.isascii():
        if len(compact) == 14:
            conditions.append(("siret", Company.siren == compact[:9]))
        elif 3 <= len(compact) <= 9:
            conditions.append(("siren", Company.siren.like(f"{compact}%")))
    if len(compact) >= 4:
        conditions.append(("vat_number", Company.vat_number == compact))
        conditions.append(
            ("registration_number", Company.registration_number.in_([compact, typed]))
        )
    if len(compact) >= 15:
        holders = select(PartyAccount.company_id).where(PartyAccount.iban == compact)
        conditions.append(("iban", Company.id.in_(holders)))
    owners = select(Client.company_id).where(Client.code == typed)
    conditions.append(("code", Company.id.in_(owners)))
    return conditions


def _by_name(session: Session, key: str, limit: int) -> tuple[PartyHit, ...]:
    likeness = func.greatest(
        func.word_similarity(key, Company.name_key),
        func.coalesce(func.word_similarity(key, Company.trade_key), 0),
    )
    wanted = literal(key)
    rows = session.execute(
        select(
            Company.id, Company.name, Company.siren, Company.city, Client.id, Client.code,
            Debtor.id, literal("name"),
        )
        .outerjoin(Client, Client.company_id == Company.id)
        .outerjoin(Debtor, Debtor.company_id == Company.id)
        .where(
            or_(
                wanted.op("<%")(Company.name_key),
                wanted.op("<%")(Company.trade_key),
                Company.name_key.like(f"{_plain(key)}%"),
            )
        )
        .order_by(likeness.desc(), Company.name_key, Company.id)
        .limit(limit)
    )  # fmt: skip
    return tuple(PartyHit(*row) for row in rows)


def _plain(key: str) -> str:
    return key.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
