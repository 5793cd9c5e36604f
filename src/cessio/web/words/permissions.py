"""What each permission lets one do, in the order of the table of roles."""

from cessio.identity.rules import Audience, Permission
from cessio.plumbing.i18n import Lazy, lazy

P = Permission

#: Heading, whose roles, and the words of its permissions.
PERMISSION_GROUPS: tuple[tuple[Lazy, Audience, dict[Permission, Lazy]], ...] = (
    (lazy("Clients, debtors and contracts"), Audience.STAFF, {
        P.SEE_PARTIES: lazy("See clients and debtors"),
        P.EDIT_PARTIES: lazy("Change clients and debtors"),
        P.CONFIRM_ACCOUNTS: lazy("Confirm bank accounts"),
        P.SEE_CONTRACTS: lazy("See contracts"),
        P.EDIT_CONTRACTS: lazy("Sign and change contracts"),
        P.APPROVE_CONTRACTS: lazy("Agree to contract changes"),
        P.SEE_LIMITS: lazy("See limits"),
        P.DECIDE_LIMITS: lazy("Decide limits"),
        P.APPROVE_LIMITS: lazy("Agree to limits"),
    }),
    (lazy("Invoices"), Audience.STAFF, {
        P.SEE_RECEIVABLES: lazy("See remittances and receivables"),
        P.DECIDE_REMITTANCES: lazy("Accept and refuse remittances"),
        P.APPROVE_REMITTANCES: lazy("Agree to remittances"),
        P.HANDLE_DISPUTES: lazy("Open and end disputes"),
        P.TRANSFER_BACK: lazy("Transfer invoices back"),
        P.APPROVE_WRITE_OFFS: lazy("Agree to losses and invoices given back"),
        P.COLLECT: lazy("Collect"),
    }),
    (lazy("Money"), Audience.STAFF, {
        P.SEE_FUNDING: lazy("See drawdowns and payouts"),
        P.DECIDE_DRAWDOWNS: lazy("Decide drawdowns"),
        P.APPROVE_DRAWDOWNS: lazy("Agree to drawdowns"),
        P.PREPARE_PAYMENTS: lazy("Prepare payment orders"),
        P.RELEASE_PAYMENTS: lazy("Release payment orders"),
        P.SEE_CASH: lazy("See bank statements and matching"),
        P.IMPORT_STATEMENTS: lazy("Import bank statements"),
        P.APPLY_CASH: lazy("Apply receipts"),
        P.SEE_LEDGER: lazy("See the ledger"),
        P.SETTLE: lazy("Run the settlement"),
        P.CLOSE_PERIODS: lazy("Close periods"),
        P.BOOK_OWN_MEANS: lazy("Book capital and refinancing"),
    }),
    (lazy("Control"), Audience.STAFF, {
        P.SEE_SCREENING: lazy("See how parties are screened"),
        P.DECIDE_SCREENING: lazy("Load lists and decide on screening alerts"),
        P.SEE_REPORTS: lazy("See reports"),
        P.EXPORT: lazy("Export"),
        P.SEE_AUDIT: lazy("See the audit trail"),
        P.MANAGE_PEOPLE: lazy("Give and take access"),
        P.APPROVE_PEOPLE: lazy("Agree to access and roles of the staff"),
        P.MANAGE_SETTINGS: lazy("Change settings"),
        P.APPROVE_SETTINGS: lazy("Agree to changed settings"),
    }),
    (lazy("In the portal, for one's own firm"), Audience.CLIENT, {
        P.OWN_SEE: lazy("See everything"),
        P.OWN_EXPORT: lazy("Export statements"),
        P.OWN_PREPARE: lazy("Make remittances ready"),
        P.OWN_DISPUTE: lazy("Tell of disputes"),
        P.OWN_ASK_LIMITS: lazy("Ask for more cover"),
        P.OWN_ASSIGN: lazy("Confirm remittances"),
        P.OWN_DRAW: lazy("Draw funds"),
        P.OWN_SHARE: lazy("Share with accountant and banker"),
        P.OWN_CHANGE_ACCOUNT: lazy("Ask to be paid on another account"),
        P.OWN_MANAGE_PEOPLE: lazy("Manage the firm's users"),
    }),
)  # fmt: skip
#: The words of each.
PERMISSION_WORDS: dict[Permission, Lazy] = {
    one: words for _title, _of, names in PERMISSION_GROUPS for one, words in names.items()
}
