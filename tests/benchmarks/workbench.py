"""``make morning``: two hundred lines the matcher left, worked off at the keyboard in a browser.

A book of forty debtors, a bank file of lines as clerks meet them, and Chromium at the real
workbench: the robot knows what each line pays and presses what a person would. Printed by kind of
line: keys, seconds the machine took (from the key to the next page, drawn), milliseconds of them
before the first byte. A person's minutes are reckoned by the keystroke-level model (Card, Moran
and Newell): 1.35 s to think before each step, 0.2 s a key, and the machine's own time. Ends with 1
when that is over twenty minutes, or when anything was matched otherwise than it should be. A number
after the command is how many lines instead.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from time import perf_counter

from playwright.sync_api import Error, Page, sync_playwright
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cessio import banking, cash, parties
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.cash import queries
from cessio.cash.operations import proposals_now
from cessio.cash.queries import StoredProposal
from cessio.kernel.calendar import business_date
from cessio.parties import CompanyDetails
from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine, transaction
from cessio.plumbing.embedded import ensure_running
from cessio.receivables.operations import NewDocument
from cessio.worker import compose
from tests.browser.conftest import DESK, FLAGS, program
from tests.browser.door import sign_in
from tests.receivables.books import Book, assigned, open_book
from tests.serving import lately, serve
from tests.web.backoffice.desk import OUR_BIC, OUR_IBAN

WORK = "/backoffice/bank/matching"
LINES, MINUTES = 200, 20
THINK, KEY = 1.35, 0.2
#: Ordinary debtors, and invoices of each that nobody pays this morning.
DEBTORS, OTHERS = 40, 6
_WORDS = ("Bois", "Cuir", "Fer", "Grès", "Lin", "Miel", "Pierre", "Sel", "Terre", "Verre")


@dataclass(frozen=True)
class Case:
    """A line, and the keys that clear it; ``pays`` is what it settles, by number of document."""

    kind: str
    entry: ParsedEntry
    pays: dict[str, int]
    hand: Callable[[Clerk], None] | None = None


@dataclass
class Spent:
    """What lines of one kind cost."""

    lines: int = 0
    keys: int = 0
    steps: int = 0
    machine: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)

    @property
    def person(self) -> float:
        """Seconds of a person at the keyboard."""
        return self.steps * THINK + self.keys * KEY + sum(self.machine)


@dataclass
class Clerk:
    """Denis at the keyboard."""

    page: Page
    spent: Spent = field(default_factory=Spent)

    def press(self, key: str) -> None:
        """A key that opens another page, and the wait for it to be drawn."""
        self.spent.keys += 1
        self.spent.steps += 1
        self.page.evaluate("document.querySelector('main').dataset.before = 'yes'")
        start = perf_counter()
        self.page.keyboard.press(key)
        self.page.locator("main:not([data-before])").wait_for()
        if self.page.locator("[autofocus]").count():
            self.page.locator(":focus").wait_for(state="attached")
        self.spent.machine.append(perf_counter() - start)
        self.spent.server.append(self.page.evaluate(
            "(() => { const sent = performance.getEntriesByType('resource')"
            ".filter((one) => one.initiatorType === 'xmlhttprequest');"
            " const last = sent.at(-1) || performance.getEntriesByType('navigation')[0];"
            " performance.clearResourceTimings(); return last.responseStart - last.startTime })()"
        ))  # fmt: skip

    def type(self, words: str) -> None:
        self.spent.keys += len(words)
        self.page.keyboard.type(words)


class Morning:
    """The book and the bank's file, made together so that every line has its answer."""

    def __init__(self, session: Session, at: datetime) -> None:
        self.session, self.at = session, at
        self.book: Book = open_book(session, at, blanket_cover_minor=500_000_00, value_days_in=0)
        self.debtors = [self._debtor(place) for place in range(DEBTORS)]
        self.bills: dict[int, list[NewDocument]] = {self.book.alpha: [], self.book.bravo: []}
        self.cases: list[Case] = []
        self.count = 0

    def _debtor(self, place: int) -> tuple[int, str]:
        name = f"Atelier {_word(place)} {place:02d}"
        details = CompanyDetails(name, registration_number=f"B{place:04d}", country="BE")
        found = parties.register_debtor(self.session, details=details, by="system:setup",
                                        at=self.at)  # fmt: skip
        return found.id, name

    def bill(self, debtor: int, minor: int, *, days: int = 30, bravo: bool = False) -> str:
        """An invoice on a debtor; its number."""
        self.count += 1
        number = f"{'BT' if bravo else 'FA'}-26{self.count:04d}"
        issued = self.at.date() - timedelta(days=40)
        self.bills[self.book.bravo if bravo else self.book.alpha].append(
            NewDocument(number=number, issue_date=issued, due_date=issued + timedelta(days=days),
                        amount_minor=minor, debtor_id=self.debtors[debtor][0])
        )  # fmt: skip
        return number

    def line(
        self, kind: str, debtor: int | str, minor: int, words: str, pays: dict[str, int],
        hand: Callable[[Clerk], None] | None = None,
    ) -> None:  # fmt: skip
        """A line of the file, its payer a debtor or a name nobody knows."""
        name = debtor if isinstance(debtor, str) else self.debtors[debtor][1].upper()
        detail = ParsedDetail(debtor=Party(name=name), remittance=(words,) if words else (),
                              amount_minor=minor)  # fmt: skip
        today = self.at.date()
        self.cases.append(Case(kind, ParsedEntry(
            amount_minor=minor, currency="EUR", booked_on=today, value_date=today,
            bank_ref=f"R{len(self.cases):05d}", details=(detail,),
        ), pays, hand))  # fmt: skip

    def fill(self, lines: int) -> None:
        """So many lines, ten kinds of them in turn."""
        for place in range(DEBTORS):
            for other in range(OTHERS):
                self.bill(place, 1_000_00 + place * 7_13 + other * 111_17, days=30 + other)
        for n in range(lines):
            _KINDS[n % len(_KINDS)](self, n)
        for contract, bills in self.bills.items():
            assigned(self.session, self.book, self.at, *bills, contract=contract)


def _word(place: int) -> str:
    return _WORDS[place % len(_WORDS)]


def _part(m: Morning, n: int) -> None:
    number = m.bill(n % DEBTORS, 9_000_00 + n * 100)
    m.line("part payment", n % DEBTORS, 4_000_00 + n, f"ACOMPTE {number}", {number: 4_000_00 + n})


def _discount(m: Morning, n: int) -> None:
    number = m.bill(n % DEBTORS, 5_000_00 + n * 100)
    minor = (5_000_00 + n * 100) * 98 // 100
    m.line("early-payment discount", n % DEBTORS, minor, f"{number} ESCOMPTE 2%",
           {number: 5_000_00 + n * 100})  # fmt: skip


def _odd(m: Morning, n: int) -> None:
    number = m.bill(n % DEBTORS, 6_000_00 + n * 100)
    m.line("odd amount missing", n % DEBTORS, 5_901_13, number, {number: 5_901_13})


def _named(m: Morning, n: int) -> None:
    one, two = m.bill(n % DEBTORS, 2_000_00 + n), m.bill(n % DEBTORS, 3_000_00 + n, bravo=True)
    m.line("several named, one short", n % DEBTORS, 4_500_00, f"{one} + {two}",
           {two: 3_000_00 + n, one: 1_500_00 - n})  # fmt: skip


def _sum(m: Morning, n: int) -> None:
    one, two = m.bill(n % DEBTORS, 7_321_07 + n * 13, days=50), m.bill(n % DEBTORS, 811_03 + n * 17)
    m.line("several, nothing written", n % DEBTORS, 8_132_10 + n * 30, "VIREMENT",
           {one: 7_321_07 + n * 13, two: 811_03 + n * 17})  # fmt: skip


def _twin(m: Morning, n: int) -> None:
    minor = 1_850_00 + n
    one = m.bill(n % DEBTORS, minor, days=20)
    m.bill(n % DEBTORS, minor, days=50)
    m.line("two of the same amount", n % DEBTORS, minor, "LOYER MATERIEL", {one: minor})


def _other(m: Morning, n: int) -> None:
    number = m.bill(n % DEBTORS, 3_300_00 + n)
    m.line("paid by another debtor", (n + 7) % DEBTORS, 3_300_00 + n, f"POUR CPTE {number}",
           {number: 3_300_00 + n})  # fmt: skip


def _alias(m: Morning, n: int) -> None:
    debtor, minor = n // 16 % 3, 4_410_00 + n * 3
    number = m.bill(debtor, minor)
    first = n < 16 * 3  # says which invoice it pays a part of; what follows says nothing
    paid = 2_000_00 + n if first else minor
    m.line("under another name", f"HOLDING {_word(debtor)} TRESO", paid,
           f"ACOMPTE {number}" if first else "VIREMENT", {number: paid})  # fmt: skip


def _hub(m: Morning, n: int) -> None:
    one = m.bill(n % DEBTORS, 2_100_00 + n)
    two = m.bill((n + 11) % DEBTORS, 1_700_00 + n, bravo=True)

    def hand(clerk: Clerk) -> None:
        clerk.press("s")
        for number in (one, two):
            clerk.type(number)
            clerk.press("Enter")
            clerk.press("Enter")
        clerk.press("Enter")

    m.line("one payer for several debtors", "CENTRALE DE PAIEMENT", 3_800_00 + 2 * n,
           "REGLEMENT GROUPE", {one: 2_100_00 + n, two: 1_700_00 + n}, hand)  # fmt: skip


def _double(m: Morning, n: int) -> None:
    def hand(clerk: Clerk) -> None:
        clerk.press("p")
        clerk.type("Payé deux fois ?")
        clerk.press("Enter")

    m.line("paid before, or not ours", "SCI LES TILLEULS", 777_77 + n, "LOYER", {}, hand)


_KINDS = (_part, _discount, _odd, _named, _sum, _twin, _part, _other, _alias, _discount, _hub,
          _double, _named, _sum, _odd, _part)  # fmt: skip


def main(lines: int = LINES) -> int:
    """The morning, its table, and whether it was short and right."""
    compose()
    with tempfile.TemporaryDirectory(prefix="cessio-morning-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = ensure_running(folder / "postgres")
        try:
            migrate.upgrade(server.url)
            return _morning(make_engine(server.url), folder, lines)
        finally:
            server.stop(mode="immediate")


def _morning(engine: Engine, folder: Path, lines: int) -> int:
    at = lately()
    with transaction(engine) as session:
        morning = Morning(session, at)
        morning.fill(lines)
        _receive(session, morning)
    with serve(engine.url, folder) as address, _tab() as page:
        denis = morning.book.people.denis
        sign_in(page, address, engine, denis, home="/backoffice")
        page.goto(f"{address}{WORK}")
        told = _work_off(engine, page, morning.cases)
    return _report(told, _wrong(engine, morning.cases))


def _receive(session: Session, morning: Morning) -> None:
    """The bank's file, as the import takes it: what is sure applies by itself."""
    people, at = morning.book.people, morning.at
    banking.open_account(session, name="Encaissements", iban=OUR_IBAN, bic=OUR_BIC, holder="Cessio",
                         is_payout=True, by="system:setup", at=at)  # fmt: skip
    entries = tuple(case.entry for case in morning.cases)
    total = sum(entry.amount_minor for entry in entries)
    balances = Balance("OPBD", 0, at.date()), Balance("CLBD", total, at.date())
    statement = ParsedStatement(
        kind="camt.053", statement_ref="MATIN", currency="EUR", iban=OUR_IBAN, from_on=at.date(),
        to_on=at.date(), opening=balances[0], closing=balances[1], balances=balances,
        entries=entries,
    )  # fmt: skip
    data = camt053_bytes([statement], message_id="MATIN", created_at=at)
    banking.import_statement(session, data=data, filename="matin.xml", by=people.denis.by, at=at)
    cash.match_open_lines(session, by="job:cash.match", at=at)


@contextmanager
def _tab() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=FLAGS)
        context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]},
                                      locale="fr-FR", timezone_id="Europe/Paris")  # fmt: skip
        yield context.new_page()
        browser.close()


def _work_off(engine: Engine, page: Page, cases: list[Case]) -> dict[str, Spent]:
    """Clear what is in front until nothing waits."""
    told: dict[str, Spent] = {}
    clerk = Clerk(page)
    while True:
        row = page.locator(".queue tr[data-current] a")
        if not row.count():
            return told
        line_id = int((row.get_attribute("href") or "").rpartition("/")[2].partition("?")[0])
        case = cases[line_id - 1]
        clerk.spent = told.setdefault(case.kind, Spent())
        clerk.spent.lines += 1
        try:
            (case.hand or _as_proposed(engine, line_id, case))(clerk)
        except Error as error:
            page.screenshot(path=f"{tempfile.gettempdir()}/morning-failed.png", full_page=True)
            raise SystemExit(f"line {line_id}, {case.kind}, {page.url}: {error}") from error


def _as_proposed(engine: Engine, line_id: int, case: Case) -> Callable[[Clerk], None]:
    """Confirm the proposal that is right; when none is, look the documents up."""
    with transaction(engine) as session:
        on = business_date(datetime.now(UTC))
        ranks = [one.rank for one in proposals_now(session, line_id=line_id, on=on)
                 if _settles(one) == case.pays]  # fmt: skip

    def confirm(clerk: Clerk) -> None:
        if ranks[0] != 1:
            clerk.press(str(ranks[0]))
        clerk.press("Enter")

    def look_up(clerk: Clerk) -> None:
        clerk.press("s")
        for number in case.pays:
            clerk.type(number)
            clerk.press("Enter")
            clerk.press("Enter")
        clerk.press("Enter")

    return confirm if ranks else look_up


def _settles(stored: StoredProposal) -> dict[str, int]:
    names = {one.receivable_id: one.number for one in stored.receivables}
    return _by_number((names[part.receivable_id], part.amount_minor)
                      for part in stored.proposal.allocations)  # fmt: skip


def _by_number(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, minor in parts:
        found[number] = found.get(number, 0) + minor
    return found


def _wrong(engine: Engine, cases: list[Case]) -> list[str]:
    """Lines that did not settle what they should; a line that settles nothing is set aside."""
    found = []
    with transaction(engine) as session:
        for line_id, case in enumerate(cases, start=1):
            paid = _by_number(
                (label.number, part.amount_minor)
                for one in queries.applications_of(session, line_id=line_id)
                if one.undone_at is None
                for part, label in one.allocations
            )
            line = queries.workbench_line(session, line_id=line_id)
            done = line is not None and (line.parked_at is not None or not line.open_minor)
            if paid != case.pays or not done:
                found.append(f"{line_id} {case.kind}: {paid} instead of {case.pays}")
    return found


def _report(told: dict[str, Spent], wrong: list[str]) -> int:
    console = Console(width=120)
    table = Table("line", box=None)
    for head in ("lines", "keys a line", "steps", "machine s", "server ms", "person s a line"):
        table.add_column(head, justify="right")
    whole = Spent()
    for kind, spent in sorted(told.items(), key=lambda one: -one[1].person):
        _row(table, kind, spent)
        whole.lines, whole.keys = whole.lines + spent.lines, whole.keys + spent.keys
        whole.steps += spent.steps
        whole.machine += spent.machine
        whole.server += spent.server
    _row(table, "all", whole)
    console.print(table)
    minutes = whole.person * LINES / max(1, whole.lines) / 60
    console.print(
        f"{whole.lines} lines by {whole.keys} keys and no click; the slowest answer"
        f" {max(whole.machine):.2f} s; a person: {minutes:.1f} minutes for {LINES} lines"
    )
    for line in wrong:
        console.print(line, style="red")
    return 1 if wrong or minutes > MINUTES else 0


def _row(table: Table, kind: str, spent: Spent) -> None:
    n = max(1, spent.lines)
    table.add_row(kind, str(spent.lines), f"{spent.keys / n:.1f}", f"{spent.steps / n:.1f}",
                  f"{mean(spent.machine):.3f}", f"{mean(spent.server):.0f}",
                  f"{spent.person / n:.1f}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
