"""What the backoffice answers, one module per capability."""

from typing import Any

from cessio.web.backoffice import (
    account,
    approvals,
    audit,
    bank,
    companies,
    contract_changes,
    contract_terms,
    contracts,
    disputes,
    fixings,
    funding,
    jobs,
    ledger,
    limits,
    matching,
    parties,
    payers,
    receivable_acts,
    receivables,
    remittance_files,
    remittance_lines,
    remittance_reversal,
    remittances,
    search,
    settings,
    settlement,
    statements,
    today,
    users,
)

HANDLERS: list[Any] = [
    *today.HANDLERS, *contracts.HANDLERS, *contract_changes.HANDLERS, *contract_terms.HANDLERS,
    *parties.HANDLERS, *companies.HANDLERS, *limits.HANDLERS, *remittances.HANDLERS,
    *remittance_files.HANDLERS, *remittance_lines.HANDLERS, *remittance_reversal.HANDLERS,
    *receivables.HANDLERS, *receivable_acts.HANDLERS, *disputes.HANDLERS, *users.HANDLERS,
    *funding.HANDLERS,
    *bank.HANDLERS,
    *matching.HANDLERS,
    *payers.HANDLERS,
    *statements.HANDLERS,
    *settlement.HANDLERS,
    *fixings.HANDLERS,
    *ledger.HANDLERS,
    *jobs.HANDLERS,
    *audit.HANDLERS,
    *approvals.HANDLERS,
    *settings.HANDLERS,
    *search.HANDLERS,
    *account.HANDLERS,
]  # fmt: skip

__all__ = ["HANDLERS"]
