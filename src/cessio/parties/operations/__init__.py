"""The writes of parties."""

from cessio.parties.operations.accounts import (
    add_account,
    add_contact,
    agree_to_account,
    confirm_account,
    end_account,
    end_contact,
)
from cessio.parties.operations.certificates import CERTIFICATE, SUBJECT, give_certificate
from cessio.parties.operations.companies import (
    change_company,
    join_group,
    leave_group,
    register_company,
)
from cessio.parties.operations.parts import (
    RegisteredClient,
    RegisteredDebtor,
    change_client,
    change_debtor,
    register_client,
    register_debtor,
)
from cessio.parties.operations.portfolios import hand_over

__all__ = [
    "CERTIFICATE",
    "SUBJECT",
    "RegisteredClient",
    "RegisteredDebtor",
    "add_account",
    "add_contact",
    "agree_to_account",
    "change_client",
    "change_company",
    "change_debtor",
    "confirm_account",
    "end_account",
    "end_contact",
    "give_certificate",
    "hand_over",
    "join_group",
    "leave_group",
    "register_client",
    "register_company",
    "register_debtor",
]
