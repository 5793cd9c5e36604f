"""Companies and the parts they play.

A *company* is a legal identity, known once by its SIREN (or, abroad, its VAT or registration
number). A *client* is a company that sells its invoices to the factor; a *debtor* one that owes
them, one record shared by all clients. A *group* is companies under one control. A *payout
account* is where a client is paid; it receives nothing until a second person confirms it. A
*name key* is the one spelling in which names are compared.
"""

from cessio.parties.bulk import Ensured, ensure_debtors
from cessio.parties.operations import (
    RegisteredClient,
    RegisteredDebtor,
    add_account,
    confirm_account,
    register_client,
    register_debtor,
)
from cessio.parties.queries import client_names, debtor_names, find_by_siren, payout_account
from cessio.parties.rules import CompanyDetails, ContactDetails, Segment, name_key

__all__ = [
    "CompanyDetails",
    "ContactDetails",
    "Ensured",
    "RegisteredClient",
    "RegisteredDebtor",
    "Segment",
    "add_account",
    "client_names",
    "confirm_account",
    "debtor_names",
    "ensure_debtors",
    "find_by_siren",
    "name_key",
    "payout_account",
    "register_client",
    "register_debtor",
]
