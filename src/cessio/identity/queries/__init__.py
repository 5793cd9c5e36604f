"""The reads of identity."""

from cessio.identity.queries.colleagues import AbsenceView, TeamView, absences, acting_for, teams
from cessio.identity.queries.doors import (
    last_seen,
    live_session,
    live_token,
    open_sessions,
    open_tokens,
    sign_in_attempts,
    sign_in_facts,
    stored_answer,
    tokens,
)
from cessio.identity.queries.people import (
    actor_names,
    credentials,
    people,
    person,
    person_behind,
    person_by_email,
    staff_who_may,
)
from cessio.identity.queries.views import (
    AttemptView,
    Credentials,
    PersonView,
    SessionView,
    Signed,
    StoredAnswer,
    TokenView,
)

__all__ = [
    "AbsenceView",
    "AttemptView",
    "Credentials",
    "PersonView",
    "SessionView",
    "Signed",
    "StoredAnswer",
    "TeamView",
    "TokenView",
    "absences",
    "acting_for",
    "actor_names",
    "credentials",
    "last_seen",
    "live_session",
    "live_token",
    "open_sessions",
    "open_tokens",
    "people",
    "person",
    "person_behind",
    "person_by_email",
    "sign_in_attempts",
    "sign_in_facts",
    "staff_who_may",
    "stored_answer",
    "teams",
    "tokens",
]
