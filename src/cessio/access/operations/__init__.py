"""The writes of access, by noun."""

from cessio.access.operations.factors import (
    enrol_at_sign_in,
    enrol_passkey_at_sign_in,
    keep_passkey,
    reset_second_factor,
    set_up_second_factor,
    switch_off_factor,
    take_passkey_away,
)
from cessio.access.operations.forgotten import choose_password_anew, forget_password
from cessio.access.operations.members import (
    add_member,
    change_role,
    decide_signatory,
    end_access,
    end_browsers,
    invite_again,
    invite_person,
    open_access_again,
)

__all__ = [
    "add_member",
    "change_role",
    "choose_password_anew",
    "decide_signatory",
    "end_access",
    "end_browsers",
    "enrol_at_sign_in",
    "enrol_passkey_at_sign_in",
    "forget_password",
    "invite_again",
    "invite_person",
    "keep_passkey",
    "open_access_again",
    "reset_second_factor",
    "set_up_second_factor",
    "switch_off_factor",
    "take_passkey_away",
]
