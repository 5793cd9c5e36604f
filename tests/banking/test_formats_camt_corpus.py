"""Every camt file of the corpus is read, or refused for the reason written here."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from cessio.banking.formats.camt import read_camt
from cessio.banking.formats.statement import ParsedFile, StatementRefused
from cessio.plumbing import xml
from tests.banking.camt_samples import CORPUS, SCHEMAS

FILES = sorted(path for path in CORPUS.glob("camt05*/*") if path.is_file())

pytestmark = pytest.mark.skipif(not FILES, reason="no corpus at hand (../shared/corpus)")

#: Files that contradict themselves, with the code that says so; each was checked by hand.
CONTRADICT = {
    "genkgo_camt053.v2.all-balance-types.xml": "balance_broken",
    "genkgo_camt053.v2.five.decimals.xml": "balance_broken",
    "genkgo_camt053.v2.minimal.ultimate.xml": "currency_mixed",
    "genkgo_camt053.v2.minimal.xml": "currency_mixed",
    "genkgo_camt053.v2.with-account-name.xml": "currency_mixed",
    "genkgo_camt053.v2.with-party-ids.xml": "currency_mixed",
    "genkgo_camt053.v3.xml": "currency_mixed",
    "genkgo_camt053.v4.xml": "currency_mixed",
    "genkgo_camt053.v8.xml": "currency_mixed",
    "iso20022js_goldman_sachs_camt_053_uk_v2_1.xml": "balance_broken",
    "iso20022js_goldman_sachs_camt_053_us_v2_sample.xml": "currency_mixed",
    "konfipay_failed_debit_with_charges_08.xml": "balance_broken",
    "konfipay_mixed_examples_02.xml": "balance_broken",
    "konfipay_mixed_examples_08.xml": "balance_broken",
    "mockbank_camt.053.001.08-sepa-statement.xml": "balance_broken",
    "mockbank_camt.054.001.08-notification.xml": "currency_mixed",
    "oca_test-camt053": "balance_broken",
    "viafintech_valid_example_with_batch.xml": "balance_broken",
    "viafintech_valid_example_with_debit.xml": "balance_broken",
    "viafintech_valid_example_with_instdamt.xml": "balance_broken",
}

#: Files with nothing to read in them.
EMPTY = {
    "genkgo_camt053.v2.wrong.xml": "bank_file_without_statement",
    "mockbank_camt.054.001.08-query-farm.xml": "entry_without_date",
    "viafintech_invalid_namespace.xml": "bank_file_without_statement",
    "viafintech_valid_namespace.xml": "bank_file_without_statement",
}


def named(path: Path) -> str:
    return path.name


def all_warnings(found: ParsedFile) -> list[str]:
    inner = [warning for item in found.statements for warning in item.warnings]
    return [warning.code for warning in (*found.warnings, *inner)]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_each_file_is_read_or_refused_for_its_reason(path: Path) -> None:
    expected = (CONTRADICT | EMPTY).get(path.name)
    if expected is None:
        assert read_camt(path.read_bytes()).statements
    else:
        with pytest.raises(StatementRefused) as refused:
            read_camt(path.read_bytes())
        assert refused.value.code == expected


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_that_contradicts_itself_can_be_looked_at(path: Path) -> None:
    if path.name in EMPTY:
        pytest.skip("nothing to look at")
    found = read_camt(path.read_bytes(), strict=False)
    expected = CONTRADICT.get(path.name)
    assert expected is None or expected in all_warnings(found)


def first_texts(root: xml.Element, name: str) -> list[str]:
    """Texts of all elements of this local name, by another road than the reader's."""
    return [node.text or "" for node in root.iterfind(f".//{{*}}{name}")]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_nothing_of_the_movements_is_lost(path: Path) -> None:
    """Against a plain tree search: as many entries, and every remittance text and reference."""
    if path.name in EMPTY:
        pytest.skip("nothing in it")
    found = read_camt(path.read_bytes(), strict=False)
    root = xml.parse(path.read_bytes())
    entries = [entry for item in found.statements for entry in item.entries]
    details = [detail for entry in entries for detail in entry.details]
    assert len(entries) == len(first_texts(root, "Ntry"))
    assert len(details) == len(first_texts(root, "TxDtls"))
    assert [line for detail in details for line in detail.remittance] == first_texts(root, "Ustrd")
    references = [ref for name in ("Ref", "CdtrRef") for ref in root.iterfind(f".//{{*}}{name}")
                  if "CdtrRefInf" in str(ref.getparent().tag)]  # fmt: skip
    kept = [block.reference for detail in details for block in detail.structured]
    assert sorted(ref for ref in kept if ref) == sorted((ref.text or "").strip()
                                                        for ref in references)  # fmt: skip
    ends = [detail.end_to_end_id for detail in details if detail.end_to_end_id]
    assert ends == [text.strip() for text in first_texts(root, "EndToEndId")]
    ibans = {"".join(text.split()) for text in first_texts(root, "IBAN")}
    read = {party.iban for detail in details for party in (detail.debtor, detail.creditor)}
    read |= {item.iban for item in found.statements}
    assert ibans == {iban for iban in read if iban}


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="no schemas at hand (../shared/xsd)")
@pytest.mark.parametrize("path", FILES, ids=named)
def test_what_is_invalid_against_its_schema_is_never_read_in_silence(path: Path) -> None:
    if path.name in EMPTY:
        pytest.skip("refused")
    root = xml.parse(path.read_bytes())
    message = xml.namespace_of(root).rpartition(":")[2]
    schema_file = SCHEMAS / f"{message}.xsd"
    valid = schema_file.is_file() and etree.XMLSchema(etree.parse(schema_file)).validate(root)
    if not valid:
        assert all_warnings(read_camt(path.read_bytes(), strict=False))
