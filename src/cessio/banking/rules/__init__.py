"""What a statement adds up to, what a bank's status means for a payout, and why it says so."""

from cessio.banking.rules.lines import StatementLine, lines_of
from cessio.banking.rules.payouts import (
    REASONS,
    PaymentAnswer,
    PayoutOutcome,
    answers,
    outcome_of,
)
from cessio.banking.rules.statements import (
    Neighbour,
    Notice,
    StatementFacts,
    gaps,
    notices,
    statement_facts,
)

__all__ = [
    "REASONS",
    "Neighbour",
    "Notice",
    "PaymentAnswer",
    "PayoutOutcome",
    "StatementFacts",
    "StatementLine",
    "answers",
    "gaps",
    "lines_of",
    "notices",
    "outcome_of",
    "statement_facts",
]
