"""People and how they get in.

A *person* is staff of the factor or a user of one client; a *role* is what they are, a
*permission* one thing a role may do (one table, ``rules/roles.py``). A *session* is a signed-in
browser, a *token* a machine's key limited by *scopes*; both act for a person and never beyond
that person's role. An *actor* is who the books name: ``person:12``, ``token:3``, ``job:name``.
An *idempotency key* makes a repeated request one effect.
"""

from cessio.identity.operations import (
    Answer,
    SignedIn,
    SignInRefused,
    add_person,
    idempotent,
    open_session,
    resume,
    sign_in,
    sign_out,
    use_token,
)
from cessio.identity.queries import Signed, actor_names, person_behind
from cessio.identity.rules import Audience, Permission, Role, Scope

__all__ = [
    "Answer", "Audience", "Permission", "Role", "Scope", "SignInRefused", "Signed", "SignedIn",
    "actor_names", "add_person", "idempotent", "open_session", "person_behind", "resume",
    "sign_in", "sign_out", "use_token",
]  # fmt: skip
