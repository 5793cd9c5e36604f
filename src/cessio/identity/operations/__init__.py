"""The writes of identity, by noun."""

from cessio.identity.operations.idempotency import Answer, idempotent
from cessio.identity.operations.invitations import accept_invitation, invite
from cessio.identity.operations.people import (
    add_person,
    change_password,
    change_person,
    choose_appearance,
    disable_person,
    enable_person,
    set_password,
    welcome_guest,
)
from cessio.identity.operations.sessions import (
    Forgotten,
    SignedIn,
    SignInRefused,
    end_session,
    end_sessions_of,
    forget_old,
    network_of,
    open_session,
    prove,
    resume,
    sign_in,
    sign_out,
)
from cessio.identity.operations.teams import (
    add_team,
    end_absence,
    end_team,
    join_team,
    leave_team,
    set_absence,
)
from cessio.identity.operations.tokens import IssuedToken, end_token, issue_token, use_token

__all__ = [
    "Answer",
    "Forgotten",
    "IssuedToken",
    "SignInRefused",
    "SignedIn",
    "accept_invitation",
    "add_person",
    "add_team",
    "change_password",
    "change_person",
    "choose_appearance",
    "disable_person",
    "enable_person",
    "end_absence",
    "end_session",
    "end_sessions_of",
    "end_team",
    "end_token",
    "forget_old",
    "idempotent",
    "invite",
    "issue_token",
    "join_team",
    "leave_team",
    "network_of",
    "open_session",
    "prove",
    "resume",
    "set_absence",
    "set_password",
    "sign_in",
    "sign_out",
    "use_token",
    "welcome_guest",
]
