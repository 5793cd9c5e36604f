"""No table loses a row but those named here, each with the reason that it may."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

#: Tables whose rows may be taken away, and why nobody misses them.
FORGETTING = {
    "access_token": "passed: opened for an hour",
    "alembic_version": "the schema's own mark",
    "column_mapping": "how files are read; forgetting one is on record",
    "cover_floor": "worked out anew from what is open",
    "default_view": "a person's own convenience",
    "match_proposal": "worked out anew until a line is applied",
    "notification": "read, and passed after its months",
    "passkey_challenge": "passed: answered, or too old to be",
    "password_reset": "passed: the link opens nothing",
    "receivable_cover": "worked out anew; its history is kept beside",
    "remittance_line": "of a draft that was not handed over",
    "saved_view": "a person's own convenience",
    "second_step": "passed: a sign-in that was not finished",
    "sign_in_attempt": "passed: slows guessing for a time",
    "waiting_line": "worked out anew as lines are applied",
    "web_session": "passed: opens nothing",
    "wrong_guess": "passed: slows guessing for a time",
}

_FREE = """
    SELECT relname FROM pg_class AS one
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
       AND NOT (
           EXISTS (SELECT FROM pg_trigger
                    WHERE tgrelid = one.oid AND tgenabled <> 'D' AND tgtype & 8 = 8)
           AND EXISTS (SELECT FROM pg_trigger
                    WHERE tgrelid = one.oid AND tgenabled <> 'D' AND tgtype & 32 = 32))
"""

_DELTA = """
    INSERT INTO company (name, name_key, siren, country)
    VALUES ('Delta', 'delta', '732829320', 'FR')
"""


def test_every_table_keeps_its_rows_or_is_known_to_forget(engine: Engine) -> None:
    """The migration of a new table says ``op.execute("SELECT keep_rows('its_name')")``."""
    with engine.connect() as connection:
        assert set(connection.scalars(text(_FREE))) == set(FORGETTING)


@pytest.mark.parametrize("statement", ["DELETE FROM company", "TRUNCATE company CASCADE"])
def test_what_is_a_fact_is_not_deleted(session: Session, statement: str) -> None:
    session.execute(text(_DELTA))
    with pytest.raises(IntegrityError, match="never deleted"):
        session.execute(text(statement))
