"""The decisions of parties: names, identities, accounts and contacts, and their faults."""

from enum import StrEnum

from cessio.parties.rules.accounts import (
    AccountDetails,
    ContactDetails,
    checked_account,
    checked_contact,
    iban_key,
)
from cessio.parties.rules.companies import COUNTRIES, SIREN_COUNTRIES, CompanyDetails, checked
from cessio.parties.rules.names import name_key


class Segment(StrEnum):
    """How much is known of a debtor, and so what is asked before its invoices are funded."""

    NEW = "new"
    REGULAR = "regular"
    AT_RISK = "at_risk"


class Part(StrEnum):
    """What a colleague does for a client."""

    MANAGER = "account_manager"
    COLLECTOR = "collector"
    ANALYST = "credit_analyst"

    @property
    def column(self) -> str:
        """Where the client's row names them."""
        return f"{self.value}_id"


__all__ = [
    "COUNTRIES",
    "SIREN_COUNTRIES",
    "AccountDetails",
    "CompanyDetails",
    "ContactDetails",
    "Part",
    "Segment",
    "checked",
    "checked_account",
    "checked_contact",
    "iban_key",
    "name_key",
]
