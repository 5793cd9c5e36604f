"""Words for people, their rights, decisions and the parties."""

from cessio.approvals.rules import Decision
from cessio.identity.rules import Role, Scope
from cessio.parties.rules import Segment
from cessio.plumbing.i18n import lazy
from cessio.web.words.registry import labels, tones

labels(
    Role,
    {
        Role.ADMIN: lazy("Administrator"),
        Role.ACCOUNT_MANAGER: lazy("Account manager"),
        Role.CREDIT_ANALYST: lazy("Credit analyst"),
        Role.CASH_CLERK: lazy("Cash clerk"),
        Role.TREASURY: lazy("Treasury"),
        Role.COLLECTOR: lazy("Collector"),
        Role.AUDITOR: lazy("Auditor"),
        Role.SIGNATORY: lazy("Signatory"),
        Role.OPERATOR: lazy("Operator"),
        Role.READER: lazy("Reader"),
        Role.GUEST: lazy("Guest"),
    },
)
labels(
    Scope,
    {
        Scope.PARTIES_READ: lazy("Read companies"),
        Scope.CONTRACTS_READ: lazy("Read contracts"),
        Scope.RECEIVABLES_READ: lazy("Read receivables"),
        Scope.REMITTANCES_WRITE: lazy("Prepare remittances"),
        Scope.LIMITS_READ: lazy("Read limits"),
        Scope.LIMITS_WRITE: lazy("Ask for limits"),
        Scope.FUNDING_READ: lazy("Read funding"),
        Scope.FUNDING_WRITE: lazy("Draw funds"),
        Scope.CASH_READ: lazy("Read receipts"),
        Scope.CASH_WRITE: lazy("Import bank files"),
        Scope.STATEMENTS_READ: lazy("Read statements"),
        Scope.STATEMENTS_WRITE: lazy("Say how often statements are made"),
        Scope.REPORTS_READ: lazy("Read reports"),
        Scope.DISPUTES_WRITE: lazy("Tell of disputes and end them"),
        Scope.PAYMENTS_WRITE: lazy("Decide drawdowns and pay them"),
        Scope.SETTINGS_WRITE: lazy("Record index rates, schedule reports"),
        Scope.MESSAGES_WRITE: lazy("Hand in answers to messages"),
    },
)
labels(
    Segment,
    {
        Segment.NEW: lazy("New debtor"),
        Segment.REGULAR: lazy("Regular debtor"),
        Segment.AT_RISK: lazy("Debtor at risk"),
    },
)
labels(
    Decision,
    {
        Decision.APPROVED: lazy("Agreed"),
        Decision.REJECTED: lazy("Declined"),
        Decision.VOID: lazy("Void"),
    },
)
tones(Segment, {"danger": [Segment.AT_RISK], "attention": [Segment.NEW]})
tones(Decision, {"muted": [Decision.VOID]})
