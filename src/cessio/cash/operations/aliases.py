"""What the matcher learns of payers, visible and editable."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.cash import queries
from cessio.cash.models import PayerAlias
from cessio.kernel.errors import Invalid, NotFound
from cessio.parties.rules import name_key


def learn_payer(
    session: Session, *, debtor_id: int, application_id: int | None, iban: str | None,
    name: str | None, by: str, at: datetime,
) -> bool:  # fmt: skip
    """Remember that a debtor pays under this account and this name; whether any was news.

    Known ones stay as they are.
    """
    news = False
    keys = [("iban", iban, iban), ("name", name_key(name) if name else None, name)]
    for kind, key, seen in keys:
        if key and not queries.payer_known(session, kind=kind, key=key, debtor_id=debtor_id):
            news = True
            session.execute(
                insert(PayerAlias)
                .values(
                    debtor_id=debtor_id, kind=kind, key=key, seen=seen,
                    application_id=application_id, learned_at=at, learned_by=by,
                )
                .on_conflict_do_nothing()
            )  # fmt: skip
    return news


def forget_learned(session: Session, *, application_id: int, by: str, at: datetime) -> None:
    """End what was learned from an application that is undone."""
    session.execute(
        update(PayerAlias)
        .where(PayerAlias.application_id == application_id, PayerAlias.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
    )


def add_alias(
    session: Session, *, debtor_id: int, kind: str, seen: str, by: str, at: datetime
) -> None:
    """Enter an account or a name a debtor pays under. Raises ``Invalid``."""
    key = "".join(seen.split()).upper() if kind == "iban" else name_key(seen)
    if kind not in ("iban", "name") or not key:
        raise Invalid(
            "alias_empty", "write the name or the IBAN the debtor pays under", field="seen"
        )
    learn_payer(
        session, debtor_id=debtor_id, application_id=None, by=by, at=at,
        iban=key if kind == "iban" else None, name=seen if kind == "name" else None,
    )  # fmt: skip
    audit.record(
        session, verb="added_alias", subject_kind="debtor", subject_id=debtor_id,
        after={"kind": kind, "seen": seen}, by=by, at=at,
    )  # fmt: skip


def change_alias(
    session: Session, *, alias_id: int, debtor_id: int, seen: str, by: str, at: datetime
) -> None:
    """Put right what is known of a payer: the wrong one ends, the right one begins.

    Raises ``NotFound``, ``Invalid``.
    """
    alias = session.get(PayerAlias, alias_id)
    kind = alias.kind if alias is not None else ""
    end_alias(session, alias_id=alias_id, by=by, at=at)
    add_alias(session, debtor_id=debtor_id, kind=kind, seen=seen, by=by, at=at)


def end_alias(session: Session, *, alias_id: int, by: str, at: datetime) -> None:
    """Forget a wrong one; it stays on record as ended."""
    alias = session.get(PayerAlias, alias_id, with_for_update=True)
    if alias is None or alias.ended_at is not None:
        raise NotFound("alias_unknown", "there is no such payer name or account")
    alias.ended_at, alias.ended_by = at, by
    session.flush()
    audit.record(
        session, verb="ended_alias", subject_kind="debtor", subject_id=alias.debtor_id,
        before={"kind": alias.kind, "seen": alias.seen}, by=by, at=at,
    )  # fmt: skip
