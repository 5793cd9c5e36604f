"""A contract is a factoring agreement with one client, in one currency.

Its *terms* are every parameter that decides money; a change is a new *version* with the date it
takes effect and the instant it was decided, so that any past day can be told as it was known.
A *reserve* withholds an amount from the contract as a whole; an *excluded* debtor's invoices are
bought but not funded. A *fixing* is the published value of a reference rate from a date on.
"""

from cessio.contracts.operations import (
    change_terms,
    end_contract,
    end_exclusion,
    end_reserve,
    exclude_debtor,
    import_fixings,
    record_fixing,
    set_reserve,
    sign_contract,
)
from cessio.contracts.queries import contract, fixing_on, terms_in_force, terms_of_all
from cessio.contracts.rules import Product, Terms, product_defaults

__all__ = [
    "Product",
    "Terms",
    "change_terms",
    "contract",
    "end_contract",
    "end_exclusion",
    "end_reserve",
    "exclude_debtor",
    "fixing_on",
    "import_fixings",
    "product_defaults",
    "record_fixing",
    "set_reserve",
    "sign_contract",
    "terms_in_force",
    "terms_of_all",
]
