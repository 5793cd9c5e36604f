"""Reading contracts, their terms on any date and as known at any instant, and index fixings."""

from cessio.contracts.queries.agreements import (
    ContractUnknown,
    ContractView,
    Exclusion,
    Reserve,
    contract,
    contracts,
    contracts_called,
    excluded_debtors,
    is_excluded,
    reserves,
)
from cessio.contracts.queries.fixings import (
    Fixing,
    FixingMissing,
    fixing_on,
    fixing_series,
    fixings,
)
from cessio.contracts.queries.terms import (
    END_OF_TIME,
    TERMS_IN_FORCE,
    TermsMissing,
    TermVersion,
    term_history,
    terms_in_force,
    terms_of_all,
    versions_after,
)

__all__ = [
    "END_OF_TIME",
    "TERMS_IN_FORCE",
    "ContractUnknown",
    "ContractView",
    "Exclusion",
    "Fixing",
    "FixingMissing",
    "Reserve",
    "TermVersion",
    "TermsMissing",
    "contract",
    "contracts",
    "contracts_called",
    "excluded_debtors",
    "fixing_on",
    "fixing_series",
    "fixings",
    "is_excluded",
    "reserves",
    "term_history",
    "terms_in_force",
    "terms_of_all",
    "versions_after",
]
