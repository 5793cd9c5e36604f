"""Which line names the columns, and which column is which: words of French and English files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Field(StrEnum):
    """What a column may hold."""

    NUMBER = "number"
    KIND = "kind"
    DEBTOR_SIREN = "debtor_siren"
    DEBTOR_VAT = "debtor_vat"
    DEBTOR_NAME = "debtor_name"
    ISSUE_DATE = "issue_date"
    DUE_DATE = "due_date"
    AMOUNT = "amount"  # gross, VAT included
    NET = "net"
    VAT = "vat"
    DEBIT = "debit"
    CREDIT = "credit"
    CURRENCY = "currency"
    ORDER_REF = "order_ref"
    ORIGINAL_NUMBER = "original_number"


#: What columns are called, in the spelling of ``plain``. The first names are the surest.
SYNONYMS: dict[Field, tuple[str, ...]] = {
    Field.NUMBER: (
        "numero de facture", "no facture", "n facture", "num facture", "numero facture",
        "nfacture", "n de facture", "numero de piece", "n piece", "no piece", "num piece", "piece",
        "numero piece", "numero du document", "no document", "n document", "numero", "facture",
        "reference facture", "ref facture", "reference piece", "ref piece", "pieceref",
        "invoice number", "invoice no", "invoice nr", "invoice num", "invoicenumber", "invoice",
        "invoice id", "document number", "document no", "doc number", "doc no", "number",
        "invoice reference", "invoice ref", "inv no", "inv number", "voucher number",
    ),
    Field.KIND: (
        "type", "type de piece", "type piece", "type de document", "type document", "nature",
        "type facture", "sens", "document type", "doc type", "invoice type", "kind",
    ),
    Field.DEBTOR_SIREN: (
        "siren", "siret", "siren debiteur", "siret debiteur", "siren client", "siret client",
        "siren acheteur", "siret acheteur", "no siren", "n siren", "numero siren", "no siret",
        "n siret", "numero siret", "identifiant debiteur", "siren du debiteur", "siret du debiteur",
        "debtor siren", "buyer siren", "customer siren", "registration number", "company number",
        "buyer registration number", "debtor id", "siren number", "siret number",
    ),
    Field.DEBTOR_VAT: (
        "tva intracommunautaire", "no tva intracommunautaire", "n tva intracommunautaire",
        "numero de tva", "n tva", "no tva", "numero tva", "tva intracom", "numero tva client",
        "vat number", "vat no", "vat id", "vat registration number", "tax id", "tin",
        "debtor vat number", "customer vat number", "buyer vat number", "vatin",
    ),
    Field.DEBTOR_NAME: (
        "debiteur", "nom debiteur", "nom du debiteur", "raison sociale", "raison sociale debiteur",
        "raison sociale client", "client", "nom client", "nom du client", "acheteur",
        "nom acheteur", "denomination", "tiers", "nom tiers", "nom du tiers", "libelle tiers",
        "intitule", "intitule du compte", "compauxlib", "societe", "nom",
        "debtor", "debtor name", "customer", "customer name", "buyer", "buyer name", "name",
        "company", "company name", "account name", "partner", "partner name", "bill to",
    ),
    Field.ISSUE_DATE: (
        "date de facture", "date facture", "date d emission", "date emission", "date de piece",
        "date piece", "date du document", "date document", "date", "emission", "datefacture",
        "piecedate", "date de facturation", "date facturation", "emise le",
        "invoice date", "invoicedate", "issue date", "document date", "doc date", "date issued",
        "issued", "issued on", "billing date", "inv date", "posting date",
    ),
    Field.DUE_DATE: (
        "date d echeance", "date echeance", "echeance", "date ech", "dateecheance", "ech",
        "date de reglement", "date limite de paiement", "date limite", "a payer avant le",
        "due date", "duedate", "due", "payment due date", "maturity", "maturity date", "due on",
        "net due date", "pay by",
    ),
    Field.AMOUNT: (
        "montant ttc", "total ttc", "ttc", "mt ttc", "montant ttc eur", "net a payer",
        "montant du", "solde du", "reste du", "reste a payer", "montant facture", "montant",
        "solde", "total", "somme",
        "gross amount", "amount incl vat", "amount including vat", "total incl vat",
        "total including vat", "gross", "invoice amount", "invoiceamount", "total amount",
        "amount due", "balance due", "outstanding", "outstanding amount", "open amount", "amount",
        "invoice total", "total due", "balance", "value",
    ),
    Field.NET: (
        "montant ht", "total ht", "ht", "mt ht", "base ht", "hors taxe", "montant hors taxe",
        "net amount", "amount excl vat", "amount excluding vat", "net", "subtotal",
        "taxable amount",
    ),
    Field.VAT: (
        "montant tva", "tva", "total tva", "mt tva", "dont tva", "montant de tva",
        "vat", "vat amount", "tax", "tax amount", "total vat", "total tax",
    ),
    Field.DEBIT: ("debit", "montant debit", "debit amount", "debit eur"),
    Field.CREDIT: ("credit", "montant credit", "credit amount", "credit eur"),
    Field.CURRENCY: (
        "devise", "monnaie", "code devise", "devise facture",
        "currency", "currency code", "invoice currency", "ccy", "cur",
    ),
    Field.ORDER_REF: (
        "commande", "no commande", "n commande", "numero de commande", "ref commande",
        "reference commande", "bon de commande", "reference client", "ref client",
        "votre reference",
        "order", "order number", "order no", "order ref", "order reference", "po", "po number",
        "purchase order", "customer reference", "your reference",
    ),
    Field.ORIGINAL_NUMBER: (
        "facture d origine", "facture origine", "no facture d origine", "n facture origine",
        "numero facture origine", "facture rattachee", "facture concernee", "facture liee",
        "avoir sur facture", "sur facture", "ref facture origine",
        "original invoice", "original invoice number", "original number", "credited invoice",
        "related invoice", "applies to", "applies to invoice", "preceding invoice",
    ),
}  # fmt: skip

_BY_NAME = {name: field for field, names in SYNONYMS.items() for name in names}
_NAMES = list(_BY_NAME)
_RANK = {name: rank for names in SYNONYMS.values() for rank, name in enumerate(names)}
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FRENCH_WORDS = (
    "facture piece debiteur raison montant echeance avoir devise solde siret numero emission "
    "ttc tva ht acheteur societe commande"
)
_FRENCH = frozenset(_FRENCH_WORDS.split())
_SURE, _LIKELY, _FUZZY = Decimal("1"), Decimal("0.8"), Decimal("0.7")
_ALIKE = 90


@dataclass(frozen=True, slots=True)
class Header:
    """The line that names the columns; ``line`` None when the file has none.

    ``found`` gives each recognised field its column and how sure that is, from 0 to 1.
    """

    line: int | None
    names: tuple[str, ...]
    found: dict[Field, tuple[int, Decimal]]
    is_french: bool

    @property
    def hash(self) -> bytes:
        """The same for files whose columns have the same names in the same order."""
        return names_hash(self.names)

    @property
    def score(self) -> Decimal:
        """How much of a header it is."""
        return sum((sure for _, sure in self.found.values()), Decimal(0))


def plain(text: str) -> str:
    """A name without case, accents and punctuation: ``"N° de Facture"`` is ``"n de facture"``."""
    spaced = _CAMEL.sub(" ", text)
    folded = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode().lower()
    return _NOT_PLAIN.sub(" ", folded).strip()


def names_hash(names: Sequence[str]) -> bytes:
    """What a client's mapping is remembered by: the names of the columns, in order."""
    return hashlib.sha256("\x1f".join(map(plain, names)).encode()).digest()


def find_header(head: list[tuple[int, list[str]]], columns: int) -> Header:
    """The most header-like of the first records; without one, columns are numbered."""
    best: Header | None = None
    for line, cells in head:
        named = [plain(cell) for cell in cells]
        found = _recognise(named)
        french = any(word in _FRENCH for name in named for word in name.split())
        header = Header(line, tuple(cells), found, french)
        if len(found) >= 2 and (best is None or header.score > best.score):
            best = header
    if best is None:
        names = tuple(f"Column {n + 1}" for n in range(columns))
        return Header(None, names, {}, is_french=True)
    return best


def _recognise(names: list[str]) -> dict[Field, tuple[int, Decimal]]:
    """Each field to its best column; a column is one field, a field one column."""
    claims = []
    for column, name in enumerate(names):
        if not name or len(name) > 60:
            continue
        claims += [
            (-sure, rank, column, field, sure) for field, sure, rank in _meanings(name)
        ]  # fmt: skip
    found: dict[Field, tuple[int, Decimal]] = {}
    taken: set[int] = set()
    for _, _, column, field, sure in sorted(claims):
        if field not in found and column not in taken:
            found[field] = (column, sure)
            taken.add(column)
    return found


def _meanings(name: str) -> list[tuple[Field, Decimal, int]]:
    """What a name may mean, how surely, and how specific the matching word is."""
    squeezed = name.replace(" ", "")
    for candidate in (name, squeezed):
        if candidate in _BY_NAME:
            return [(_BY_NAME[candidate], _SURE, _RANK[candidate])]
    words = name.split()
    inside = [
        (_BY_NAME[known], _LIKELY, _RANK[known])
        for known in _NAMES
        if len(known) > 3 and f" {known} " in f" {name} "
    ]
    if inside:
        longest = max(
            (known for known in _NAMES if len(known) > 3 and f" {known} " in f" {name} "), key=len
        )
        return [(_BY_NAME[longest], _LIKELY, _RANK[longest])]
    if len(words) > 6:
        return []
    from rapidfuzz import fuzz, process  # loaded by the first file with names we do not know

    match = process.extractOne(name, _NAMES, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return [] if match is None else [(_BY_NAME[match[0]], _FUZZY, _RANK[match[0]])]
