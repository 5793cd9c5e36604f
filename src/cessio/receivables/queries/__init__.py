"""Reading remittances and receivables: facts, lists, details, lives, balances as of a day."""

from cessio.receivables.queries.balances import (
    OpenDocument,
    open_book,
    open_by_debtor,
)
from cessio.receivables.queries.debtors import (
    ContractDebtor,
    DebtorStanding,
    contract_debtors,
    debtor_standing,
    debtor_standings,
)
from cessio.receivables.queries.disputes import DisputeRow, disputes, open_disputes
from cessio.receivables.queries.facts import (
    ContractFacts,
    contract_balances,
    contract_facts,
    set_off_transaction,
)
from cessio.receivables.queries.lives import (
    DisputeView,
    HoldView,
    LifeEvent,
    ReceivableView,
    SetOffView,
    dispute,
    receivable,
    set_offs_of,
)
from cessio.receivables.queries.locks import (
    RemittanceUnknown,
    last_line,
    lock_contract,
    locked_remittance,
    next_remittance_number,
)
from cessio.receivables.queries.mappings import remembered_mapping
from cessio.receivables.queries.planned import Planned, PlannedDocument, planned
from cessio.receivables.queries.receipts import (
    ReceiptAltered,
    ReceiptLine,
    ReceiptView,
    receipt_view,
)
from cessio.receivables.queries.remittances import (
    LineView,
    RemittanceRow,
    RemittanceView,
    StateView,
    lines,
    remittance,
    remittances,
    remittances_called,
)
from cessio.receivables.queries.search import (
    Order,
    ReceivableFilter,
    ReceivableRow,
    ReceivableTotals,
    Status,
    receivable_totals,
    receivables,
    rows_of,
)

__all__ = [
    "ContractDebtor",
    "ContractFacts",
    "DebtorStanding",
    "DisputeRow",
    "DisputeView",
    "HoldView",
    "LifeEvent",
    "LineView",
    "OpenDocument",
    "Order",
    "Planned",
    "PlannedDocument",
    "ReceiptAltered",
    "ReceiptLine",
    "ReceiptView",
    "ReceivableFilter",
    "ReceivableRow",
    "ReceivableTotals",
    "ReceivableView",
    "RemittanceRow",
    "RemittanceUnknown",
    "RemittanceView",
    "SetOffView",
    "StateView",
    "Status",
    "contract_balances",
    "contract_debtors",
    "contract_facts",
    "debtor_standing",
    "debtor_standings",
    "dispute",
    "disputes",
    "last_line",
    "lines",
    "lock_contract",
    "locked_remittance",
    "next_remittance_number",
    "open_book",
    "open_by_debtor",
    "open_disputes",
    "planned",
    "receipt_view",
    "receivable",
    "receivable_totals",
    "receivables",
    "remembered_mapping",
    "remittance",
    "remittances",
    "remittances_called",
    "rows_of",
    "set_off_transaction",
    "set_offs_of",
]
