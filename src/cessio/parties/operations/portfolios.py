"""Handing clients from one colleague to another, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.audit import Fact
from cessio.identity import queries as people
from cessio.kernel.errors import Invalid
from cessio.parties import queries
from cessio.parties.models import Client
from cessio.parties.rules import Part

MOST = 1_000


def hand_over(
    session: Session, *, client_ids: Sequence[int], part: Part, person_id: int | None, by: str,
    at: datetime,
) -> int:  # fmt: skip
    """Let another look after clients (None: nobody for now); returns how many changed.

    Raises ``Invalid`` for somebody who is not of the staff, or no client at all.
    """
    if not 1 <= len(set(client_ids)) <= MOST:
        raise Invalid("clients_none", "choose the clients to hand over", field="client")
    if person_id is not None:
        found = people.person(session, person_id)
        if found.audience is not identity.Audience.STAFF or found.disabled_at is not None:
            raise Invalid("not_staff", "{name} is not one of the staff with access",
                          field="to", name=found.name)  # fmt: skip
    held = queries.looked_after(session, part, sorted(set(client_ids)))
    moved = [client_id for client_id, now in held.items() if now != person_id]
    session.execute(
        update(Client).where(Client.id.in_(moved)).values({part.column: person_id}),
        execution_options={"synchronize_session": "fetch"},
    )
    facts = [
        Fact(verb="change", subject_kind="client", subject_id=client_id, client_id=client_id,
             before={part.column: held[client_id]}, after={part.column: person_id})
        for client_id in moved
    ]  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)
    return len(moved)
