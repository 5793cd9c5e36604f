"""What is said of a contract's account: the statement, its journal, what debtors paid."""

from cessio.statements.rules.account import (
    MonthCost,
    PeriodError,
    Section,
    SectionKind,
    Statement,
    StatementLine,
    check_period,
    with_balances,
)
from cessio.statements.rules.collected import Collected, CollectedAs, vat_of_part, vat_rate
from cessio.statements.rules.journal import (
    DEFAULT_CHART,
    BookedEntry,
    Chart,
    ChartAccount,
    JournalLine,
    NotInEuros,
    check_chart,
    journal,
)

__all__ = [
    "DEFAULT_CHART",
    "BookedEntry",
    "Chart",
    "ChartAccount",
    "Collected",
    "CollectedAs",
    "JournalLine",
    "MonthCost",
    "NotInEuros",
    "PeriodError",
    "Section",
    "SectionKind",
    "Statement",
    "StatementLine",
    "check_chart",
    "check_period",
    "journal",
    "vat_of_part",
    "vat_rate",
    "with_balances",
]
