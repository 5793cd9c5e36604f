"""Reading remittances and receivables: facts, lists, details, lives, balances as of a day."""

from cessio.receivables.queries.facts import (
    ContractFacts,
    contract_balances,
    contract_facts,
    set_off_transaction,
)
from cessio.receivables.queries.locks import (
    RemittanceUnknown,
    last_line,
    lock_contract,
    locked_remittance,
    next_remittance_number,
)
from cessio.receivables.queries.planned import Planned, PlannedDocument, planned

__all__ = [
    "ContractFacts",
    "Planned",
    "PlannedDocument",
    "RemittanceUnknown",
    "contract_balances",
    "contract_facts",
    "last_line",
    "lock_contract",
    "locked_remittance",
    "next_remittance_number",
    "planned",
    "set_off_transaction",
]
