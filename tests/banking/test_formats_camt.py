"""What the camt reader takes, what it refuses, and that it never loses, rounds or guesses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.banking.formats.camt import read_camt
from cessio.banking.formats.statement import (
    EntryStatus,
    ParsedEntry,
    ParsedStatement,
    StatementRefused,
)
from cessio.kernel.errors import CessioError
from cessio.plumbing.xml import XmlRefused
from tests.banking.camt_samples import (
    IBAN,
    balance,
    detail,
    document,
    entry,
    one,
    statement,
)


def read_one(data: bytes) -> ParsedStatement:
    (only,) = read_camt(data).statements
    return only


def first(data: bytes) -> ParsedEntry:
    return read_one(data).entries[0]


def refused(data: bytes) -> CessioError:
    with pytest.raises((StatementRefused, XmlRefused)) as caught:
        read_camt(data)
    assert str(caught.value)
    return caught.value


def codes(data: bytes) -> set[str]:
    """Warnings of the file and of its statements."""
    found = read_camt(data)
    per_statement = [warning for item in found.statements for warning in item.warnings]
    return {warning.code for warning in (*found.warnings, *per_statement)}


FULL_DETAIL = """<TxDtls><Refs><MsgId>MSG</MsgId><AcctSvcrRef>B2</AcctSvcrRef>
<PmtInfId>PI</PmtInfId><InstrId>INS</InstrId><EndToEndId>E2E</EndToEndId><TxId>TX</TxId><MndtId>MND</MndtId></Refs>
<Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<AmtDtls><InstdAmt><Amt Ccy="USD">117.5000</Amt></InstdAmt></AmtDtls>
<Chrgs><Rcrd><Amt Ccy="USD">2.50</Amt><CdtDbtInd>DBIT</CdtDbtInd>
<ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>
<RltdPties><Dbtr><Pty><Nm>Société Générale d'Achats</Nm></Pty></Dbtr>
<DbtrAcct><Id><IBAN>fr14 2004 1010 0505 0001 3m02 606</IBAN></Id></DbtrAcct>
<UltmtDbtr><Pty><Nm>Filiale</Nm></Pty></UltmtDbtr><Cdtr><Pty><Nm>Factor</Nm></Pty></Cdtr>
<CdtrAcct><Id><Othr><Id>99</Id></Othr></Id></CdtrAcct></RltdPties>
<RltdAgts><DbtrAgt><FinInstnId><BICFI>PSSTFRPPXXX</BICFI></FinInstnId></DbtrAgt></RltdAgts>
<RmtInf><Ustrd>FACTURE F-001 ET F-0</Ustrd><Ustrd>02 MERCI</Ustrd>
<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>F-001</Nb>
<RltdDt>2026-10-01</RltdDt></RfrdDocInf><RfrdDocAmt><DuePyblAmt Ccy="EUR">60.00</DuePyblAmt>
<DscntApldAmt><Amt Ccy="EUR">1.20</Amt></DscntApldAmt><RmtdAmt Ccy="EUR">58.80</RmtdAmt>
</RfrdDocAmt><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18539007547034</Ref></CdtrRefInf>
</Strd><Strd><RfrdDocInf><Nb>A-7</Nb></RfrdDocInf><AddtlRmtInf>avoir</AddtlRmtInf></Strd></RmtInf>
<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>compte</AddtlInf><AddtlInf>clos</AddtlInf></RtrInf>
<AddtlTxInf>divers</AddtlTxInf></TxDtls>"""


class TestWhatIsRead:
    def test_an_entry_with_everything(self) -> None:
        found = first(one(entry(details=FULL_DETAIL)))
        assert (found.amount_minor, found.currency, found.status) == (10_000, "EUR", "BOOK")
        assert (found.booked_on, found.value_date) == (date(2026, 11, 16), date(2026, 11, 17))
        assert (found.bank_ref, found.code) == ("BANK-1", "PMNT-RCDT-ESCT")
        (paid,) = found.details
        assert paid.amount_minor == 10_000
        assert (paid.end_to_end_id, paid.instruction_id, paid.message_id) == ("E2E", "INS", "MSG")
        assert (paid.mandate_id, paid.transaction_id, paid.bank_ref) == ("MND", "TX", "B2")
        assert paid.debtor.name == "Société Générale d'Achats"
        assert (paid.debtor.iban, paid.debtor.bic) == ("FR1420041010050500013M02606", "PSSTFRPPXXX")
        assert (paid.creditor.name, paid.creditor.account) == ("Factor", "99")
        assert (paid.ultimate_debtor, paid.ultimate_creditor) == ("Filiale", None)
        assert paid.remittance == ("FACTURE F-001 ET F-0", "02 MERCI")
        assert paid.references == ("RF18539007547034", "F-001", "A-7")
        (instructed,) = paid.amounts
        assert (instructed.value, instructed.currency) == (Decimal("117.5"), "USD")
        (charge,) = paid.charges
        assert (charge.value, charge.is_debit, charge.included) == (Decimal("2.50"), True, True)
        assert (paid.return_code, paid.return_info, paid.info) == ("AC04", "compte\nclos", "divers")

    def test_the_amounts_of_referred_documents(self) -> None:
        block, note = first(one(entry(details=FULL_DETAIL))).details[0].structured
        assert [(item.kind, item.value) for item in block.amounts] == [
            ("due", Decimal("60.00")), ("discount", Decimal("1.20")),
            ("remitted", Decimal("58.80")),
        ]  # fmt: skip
        (invoice,) = block.documents
        assert (invoice.kind, invoice.issued_on) == ("CINV", date(2026, 10, 1))
        assert (note.documents[0].number, note.info) == ("A-7", ("avoir",))

    def test_the_statement_itself(self) -> None:
        balances = balance("OPBD", "10.00", sign="DBIT") + balance("CLBD", "90.00")
        found = read_one(one(entry("100.00"), balances=balances))
        assert (found.iban, found.currency, found.electronic_sequence) == (IBAN, "EUR", 7)
        assert (found.opening.amount_minor, found.closing.amount_minor) == (-1_000, 9_000)
        assert (found.from_on, found.to_on) == (date(2026, 11, 16), date(2026, 11, 16))
        assert found.movements_minor == 10_000
        assert found.warnings == ()

    def test_money_out_is_negative_and_a_reversal_keeps_its_own_sign(self) -> None:
        flag = "<RvslInd>true</RvslInd>"
        assert first(one(entry("5.00", "DBIT"))).amount_minor == -500
        undone = first(one(entry("5.00", "CRDT", extra=flag)))
        assert (undone.amount_minor, undone.is_reversal) == (500, True)

    def test_announced_entries_are_told_apart_and_do_not_move_the_balance(self) -> None:
        balances = balance("OPBD", "0.00") + balance("CLBD", "100.00")
        data = one(entry("100.00"), entry("7.00", status="PDNG"), balances=balances)
        found = read_one(data)
        assert [item.status for item in found.entries] == [EntryStatus.BOOK, EntryStatus.PENDING]
        assert len(found.booked) == 1

    def test_an_unknown_status_is_not_booked(self) -> None:
        data = one(entry("7.00", status="XXXX"))
        assert first(data).status is EntryStatus.OTHER
        assert "status_unknown" in codes(data)

    def test_comments_and_instructions_never_cut_an_amount_or_an_iban(self) -> None:
        data = one(entry("12<!--x-->34.00")).replace(b"FR7630006", b"FR76<?pi?>30006")
        assert first(data).amount_minor == 123_400
        assert read_one(data).iban == IBAN

    def test_a_bank_code_of_its_own(self) -> None:
        data = one(entry()).replace(b"</Domn>", b"</Domn><Prtry><Cd>NTRF+166</Cd></Prtry>")
        assert first(data).proprietary_code == "NTRF+166"

    @pytest.mark.parametrize("zeros", ["", "0", "000"])
    def test_useless_zeros_are_not_decimals(self, zeros: str) -> None:
        assert first(one(entry(f"18.15{zeros}"))).amount_minor == 1815

    @pytest.mark.parametrize(
        ("text", "minor"), [("7", 700), ("7.5", 750), ("0.01", 1), ("0", 0), ("007.10", 710)]
    )
    def test_short_amounts(self, text: str, minor: int) -> None:
        assert first(one(entry(text))).amount_minor == minor

    def test_a_currency_without_decimals(self) -> None:
        data = document(statement(entry("1500", currency="JPY"), currency="<Ccy>JPY</Ccy>"))
        assert first(data).amount_minor == 1500
        data = document(statement(entry("1500.50", currency="JPY"), currency="<Ccy>JPY</Ccy>"))
        assert refused(data).code == "amount_too_precise"

    def test_several_statements_of_one_file(self) -> None:
        other = statement(entry("1.00"), account="<Othr><Id>000123</Id></Othr>")
        found = read_camt(document(statement(entry("2.00")), other))
        assert [(item.iban, item.account) for item in found.statements] == [
            (IBAN, None), (None, "000123"),
        ]  # fmt: skip
        assert [item.movements_minor for item in found.statements] == [200, 100]


class TestBatches:
    def test_details_that_add_up_split_the_entry(self) -> None:
        parts = detail("60.00") + detail("40.00", "OTHER")
        found = first(one(entry("100.00", details=parts)))
        assert found.is_split
        assert [part.amount_minor for part in found.details] == [6_000, 4_000]

    def test_a_debit_inside_a_credit_counts_with_its_own_sign(self) -> None:
        parts = detail("110.00") + detail("10.00").replace("CRDT", "DBIT")
        assert first(one(entry("100.00", details=parts))).is_split

    def test_details_that_do_not_add_up_leave_one_movement_and_a_warning(self) -> None:
        data = one(entry("100.00", details=detail("60.00") + detail("39.99")))
        assert not first(data).is_split
        assert "details_do_not_add_up" in codes(data)

    def test_a_detail_without_amount_leaves_one_movement(self) -> None:
        silent = detail("1.00").replace('<Amt Ccy="EUR">1.00</Amt>', "")
        assert not first(one(entry("100.00", details=detail("100.00") + silent))).is_split

    def test_a_single_detail_of_another_amount_is_noted(self) -> None:
        data = one(entry("100.00", details=detail("99.00")))
        assert first(data).amount_minor == 10_000
        assert "detail_amount_differs" in codes(data)


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("12.345", "amount_too_precise"),
            ("NaN", "amount_unreadable"),
            ("INF", "amount_unreadable"),
            ("1e3", "amount_unreadable"),
            ("-5.00", "amount_unreadable"),
            ("+5.00", "amount_unreadable"),
            ("1,50", "amount_unreadable"),
            ("1 000.00", "amount_unreadable"),
            ("1_000.00", "amount_unreadable"),
            ("١٢.٠٠", "amount_unreadable"),
            ("1٢.00", "amount_unreadable"),
            ("12.٣٠", "amount_unreadable"),
            (".50", "amount_unreadable"),
            ("5.", "amount_unreadable"),
            ("", "amount_unreadable"),
            ("99999999999999999.00", "amount_too_large"),
            ("12<b/>.00", "value_with_elements"),
            ("12.00<b/>34", "value_with_elements"),
        ],
    )
    def test_an_amount_that_is_not_exactly_one(self, text: str, code: str) -> None:
        error = refused(one(entry("1.00"), entry(text)))
        assert error.code == code
        assert error.params["where"] == "Stmt[1]/Ntry[2]/Amt"
        assert error.params["line"] == 2

    @pytest.mark.parametrize("where", ["balance", "detail"])
    def test_the_same_rule_for_balances_and_details(self, where: str) -> None:
        if where == "balance":
            data = one(entry(), balances=balance("OPBD", "1.001") + balance("CLBD", "1.00"))
        else:
            data = one(entry(details=detail("1.001")))
        assert refused(data).code == "amount_too_precise"

    def test_an_amount_beside_the_books_may_have_any_decimals_but_must_be_one(self) -> None:
        data = one(entry(details=FULL_DETAIL))
        assert refused(data.replace(b"117.5000", b"NaN")).code == "amount_unreadable"

    def test_balances_that_do_not_add_up_name_the_figures(self) -> None:
        balances = balance("OPBD", "10.00") + balance("CLBD", "100.00")
        error = refused(one(entry("100.00"), balances=balances))
        assert error.code == "balance_broken"
        assert (error.params["opening"], error.params["movements"], error.params["closing"]) == (
            "10.00", "100.00", "100.00",
        )  # fmt: skip

    def test_it_can_still_be_looked_at(self) -> None:
        balances = balance("OPBD", "10.00") + balance("CLBD", "100.00")
        found = read_camt(one(entry("100.00"), balances=balances), strict=False)
        assert "balance_broken" in {warning.code for warning in found.statements[0].warnings}

    def test_a_statement_in_two_currencies(self) -> None:
        assert refused(one(entry(currency="USD"))).code == "currency_mixed"
        data = one(entry(), balances=balance("OPBD", "1.00", currency="USD"))
        assert refused(data).code == "currency_mixed"

    def test_a_currency_we_do_not_keep(self) -> None:
        data = document(statement(entry(currency="XAU"), currency=""))
        assert refused(data).code == "currency_unknown"

    def test_a_movement_without_a_sign(self) -> None:
        data = one(entry()).replace(b"<CdtDbtInd>CRDT</CdtDbtInd>", b"")
        assert refused(data).code == "indicator_missing"
        assert refused(one(entry(sign="C"))).code == "indicator_missing"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (IBAN, IBAN[:9] + "<b/>" + IBAN[9:]),
            ("E2E-1", "E2E<b/>-1"),
            ("F-1</Ustrd>", "F<b/>-1</Ustrd>"),
            ("2026-11-17</Dt>", "2026-11-17<b/>T</Dt>"),
        ],
    )
    def test_a_value_cut_by_an_element(self, before: str, after: str) -> None:
        plain = one(entry(details=detail("100.00")))
        error = refused(plain.replace(before.encode(), after.encode()))
        assert error.code == "value_with_elements"

    def test_a_movement_without_an_amount(self) -> None:
        data = one(entry()).replace(b'<Amt Ccy="EUR">100.00</Amt>', b"")
        assert refused(data).code == "amount_missing"

    @pytest.mark.parametrize("day", ["2026-02-30", "16/11/2026", "20261116", "hier"])
    def test_a_date_that_is_none(self, day: str) -> None:
        dates = f"<BookgDt><Dt>{day}</Dt></BookgDt>"
        assert refused(one(entry(dates=dates))).code == "date_unreadable"

    def test_an_account_without_a_number(self) -> None:
        assert refused(document(statement(account=""))).code == "account_missing"

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "xml_empty"),
            (b"Date;Montant\r\n", "xml_not_xml"),
            (one(entry())[:-40], "xml_truncated"),
            (one(entry()).replace(b"<Document", b"<!DOCTYPE Document><Document"), "xml_doctype"),
            (b"<html/>", "bank_file_wrong_root"),
            (one().replace(b"BkToCstmrStmt", b"CstmrCdtTrfInitn"), "bank_file_wrong_root"),
            (document(), "bank_file_without_statement"),
            (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"/>',
             "bank_file_without_statement"),
        ],
    )  # fmt: skip
    def test_a_file_that_is_not_a_statement(self, data: bytes, code: str) -> None:
        assert refused(data).code == code

    def test_two_messages_in_one_envelope(self) -> None:
        body = one(entry()).partition(b"?>")[2]
        data = b"<Files>" + body + body + b"</Files>"
        assert refused(data).code == "bank_file_several_messages"
        assert read_one(b"<Envelope>" + body + b"</Envelope>").movements_minor == 10_000

    def test_an_entry_hidden_elsewhere_counts_for_nothing(self) -> None:
        hidden = f"<SplmtryData><Envlp>{entry('9.00')}</Envlp></SplmtryData>"
        data = document(statement(entry("1.00")).replace("</Stmt>", hidden + "</Stmt>"))
        assert read_one(data).movements_minor == 100


class TestWhatIsOnlyNoted:
    def test_missing_balances(self) -> None:
        assert codes(one(entry())) == {"balances_missing"}

    @pytest.mark.parametrize(
        "namespace",
        [
            "urn:iso:std:iso:20022:tech:xsd:other.053.001.08",
            "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08",
            "ISO:camt.053.001.08:APC:STUZZA:payments:003",
            "http://bank.example/camt",
        ],
    )
    def test_a_wrong_but_readable_namespace(self, namespace: str) -> None:
        data = document(statement(entry()), namespace=namespace)
        assert "namespace_unexpected" in codes(data)
        assert read_one(data).movements_minor == 10_000

    def test_no_namespace_at_all(self) -> None:
        data = one(entry()).replace(b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', b"")
        assert "namespace_unexpected" in codes(data)

    def test_a_version_of_the_future(self) -> None:
        assert "version_unknown" in codes(document(statement(entry()), version="42"))

    @pytest.mark.parametrize(
        ("before", "after", "code"),
        [
            ("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>", "element_of_another_version"),
            ("<Sts><Cd>BOOK</Cd></Sts>", "", "status_missing"),
            ("<NtryDtls>", "<Extra/><NtryDtls>", "unknown_element"),
            ("<Pty><Nm>ACME</Nm></Pty>", "<Nm>ACME</Nm>", "element_of_another_version"),
            ("<Nm>ACME</Nm>", "<Nm>ACME</Nm><Nm>BIS</Nm>", "element_repeated"),
            ("<Ustrd>F-1", "<Ustrd>" + "F" * 141, "value_too_long"),
            ("E2E-1", "E" * 36, "value_too_long"),
            ("<ValDt><Dt>2026-11-17</Dt></ValDt>", "", "value_date_missing"),
            ("<BookgDt><Dt>2026-11-16</Dt></BookgDt>", "", "booking_date_missing"),
            ("<ElctrncSeqNb>7<", "<ElctrncSeqNb>A7<", "number_unreadable"),
            ("<GrpHdr>", "<GrpHdr><MsgPgntn><LastPgInd>YES</LastPgInd></MsgPgntn>",
             "flag_unreadable"),
        ],
    )  # fmt: skip
    def test_what_departs_from_the_schema(self, before: str, after: str, code: str) -> None:
        plain = one(entry(details=detail("100.00")))
        changed = plain.replace(before.encode(), after.encode())
        assert changed != plain
        assert code in codes(changed)
        assert read_one(changed).movements_minor == 10_000

    def test_warnings_are_counted_not_repeated(self) -> None:
        late = entry(dates="<BookgDt><Dt>2026-11-16</Dt></BookgDt>")
        (warning,) = [
            item for item in read_one(one(late, late, late)).warnings
            if item.code == "value_date_missing"
        ]  # fmt: skip
        assert warning.count == 3

    def test_the_totals_of_the_bank_are_compared(self) -> None:
        told = "<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries></TtlCdtNtries></TxsSummry>"
        data = document(statement(balances=told) + "").replace(b"</Stmt>", b"</Stmt>")
        assert "totals_differ" in codes(data)


@pytest.mark.parametrize(
    ("balances", "ends"),
    [
        ("OPBD CLBD", ("OPBD", "CLBD")),
        ("PRCD CLBD", ("PRCD", "CLBD")),
        ("PRCD OPBD CLBD CLAV", ("OPBD", "CLBD")),
        ("OPBD ITBD", ("OPBD", "ITBD")),
        ("ITBD ITBD", ("ITBD", "ITBD")),
        ("ITBD CLBD", ("ITBD", "CLBD")),
        ("ITBD", (None, "ITBD")),
        ("CLAV FWAV", (None, None)),
    ],
)
def test_which_balances_open_and_close(balances: str, ends: tuple[str | None, str | None]) -> None:
    written = "".join(balance(kind, "5.00") for kind in balances.split())
    found = read_one(document(statement(balances=written)))
    assert (found.opening and found.opening.kind, found.closing and found.closing.kind) == ends


SAMPLE = one(entry(details=FULL_DETAIL), entry(details=detail("60.00") + detail("40.00")))


@given(st.integers(0, len(SAMPLE) - 1), st.binary(max_size=6), st.integers(0, 12))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(at: int, put: bytes, drop: int) -> None:
    damaged = SAMPLE[:at] + put + SAMPLE[at + drop :]
    try:
        read_camt(damaged)
    except (StatementRefused, XmlRefused) as error:
        text = str(error)
    else:
        text = "read"
    assert text
