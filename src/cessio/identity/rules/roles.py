"""Who may do what: the roles, their permissions in one table, and the scopes of API tokens."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    """Which application a person uses: the factor's, a client's, or what clients share."""

    STAFF = "staff"
    CLIENT = "client"
    GUEST = "guest"


class Role(StrEnum):
    """What a person is at the factor (the first seven), at a client (the next three), or neither.

    A guest may do nothing by its role: what it reads is what clients share with it, no more.
    """

    ADMIN = "admin"
    ACCOUNT_MANAGER = "account_manager"
    CREDIT_ANALYST = "credit_analyst"
    CASH_CLERK = "cash_clerk"
    TREASURY = "treasury"
    COLLECTOR = "collector"
    AUDITOR = "auditor"
    SIGNATORY = "signatory"
    OPERATOR = "operator"
    READER = "reader"
    GUEST = "guest"


CLIENT_ROLES = frozenset({Role.SIGNATORY, Role.OPERATOR, Role.READER})
STAFF_ROLES = frozenset(Role) - CLIENT_ROLES - {Role.GUEST}


class Permission(StrEnum):
    """One thing a role may do; ``own_*`` are a client's, on its own contracts only."""

    SEE_PARTIES = "see_parties"
    EDIT_PARTIES = "edit_parties"
    CONFIRM_ACCOUNTS = "confirm_accounts"
    SEE_CONTRACTS = "see_contracts"
    EDIT_CONTRACTS = "edit_contracts"
    APPROVE_CONTRACTS = "approve_contracts"
    SEE_RECEIVABLES = "see_receivables"
    DECIDE_REMITTANCES = "decide_remittances"
    APPROVE_REMITTANCES = "approve_remittances"
    HANDLE_DISPUTES = "handle_disputes"
    TRANSFER_BACK = "transfer_back"
    APPROVE_WRITE_OFFS = "approve_write_offs"
    SEE_LIMITS = "see_limits"
    DECIDE_LIMITS = "decide_limits"
    APPROVE_LIMITS = "approve_limits"
    SEE_FUNDING = "see_funding"
    DECIDE_DRAWDOWNS = "decide_drawdowns"
    APPROVE_DRAWDOWNS = "approve_drawdowns"
    PREPARE_PAYMENTS = "prepare_payments"
    RELEASE_PAYMENTS = "release_payments"
    SEE_CASH = "see_cash"
    IMPORT_STATEMENTS = "import_statements"
    APPLY_CASH = "apply_cash"
    COLLECT = "collect"
    SEE_LEDGER = "see_ledger"
    SETTLE = "settle"
    CLOSE_PERIODS = "close_periods"
    BOOK_OWN_MEANS = "book_own_means"
    SEE_SCREENING = "see_screening"
    DECIDE_SCREENING = "decide_screening"
    SEE_REPORTS = "see_reports"
    EXPORT = "export"
    SEE_AUDIT = "see_audit"
    MANAGE_PEOPLE = "manage_people"
    APPROVE_PEOPLE = "approve_people"
    MANAGE_SETTINGS = "manage_settings"
    APPROVE_SETTINGS = "approve_settings"
    OWN_SEE = "own_see"
    OWN_EXPORT = "own_export"
    OWN_PREPARE = "own_prepare"
    OWN_DISPUTE = "own_dispute"
    OWN_ASK_LIMITS = "own_ask_limits"
    OWN_ASSIGN = "own_assign"
    OWN_DRAW = "own_draw"
    OWN_SHARE = "own_share"
    OWN_CHANGE_ACCOUNT = "own_change_account"
    OWN_MANAGE_PEOPLE = "own_manage_people"


# A column a role. The admin opens doors and never walks through the ones that move money; who
# prepares a payment may also be allowed to release one, but never the same (approvals say so).
# The auditor moves nothing and begins nothing: that is why it is the second person for what an
# administrator asks, where the house has one administrator only.
_STAFF_TABLE = """
                     admin  account_manager  credit_analyst  cash_clerk  treasury  collector  auditor
see_parties            x           x               x             x          x          x         x
edit_parties           .           x               x             .          .          x         .
confirm_accounts       .           .               .             .          x          .         .
see_contracts          x           x               x             x          x          x         x
edit_contracts         .           x               .             .          .          .         .
approve_contracts      .           x               x             .          x          .         .
see_receivables        x           x               x             x          x          x         x
decide_remittances     .           x               .             .          .          .         .
approve_remittances    .           x               x             .          .          .         .
handle_disputes        .           x               x             .          .          x         .
transfer_back          .           x               .             .          .          .         .
approve_write_offs     .           x               x             .          .          .         .
see_limits             x           x               x             x          x          x         x
decide_limits          .           .               x             .          .          .         .
approve_limits         .           .               x             .          x          .         .
see_funding            x           x               x             x          x          .         x
decide_drawdowns       .           x               .             .          .          .         .
approve_drawdowns      .           x               .             .          x          .         .
prepare_payments       .           .               .             .          x          .         .
release_payments       .           .               .             .          x          .         .
see_cash               x           x               .             x          x          x         x
import_statements      .           .               .             x          x          .         .
apply_cash             .           .               .             x          .          .         .
collect                .           x               .             .          .          x         .
see_ledger             x           x               .             x          x          .         x
settle                 .           .               .             .          x          .         .
close_periods          .           .               .             .          x          .         .
book_own_means         .           .               .             .          x          .         .
see_screening          .           x               x             .          x          .         x
decide_screening       .           .               x             .          x          .         .
see_reports            x           x               x             x          x          x         x
export                 .           x               x             x          x          x         x
see_audit              x           .               .             .          .          .         x
manage_people          x           .               .             .          .          .         .
approve_people         x           .               .             .          .          .         x
manage_settings        x           .               .             .          .          .         .
approve_settings       x           .               .             .          .          .         x
"""  # noqa: E501

_CLIENT_TABLE = """
                     signatory  operator  reader
own_see                  x          x        x
own_export               x          x        x
own_prepare              x          x        .
own_dispute              x          x        .
own_ask_limits           x          x        .
own_assign               x          .        .
own_draw                 x          .        .
own_share                x          .        .
own_change_account       x          .        .
own_manage_people        x          .        .
"""


def _read(*tables: str) -> dict[Role, frozenset[Permission]]:
    granted: dict[Role, set[Permission]] = {role: set() for role in Role}
    for table in tables:
        head, *lines = table.strip().splitlines()
        roles = [Role(name) for name in head.split()]
        for line in lines:
            name, *marks = line.split()
            for role, mark in zip(roles, marks, strict=True):
                if mark == "x":
                    granted[role].add(Permission(name))
    return {role: frozenset(permissions) for role, permissions in granted.items()}


PERMISSIONS: dict[Role, frozenset[Permission]] = _read(_STAFF_TABLE, _CLIENT_TABLE)


def may(role: Role | str, permission: Permission) -> bool:
    """Whether a role holds a permission; false for a role that does not exist."""
    return role in PERMISSIONS and permission in PERMISSIONS[Role(role)]


def is_within(role: Role, other: Role) -> bool:
    """Whether a role of the same side may nothing that the other one may not."""
    return audience_of(role) is audience_of(other) and PERMISSIONS[role] <= PERMISSIONS[other]


def audience_of(role: Role) -> Audience:
    """The application a role belongs to."""
    if role is Role.GUEST:
        return Audience.GUEST
    return Audience.CLIENT if role in CLIENT_ROLES else Audience.STAFF


# -- API scopes --------------------------------------------------------------------------------


class Scope(StrEnum):
    """What an API token may be used for; never more than its person may do."""

    PARTIES_READ = "parties:read"
    CONTRACTS_READ = "contracts:read"
    RECEIVABLES_READ = "receivables:read"
    REMITTANCES_WRITE = "remittances:write"
    LIMITS_READ = "limits:read"
    LIMITS_WRITE = "limits:write"
    FUNDING_READ = "funding:read"
    FUNDING_WRITE = "funding:write"
    CASH_READ = "cash:read"
    CASH_WRITE = "cash:write"
    STATEMENTS_READ = "statements:read"
    STATEMENTS_WRITE = "statements:write"
    REPORTS_READ = "reports:read"
    DISPUTES_WRITE = "disputes:write"
    PAYMENTS_WRITE = "payments:write"
    SETTINGS_WRITE = "settings:write"
    MESSAGES_WRITE = "messages:write"


#: A scope needs one of these permissions of the person: the staff's, or the client's.
SCOPE_PERMISSIONS: dict[Scope, tuple[Permission, ...]] = {
    Scope.PARTIES_READ: (Permission.SEE_PARTIES, Permission.OWN_SEE),
    Scope.CONTRACTS_READ: (Permission.SEE_CONTRACTS, Permission.OWN_SEE),
    Scope.RECEIVABLES_READ: (Permission.SEE_RECEIVABLES, Permission.OWN_SEE),
    Scope.REMITTANCES_WRITE: (Permission.DECIDE_REMITTANCES, Permission.OWN_PREPARE),
    Scope.LIMITS_READ: (Permission.SEE_LIMITS, Permission.OWN_SEE),
    Scope.LIMITS_WRITE: (
        Permission.DECIDE_LIMITS,
        Permission.APPROVE_LIMITS,
        Permission.OWN_ASK_LIMITS,
    ),
    Scope.FUNDING_READ: (Permission.SEE_FUNDING, Permission.OWN_SEE),
    Scope.FUNDING_WRITE: (Permission.DECIDE_DRAWDOWNS, Permission.OWN_DRAW),
    Scope.CASH_READ: (Permission.SEE_CASH, Permission.OWN_SEE),
    Scope.CASH_WRITE: (Permission.IMPORT_STATEMENTS,),
    Scope.STATEMENTS_READ: (Permission.SEE_LEDGER, Permission.OWN_EXPORT),
    Scope.STATEMENTS_WRITE: (Permission.EDIT_CONTRACTS, Permission.OWN_PREPARE),
    Scope.REPORTS_READ: (Permission.SEE_REPORTS, Permission.OWN_EXPORT),
    Scope.DISPUTES_WRITE: (Permission.HANDLE_DISPUTES, Permission.OWN_DISPUTE),
    Scope.PAYMENTS_WRITE: (
        Permission.APPROVE_DRAWDOWNS,
        Permission.PREPARE_PAYMENTS,
        Permission.RELEASE_PAYMENTS,
    ),
    Scope.SETTINGS_WRITE: (Permission.MANAGE_SETTINGS, Permission.SETTLE),
    Scope.MESSAGES_WRITE: (Permission.MANAGE_SETTINGS, Permission.COLLECT),
}


def may_use(role: Role | str, scope: Scope) -> bool:
    """Whether a person of this role may hold or use a token with this scope."""
    return any(may(role, permission) for permission in SCOPE_PERMISSIONS[scope])
