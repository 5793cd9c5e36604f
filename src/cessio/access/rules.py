"""What a client's signatories may do to each other's access."""

from __future__ import annotations

from collections.abc import Collection

from cessio.identity import Role
from cessio.kernel.errors import CessioError, Conflict, Invalid

#: What a second person agrees to before it holds.
SIGNATORY = "client_signatory"


def removal_problem(person_id: int, signatories: Collection[int]) -> CessioError | None:
    """Why somebody may not stop being a signatory: nobody would be left to sign."""
    if set(signatories) == {person_id}:
        return Conflict("last_signatory", "A company keeps one signatory at least: make another "
                        "one first")  # fmt: skip
    return None


def role_problem(role: Role, why: str | None, *, now: Role) -> CessioError | None:
    """Why a change of role is refused before anything is looked up."""
    if role is now:
        return Conflict("role_same", "This is the role already", field="role")
    if not (why or "").strip():
        return Invalid("role_reason", "Say why the role changes", field="why")
    return None
