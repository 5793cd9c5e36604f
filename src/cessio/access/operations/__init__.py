"""The writes of access, by noun."""

from cessio.access.operations.factors import (
    enrol_at_sign_in,
    reset_second_factor,
    set_up_second_factor,
    switch_off_factor,
)

__all__ = [
    "enrol_at_sign_in",
    "reset_second_factor",
    "set_up_second_factor",
    "switch_off_factor",
]
