"""The writes of contracts: agreements, terms, reserves and exclusions, index fixings."""

from cessio.contracts.operations.agreements import ContractEnded, end_contract, sign_contract
from cessio.contracts.operations.fixings import ImportedFixings, import_fixings, record_fixing
from cessio.contracts.operations.notices import DebtorNotTold, PayTo, notify_debtor
from cessio.contracts.operations.offers import (
    Named,
    add_fee_grid,
    add_offer,
    change_fee_grid,
    change_offer,
    retire_offer,
)
from cessio.contracts.operations.reserves import (
    AlreadyExcluded,
    end_exclusion,
    end_reserve,
    exclude_debtor,
    set_reserve,
)
from cessio.contracts.operations.terms import TermsChanged, change_terms

__all__ = [
    "AlreadyExcluded",
    "ContractEnded",
    "DebtorNotTold",
    "ImportedFixings",
    "Named",
    "PayTo",
    "TermsChanged",
    "add_fee_grid",
    "add_offer",
    "change_fee_grid",
    "change_offer",
    "change_terms",
    "end_contract",
    "end_exclusion",
    "end_reserve",
    "exclude_debtor",
    "import_fixings",
    "notify_debtor",
    "record_fixing",
    "retire_offer",
    "set_reserve",
    "sign_contract",
]
