"""Whatever statement we write, the schema accepts it and our reader gives it back."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from cessio.banking.formats.camt import read_camt
from cessio.banking.formats.camt_writer import NotWritable, camt053_bytes, write_camt053
from cessio.banking.formats.statement import (
    Balance,
    Charge,
    EntryStatus,
    NamedAmount,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
    ReferredDocument,
    StructuredRemittance,
)
from cessio.plumbing import xml
from tests.banking.camt_samples import IBAN, SCHEMAS

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 16)

HARD = string.ascii_letters + string.digits + " /-?:().,'+&<>\"éàçœ€ß漢"
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
money = st.integers(-(10**12), 10**12)


def words(size: int) -> st.SearchStrategy[str]:
    """A text that stays itself: a reader strips what surrounds names and references."""
    return st.text(HARD, min_size=1, max_size=size).map(str.strip).filter(bool)


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | strategy


ident = maybe(words(35))
decimals = st.decimals(Decimal("0.00"), Decimal("99999999.99"), places=2)
named = st.builds(
    NamedAmount,
    kind=st.sampled_from(["instructed", "transaction", "countervalue", "announced"]),
    value=decimals, currency=st.sampled_from(["EUR", "USD", "KWD"]),
)  # fmt: skip
document_amounts = st.lists(
    st.builds(NamedAmount, kind=st.sampled_from(["due", "discount", "credit_note", "tax",
                                                 "remitted"]),
              value=decimals, currency=st.just("EUR")),
    max_size=3, unique_by=lambda item: item.kind,
).map(lambda items: tuple(sorted(items, key=lambda item: ORDER.index(item.kind))))  # fmt: skip
ORDER = ["instructed", "transaction", "countervalue", "announced",
         "due", "discount", "credit_note", "tax", "remitted"]  # fmt: skip
amounts = st.lists(named, max_size=2, unique_by=lambda item: item.kind).map(
    lambda items: tuple(sorted(items, key=lambda item: ORDER.index(item.kind)))
)
charges = st.lists(
    st.builds(Charge, value=decimals, currency=st.just("EUR"),
              is_debit=st.none() | st.booleans(), included=st.none() | st.booleans(),
              kind=maybe(words(35))),
    max_size=2,
).map(tuple)  # fmt: skip
documents = st.lists(
    st.builds(ReferredDocument, number=words(35), kind=st.sampled_from([None, "CINV", "Bordereau"]),
              issued_on=st.none() | days),
    max_size=2,
).map(tuple)  # fmt: skip


@st.composite
def structured(draw: st.DrawFn) -> StructuredRemittance:
    reference = draw(ident)
    return StructuredRemittance(
        reference=reference,
        reference_kind=draw(st.sampled_from([None, "SCOR", "ISR"])) if reference else None,
        documents=draw(documents),
        amounts=draw(document_amounts),
        info=tuple(draw(st.lists(words(140), max_size=2))),
    )


parties = st.builds(
    Party, name=maybe(words(140)), iban=st.sampled_from([None, IBAN]), account=st.none(),
    bic=st.sampled_from([None, "AGRIFRPP", "BNPAFRPPXXX"]),
) | st.builds(Party, name=words(70), account=words(34))  # fmt: skip
details = st.builds(
    ParsedDetail,
    amount_minor=st.just(None), end_to_end_id=ident, instruction_id=ident, message_id=ident,
    payment_info_id=ident, transaction_id=ident, mandate_id=ident, bank_ref=ident,
    uetr=st.sampled_from([None, "e3bf1c2a-1111-4aaa-8bbb-1234567890ab"]),
    code=st.sampled_from([None, "PMNT-RCDT-ESCT"]), proprietary_code=ident,
    debtor=parties, creditor=parties, ultimate_debtor=maybe(words(140)),
    ultimate_creditor=maybe(words(140)),
    remittance=st.lists(st.text(HARD, min_size=1, max_size=140), max_size=3).map(tuple),
    structured=st.lists(structured(), max_size=2).map(tuple),
    amounts=amounts.map(lambda items: tuple(i for i in items if i.currency != "EUR")),
    charges=charges, purpose=st.sampled_from([None, "SUPP", "Achats divers"]),
    return_code=st.sampled_from([None, "AC04", "R02 maison"]),
    return_info=maybe(words(105)), info=maybe(words(500)),
)  # fmt: skip


@st.composite
def entries(draw: st.DrawFn) -> ParsedEntry:
    parts = draw(st.lists(details, max_size=3))
    sizes = draw(st.lists(money, min_size=len(parts), max_size=len(parts)))
    parts = [replace(part, amount_minor=size) for part, size in zip(parts, sizes, strict=True)]
    return ParsedEntry(
        amount_minor=sum(sizes) if parts else draw(money),
        currency="EUR",
        booked_on=draw(days),
        value_date=draw(days),
        status=draw(st.sampled_from([EntryStatus.BOOK, EntryStatus.BOOK, EntryStatus.PENDING])),
        is_reversal=draw(st.booleans()),
        bank_ref=draw(ident),
        entry_ref=draw(ident),
        code=draw(st.sampled_from([None, "PMNT-RCDT-ESCT", "PMNT-ICDT-ESCT"])),
        proprietary_code=draw(ident),
        details=tuple(parts),
        charges=draw(charges),
        amounts=draw(amounts),
        batch_id=draw(ident),
        batch_count=len(parts) if parts and draw(st.booleans()) else None,
        info=draw(maybe(words(500))),
    )


@st.composite
def statements(draw: st.DrawFn) -> ParsedStatement:
    rows = tuple(draw(st.lists(entries(), max_size=4)))
    moved = sum(row.amount_minor for row in rows if row.status is EntryStatus.BOOK)
    opening = Balance("OPBD", draw(money), draw(days))
    closing = Balance("CLBD", opening.amount_minor + moved, draw(days))
    first, last = sorted([draw(days), draw(days)])
    has_iban = draw(st.booleans())
    return ParsedStatement(
        kind="camt.053",
        statement_ref=draw(words(35)),
        currency="EUR",
        iban=IBAN if has_iban else None,
        account=None if has_iban else draw(words(34)),
        owner=draw(maybe(words(140))),
        servicer_bic=draw(st.sampled_from([None, "AGRIFRPP"])),
        electronic_sequence=draw(st.none() | st.integers(0, 10**9)),
        legal_sequence=draw(st.none() | st.integers(0, 10**9)),
        created_on=draw(days),
        from_on=first,
        to_on=last,
        opening=opening,
        closing=closing,
        balances=(opening, closing),
        entries=rows,
    )


def written(*items: ParsedStatement) -> bytes:
    return camt053_bytes(items, message_id="MSG-1", created_at=AT)


@settings(max_examples=40)
@given(st.lists(statements(), min_size=1, max_size=2))
def test_reading_gives_back_what_was_written(items: list[ParsedStatement]) -> None:
    found = read_camt(written(*items))
    assert found.format == "camt.053.001.08"
    assert found.message_id == "MSG-1"
    assert [replace(item, warnings=()) for item in found.statements] == items


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="no schemas at hand (../shared/xsd)")
class TestAgainstTheSchema:
    schema: etree.XMLSchema

    @classmethod
    def setup_class(cls) -> None:
        cls.schema = etree.XMLSchema(etree.parse(SCHEMAS / "camt.053.001.08.xsd"))

    @settings(max_examples=40)
    @given(st.lists(statements(), min_size=1, max_size=2))
    def test_what_is_written_is_valid(self, items: list[ParsedStatement]) -> None:
        root = xml.parse(written(*items))
        assert self.schema.validate(root), self.schema.error_log.last_error

    def test_a_page_and_an_adjustment_are_valid(self) -> None:
        block = StructuredRemittance(amounts=(NamedAmount("adjustment", Decimal("1.00"), "EUR"),))
        row = replace(PLAIN, details=(ParsedDetail(structured=(block,), code="PMNT"),))
        item = replace(
            BARE, page=2, is_last_page=False, copy="DUPL", entries=(row,),
            balances=(Balance("ITBD", 5, DAY), Balance("du jour", 6, DAY)),
        )  # fmt: skip
        root = xml.parse(written(item))
        assert self.schema.validate(root), self.schema.error_log.last_error


BARE = ParsedStatement(kind="camt.053", statement_ref="S", currency="EUR", iban=IBAN)
PLAIN = ParsedEntry(1234, "EUR", DAY, DAY)


def test_the_same_statement_gives_the_same_bytes() -> None:
    item = replace(BARE, entries=(PLAIN,) * 1200)
    assert written(item) == written(item)


def test_it_is_written_in_blocks() -> None:
    item = replace(BARE, entries=(PLAIN,) * 1200)
    blocks = list(write_camt053([item], message_id="M", created_at=AT))
    assert len(blocks) > 4
    assert len(read_camt(b"".join(blocks)).statements[0].entries) == 1200


def test_a_long_remittance_line_is_cut_and_nothing_is_lost() -> None:
    row = replace(PLAIN, details=(ParsedDetail(remittance=("x" * 300,)),))
    (found,) = read_camt(written(replace(BARE, entries=(row,)))).statements
    lines = found.entries[0].details[0].remittance
    assert [len(line) for line in lines] == [140, 140, 20]


def test_a_character_no_xml_can_carry_becomes_a_question_mark() -> None:
    (found,) = read_camt(written(replace(BARE, owner="A\x00B\ud800"))).statements
    assert found.owner == "A?B?"


@pytest.mark.parametrize(
    ("change", "code", "element"),
    [
        ({"statement_ref": "x" * 36}, "value_too_long", "Id"),
        ({"statement_ref": ""}, "value_missing", "Stmt/Id"),
        ({"iban": None}, "value_missing", "Acct/Id"),
        ({"owner": "x" * 141}, "value_too_long", "Nm"),
        ({"balances": (Balance("OPBD", 0),)}, "value_missing", "Bal/Dt"),
    ],
)
def test_what_the_message_cannot_carry_is_an_error(
    change: dict[str, object], code: str, element: str
) -> None:
    with pytest.raises(NotWritable) as refused:
        written(replace(BARE, **change))
    assert (refused.value.code, refused.value.params["element"]) == (code, element)
