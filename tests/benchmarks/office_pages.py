"""What is heaviest in the back office, by address: of the largest, in every filter and order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page to time: its name in the table, its address, the role of who opens it."""

    name: str
    path: str
    role: str = "account_manager"


#: What addresses are filled with, each one value of this book.
THE_ONE = {
    "contract": "SELECT contract_id FROM receivable WHERE closed_on IS NULL"
                " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "client": "SELECT client_id FROM receivable WHERE closed_on IS NULL"
              " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "debtor": "SELECT debtor_id FROM receivable WHERE closed_on IS NULL"
              " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "pair_contract": "SELECT contract_id FROM receivable WHERE closed_on IS NULL"
                     " GROUP BY contract_id, debtor_id ORDER BY count(*) DESC LIMIT 1",
    "pair_debtor": "SELECT debtor_id FROM receivable WHERE closed_on IS NULL"
                   " GROUP BY contract_id, debtor_id ORDER BY count(*) DESC LIMIT 1",
    "pair_invoice": "SELECT max(id) FROM receivable WHERE closed_on IS NULL AND kind = 'invoice'"
                    " GROUP BY contract_id, debtor_id ORDER BY count(*) DESC LIMIT 1",
    "reference": "SELECT reference FROM contract ORDER BY id DESC LIMIT 1 OFFSET 500",
    "number": "SELECT number FROM receivable ORDER BY id DESC LIMIT 1 OFFSET 100000",
    "amount": "SELECT amount_minor / 100 || ',' || lpad((amount_minor % 100)::text, 2, '0')"
              " FROM receivable ORDER BY id DESC LIMIT 1 OFFSET 100000",
    "siren": "SELECT siren FROM company JOIN debtor ON debtor.company_id = company.id"
             " WHERE siren IS NOT NULL ORDER BY debtor.id DESC LIMIT 1 OFFSET 1000",
    "name": "SELECT split_part(name, ' ', 1) FROM company JOIN debtor"
            " ON debtor.company_id = company.id ORDER BY debtor.id DESC LIMIT 1 OFFSET 1000",
    "remittance": "SELECT remittance_id FROM remittance_line GROUP BY 1"
                  " ORDER BY count(*) DESC LIMIT 1",
    "invoice": "SELECT receivable_id FROM ledger_entry WHERE receivable_id IS NOT NULL"
               " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "statement": "SELECT statement_id FROM bank_line GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "order": "SELECT order_id FROM drawdown WHERE order_id IS NOT NULL GROUP BY 1"
             " ORDER BY count(*) DESC LIMIT 1",
    "line": "SELECT max(bank_line_id) FROM waiting_line",
    "manager": "SELECT account_manager_id FROM client GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
}  # fmt: skip

_RECEIVABLES = "/backoffice/receivables?"
_FILTERS = (
    "status=overdue", "status=disputed", "status=held", "status=closed", "status=reversed",
    "status=any", "sort=assigned", "sort=due", "sort=-due", "sort=number", "sort=amount",
    "sort=-amount", "age=not_due", "age=1-30", "age=31-60", "age=61-90", "age=90%2B",
    "reason=overdue", "reason=too_old", "reason=not_yet_delivered", "reason=not_verified",
    "reason=debtor_insolvent", "reason=debtor_excluded", "reason=disputed", "uncovered=yes",
    "follower=me", "follower=nobody", "manager=me", "manager={manager}", "kind=credit_note",
    "kind=on_account", "kind=invoice", "dispute=quality", "contract={contract}",
    "contract={contract}&status=overdue", "contract={contract}&sort=due",
    "contract={contract}&status=closed", "contract={contract}&uncovered=yes",
    "debtor={debtor}", "debtor={debtor}&status=overdue", "debtor={debtor}&sort=amount",
    "debtor={debtor}&status=any", "client={name}", "who={name}", "siren={siren}",
    "number={number}", "number=FA", "number=2", "amount={amount}",
    "amount_from=1000&amount_to=1010", "amount_from=100", "reference={reference}",
    "due_from=2026-11-01&due_to=2026-11-30", "due_to=2026-09-30",
    "issued_from=2026-11-01&issued_to=2026-11-02", "issued_from=2026-08-01",
    "assigned_from=2026-11-19", "assigned_to=2026-09-30", "remittance={remittance}",
    "status=overdue&sort=-amount", "status=overdue&sort=due", "status=closed&sort=-amount",
    "status=closed&sort=number", "age=61-90&manager=me", "uncovered=yes&sort=-amount",
    "status=overdue&manager=me", "status=held&sort=due", "status=disputed&sort=-amount",
)  # fmt: skip
_CLIENT_TABS = (
    "overview", "evolution", "changes", "debtors", "activity", "costs", "notes", "documents",
    "identity", "history",
)  # fmt: skip

PAGES = (
    Page("Today, everything", "/backoffice?scope=all"),
    *(Page(f"Today of {role}", "/backoffice", role)
      for role in ("treasury", "cash_clerk", "credit_analyst", "auditor", "admin", "collector")),
    *(Page(f"Today of everybody, {role}", "/backoffice?scope=all", role)
      for role in ("treasury", "cash_clerk", "credit_analyst", "collector")),
    Page("portfolio, all", "/backoffice/portfolio?scope=all"),
    Page("portfolio, all, sorted", "/backoffice/portfolio?scope=all&sort=-outstanding"),
    Page("portfolio, all, searched", "/backoffice/portfolio?scope=all&q={name}"),
    Page("receivables", "/backoffice/receivables"),
    *(Page(f"receivables {one}", _RECEIVABLES + one) for one in _FILTERS),
    *(Page(f"largest client, {tab}", "/backoffice/clients/{client}?tab=" + tab)
      for tab in _CLIENT_TABS),
    Page("largest contract", "/backoffice/contracts/{contract}"),
    *(Page(f"largest contract, {one}", "/backoffice/contracts/{contract}/" + one)
      for one in ("withheld?line=ineligible&reason=overdue", "changes", "terms",
                  "what-if?amount=1000")),
    Page("largest debtor", "/backoffice/debtors/{debtor}"),
    Page("largest debtor's promises", "/backoffice/debtors/{debtor}/promises"),
    *(Page(f"largest pair, {name}", "/backoffice/limits/" + one, "credit_analyst")
      for name, one in (("its limits", "pairs/{pair_contract}/{pair_debtor}"),
                        ("a decision", "decide?contract={pair_contract}&debtor={pair_debtor}"))),
    Page("largest pair, an invoice", "/backoffice/receivables/{pair_invoice}"),
    *(Page(f"limits {one}", "/backoffice/limits" + one, "credit_analyst")
      for one in ("", "?state=all", "?sort=-amount", "?q={name}", "/in-force",
                  "/in-force?queued=yes", "/in-force?sort=-used", "/in-force?q={name}", "/watch",
                  "/watch?days=90")),
    Page("groups", "/backoffice/groups", "credit_analyst"),
    Page("largest remittance", "/backoffice/remittances/{remittance}"),
    *(Page(f"remittances {one}", "/backoffice/remittances" + one)
      for one in ("?state=all", "?state=submitted", "?faulty=yes", "?q={name}", "?sort=-amount",
                  "?contract={contract}", "?state=all&sort=amount")),
    Page("invoice with most entries", "/backoffice/receivables/{invoice}"),
    *(Page(f"disputes {one}", "/backoffice/disputes" + one)
      for one in ("?state=all", "?state=ended", "?sort=-amount", "?older=30", "?manager=me",
                  "?who={name}")),
    *(Page(f"verifications {one}", "/backoffice/verifications" + one)
      for one in ("?state=all", "?client={name}")),
    *(Page(f"signals {one}", "/backoffice/signals" + one) for one in ("?state=all", "?level=high")),
    Page("largest statement", "/backoffice/bank/statements/{statement}", "cash_clerk"),
    *(Page(f"bank lines {one}", "/backoffice/bank/lines" + one, "cash_clerk")
      for one in ("", "?state=all", "?state=open", "?state=set_aside", "?amount={amount}",
                  "?payer={name}", "?sort=-amount", "?from=2026-10-01&to=2026-10-31")),
    Page("matching, last line", "/backoffice/bank/lines/{line}", "cash_clerk"),
    Page("largest order", "/backoffice/funding/orders/{order}", "treasury"),
    *(Page(f"audit {one}", "/backoffice/audit" + one, "auditor")
      for one in ("?person={manager}", "?subject=contract", "?from=2026-11-01&to=2026-11-02")),
    *(Page(f"{kind} {one}", f"/backoffice/{kind}" + one)
      for kind in ("clients", "debtors", "contracts")
      for one in ("?q={name}", "?sort=-outstanding")),
    *(Page(f"search {one}", "/backoffice/search?q=" + one)
      for one in ("{number}", "FA-2026", "{name}", "{siren}", "{amount}", "{reference}", "ma")),
    *(Page(f"{address}, file", f"/backoffice/{address}{joint}format=csv", role)
      for address, joint, role in (
          ("receivables", "?", "account_manager"), ("receivables?status=overdue", "&", "auditor"),
          ("remittances?state=all", "&", "account_manager"), ("contracts", "?", "account_manager"),
          ("debtors", "?", "account_manager"), ("bank/lines?state=all", "&", "cash_clerk"),
          ("limits/in-force", "?", "credit_analyst"), ("disputes", "?", "account_manager"),
          ("portfolio?scope=all", "&", "account_manager"), ("audit", "?", "auditor"),
      )),
)  # fmt: skip
