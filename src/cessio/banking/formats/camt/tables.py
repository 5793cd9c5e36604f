"""The tables of camt.052/.053/.054: every name of the schemas, in schema order, and its slot.

Taken from the published schemas of versions 01 to 14; a test checks the order of each level
against them where they are at hand.
"""

from __future__ import annotations

from cessio.banking.formats.camt.shape import (
    CHOICE,
    EACH,
    ELEMENT,
    GROUP,
    IDENT,
    LATEST,
    LINES,
    NAMED,
    SKIP,
    TEXT,
    Field,
)


def text(name: str, slot: str, since: int = 1, until: int = LATEST) -> Field:
    return Field(name, TEXT, slot, since=since, until=until)


def ident(name: str, slot: str, since: int = 1, until: int = LATEST) -> Field:
    return Field(name, IDENT, slot, since=since, until=until)


def amount(name: str, slot: str, since: int = 1, until: int = LATEST) -> Field:
    return Field(name, ELEMENT, slot, since=since, until=until)


def named(name: str, slot: str, label: str, since: int = 1, until: int = LATEST) -> Field:
    return Field(name, NAMED, slot, since=since, until=until, label=label)


def group(name: str, *fields: Field, since: int = 1, until: int = LATEST) -> Field:
    return Field(name, GROUP, fields=fields, since=since, until=until)


def each(name: str, slot: str, *fields: Field, since: int = 1, until: int = LATEST) -> Field:
    return Field(name, EACH, slot, fields, since, until)


def lines(name: str, slot: str, since: int = 1, until: int = LATEST) -> Field:
    return Field(name, LINES, slot, since=since, until=until)


def skip(names: str, since: int = 1, until: int = LATEST) -> tuple[Field, ...]:
    return tuple(Field(name, SKIP, since=since, until=until) for name in names.split())


def dated(name: str, slot: str) -> Field:
    """A date, or an instant of which the date is kept."""
    return group(name, text("Dt", slot), text("DtTm", slot))


def coded(name: str, slot: str) -> Field:
    """An ISO code, or the bank's own word."""
    return group(name, text("Cd", slot), text("Prtry", slot))


def institution(name: str, slot: str) -> Field:
    """A bank, of which the BIC is kept."""
    bic = (text("BIC", slot, until=2), text("BICFI", slot, since=3))
    return group(
        name,
        group(
            "FinInstnId", *bic, *skip("ClrSysMmbId"), *skip("LEI", since=8),
            *skip("NmAndAdr PrtryId", until=1),
            group("CmbndId", text("BIC", slot), *skip("ClrSysMmbId Nm PstlAdr PrtryId"), until=1),
            *skip("Nm PstlAdr Othr", since=2),
        ),
        *skip("BrnchId"),
    )  # fmt: skip


def account(name: str, slot: str, *last: Field) -> Field:
    """An account: its IBAN, or the number under ``<slot>_account``."""
    other = f"{slot}_account"
    return group(
        name,
        group(
            "Id", text("IBAN", f"{slot}_iban"),
            text("BBAN", other, until=1), text("UPIC", other, until=1),
            group("PrtryAcct", text("Id", other), until=1),
            group("Othr", text("Id", other), *skip("SchmeNm Issr"), since=2),
        ),
        *skip("Tp"), text("Ccy", f"{slot}_currency"), text("Nm", f"{slot}_account_name"),
        *skip("Prxy", since=8), *last,
    )  # fmt: skip


def party(name: str, slot: str) -> Field:
    """A party: its name, or its bank's BIC; wrapped in ``Pty`` since version 7."""
    return group(
        name,
        text("Nm", f"{slot}_name", until=6), *skip("PstlAdr Id CtryOfRes", until=6),
        *skip("CtctDtls", since=2, until=6),
        group("Pty", text("Nm", f"{slot}_name"), *skip("PstlAdr Id CtryOfRes CtctDtls"), since=7),
        Field("Agt", GROUP, fields=institution("Agt", f"{slot}_bic").fields, since=7),
    )  # fmt: skip


CODES = group(
    "BkTxCd",
    group("Domn", text("Cd", "domain"),
          group("Fmly", text("Cd", "family"), text("SubFmlyCd", "subfamily"))),
    group("Prtry", text("Cd", "proprietary"), *skip("Issr")),
)  # fmt: skip

_CHARGE_KIND = group("Tp", text("Cd", "kind"), text("PrtryCd", "kind", until=1),
                     group("Prtry", text("Id", "kind"), *skip("Issr"), since=2))  # fmt: skip

CHARGES = each(
    "Chrgs", "charges", amount("TtlChrgsAndTaxAmt", "total"),
    amount("Amt", "amount", until=2), text("CdtDbtInd", "indicator", since=2, until=2),
    Field("Tp", GROUP, fields=_CHARGE_KIND.fields, until=2), *skip("Rate Br Pty Tax", until=2),
    each("Rcrd", "records",
         amount("Amt", "amount"), text("CdtDbtInd", "indicator"),
         text("ChrgInclInd", "included", since=4), _CHARGE_KIND, *skip("Rate Br Agt Tax"),
         since=3),
)  # fmt: skip

AMOUNTS = group(
    "AmtDtls",
    *(
        group(name, named("Amt", "amounts", label), *skip("CcyXchg"))
        for name, label in (("InstdAmt", "instructed"), ("TxAmt", "transaction"),
                            ("CntrValAmt", "countervalue"), ("AnncdPstngAmt", "announced"))
    ),
    group("PrtryAmt", *skip("Tp"), named("Amt", "amounts", "proprietary"), *skip("CcyXchg")),
)  # fmt: skip

BATCH = (
    text("MsgId", "batch_message"), text("PmtInfId", "batch_id"), text("NbOfTxs", "batch_count"),
    *skip("TtlAmt CdtDbtInd", since=2),
)  # fmt: skip

REFERENCES = group(
    "Refs",
    ident("MsgId", "message_id"), ident("AcctSvcrRef", "bank_ref"),
    ident("PmtInfId", "payment_info_id", since=2), ident("InstrId", "instruction_id"),
    ident("EndToEndId", "end_to_end_id"), text("UETR", "uetr", since=8),
    ident("TxId", "transaction_id"), ident("MndtId", "mandate_id"),
    *skip("ChqNb ClrSysRef"),
    *skip("AcctOwnrTxId AcctSvcrTxId MktInfrstrctrTxId PrcgId", since=3),
    *skip("RtrId", since=14), *skip("Prtry"),
)  # fmt: skip

PARTIES = group(
    "RltdPties",
    party("InitgPty", "initiating"),
    party("Dbtr", "debtor"), account("DbtrAcct", "debtor"), party("UltmtDbtr", "ultimate_debtor"),
    party("Cdtr", "creditor"), account("CdtrAcct", "creditor"),
    party("UltmtCdtr", "ultimate_creditor"), *skip("TradgPty Prtry"),
)  # fmt: skip

AGENTS = group(
    "RltdAgts",
    *skip("InstgAgt InstdAgt", since=7),
    institution("DbtrAgt", "debtor_bic"), institution("CdtrAgt", "creditor_bic"),
    *skip("IntrmyAgt1 IntrmyAgt2 IntrmyAgt3 RcvgAgt DlvrgAgt IssgAgt SttlmPlc Prtry"),
)  # fmt: skip

_DOCUMENT_KIND = group("Tp", coded("CdOrPrtry", "kind"), *skip("Issr"), since=2)
_OLD_DOCUMENT_KIND = group(
    "RfrdDocTp", text("Cd", "kind"), text("Prtry", "kind"), *skip("Issr"), until=1
)
_OLD_REFERENCE_KIND = group(
    "CdtrRefTp", text("Cd", "reference_kind"), text("Prtry", "reference_kind"),
    *skip("Issr"), until=1,
)  # fmt: skip

_DOCUMENT_AMOUNTS = (
    named("DuePyblAmt", "amounts", "due", until=11),
    named("DscntApldAmt", "amounts", "discount", until=11),
    named("CdtNoteAmt", "amounts", "credit_note", until=11),
    named("TaxAmt", "amounts", "tax", until=11),
    each("RmtAmtAndTp", "typed_amounts", coded("Tp", "kind"), amount("Amt", "amount"), since=12),
    each("AdjstmntAmtAndRsn", "adjustments", amount("Amt", "amount"),
         *skip("CdtDbtInd Rsn AddtlInf"), since=2),
    named("RmtdAmt", "amounts", "remitted", until=11),
)  # fmt: skip

STRUCTURED = (
    each("RfrdDocInf", "documents", _OLD_DOCUMENT_KIND, ident("RfrdDocNb", "number", until=1),
         _DOCUMENT_KIND, ident("Nb", "number", since=2),
         Field("RltdDt", CHOICE, "issued_on", (*skip("Tp"), text("Dt", "issued_on")), since=12),
         *skip("LineDtls", since=6)),
    text("RfrdDocRltdDt", "documents_date", until=1),
    group("RfrdDocAmt", *_DOCUMENT_AMOUNTS),
    group("CdtrRefInf", _OLD_REFERENCE_KIND, ident("CdtrRef", "reference", until=1),
          group("Tp", coded("CdOrPrtry", "reference_kind"), *skip("Issr"), since=2),
          ident("Ref", "reference", since=2)),
    *skip("Invcr Invcee"), *skip("TaxRmt GrnshmtRmt", since=5), *skip("SctiesData", since=14),
    lines("AddtlRmtInf", "info"),
)  # fmt: skip

RETURN = group(
    "RtrInf",
    *skip("OrgnlBkTxCd"),
    *skip("RtrOrgtr", until=1), *skip("Orgtr", since=2),
    Field("RtrRsn", GROUP, fields=coded("RtrRsn", "return_code").fields, until=1),
    Field("Rsn", GROUP, fields=coded("Rsn", "return_code").fields, since=2),
    lines("AddtlRtrRsnInf", "return_info", until=1), lines("AddtlInf", "return_info", since=2),
)  # fmt: skip

DETAIL = (
    REFERENCES,
    amount("Amt", "amount", since=3), text("CdtDbtInd", "indicator", since=3),
    AMOUNTS, *skip("Avlbty"), CODES, CHARGES, *skip("Intrst"), PARTIES, AGENTS,
    *skip("LclInstrm", since=7), *skip("PmtTpInf", since=10),
    coded("Purp", "purpose"), *skip("RltdRmtInf"),
    group("RmtInf", lines("Ustrd", "remittance"), each("Strd", "structured", *STRUCTURED)),
    *skip("RltdDts RltdPric RltdQties FinInstrmId Tax"), RETURN,
    *skip("CorpActn", until=12), *skip("RltdCorpActn", since=13), *skip("SfkpgAcct"),
    *skip("UndrlygAllcn", since=13), *skip("CshDpst CardTx", since=3),
    *skip("InstrCpy", since=13), lines("AddtlTxInf", "info"), *skip("SplmtryData", since=4),
)  # fmt: skip

ENTRY = (
    ident("NtryRef", "entry_ref", since=2),
    amount("Amt", "amount"), text("CdtDbtInd", "indicator"), text("RvslInd", "reversal"),
    Field("Sts", CHOICE, "status", (text("Cd", "status"), text("Prtry", "status_other")), since=7),
    dated("BookgDt", "booked_on"), dated("ValDt", "value_date"), ident("AcctSvcrRef", "bank_ref"),
    *skip("Avlbty"), CODES, *skip("ComssnWvrInd AddtlInfInd"),
    group("Btch", *BATCH, until=1), AMOUNTS, CHARGES, *skip("TechInptChanl", since=2),
    *skip("Intrst"), *skip("CardTx", since=3),
    each("TxDtls", "details", *DETAIL, until=1),
    group("NtryDtls", group("Btch", *BATCH), each("TxDtls", "details", *DETAIL), since=2),
    lines("AddtlNtryInf", "info"),
)  # fmt: skip

_TOTAL = (text("NbOfNtries", "count"), text("Sum", "sum"))


def _statement(pagination: str, info: str) -> tuple[Field, ...]:
    return (
        text("Id", "statement_ref"),
        group(pagination, text("PgNb", "page"), text("LastPgInd", "last_page"), since=3),
        text("ElctrncSeqNb", "electronic_sequence"), *skip("RptgSeq", since=7),
        text("LglSeqNb", "legal_sequence"), text("CreDtTm", "created_on"),
        group("FrToDt", text("FrDtTm", "from_on"), text("ToDtTm", "to_on"),
              text("FrDt", "from_on"), text("ToDt", "to_on")),
        text("CpyDplctInd", "copy"), *skip("RptgSrc", since=2),
        account("Acct", "own", Field("Ownr", GROUP, fields=(
            text("Nm", "owner"), *skip("PstlAdr Id CtryOfRes"), *skip("CtctDtls", since=2))),
            institution("Svcr", "servicer_bic")),
        *skip("RltdAcct Intrst"),
        each("Bal", "balances",
             group("Tp", text("Cd", "kind", until=1), text("Prtry", "kind", until=1),
                   Field("CdOrPrtry", GROUP, fields=coded("", "kind").fields, since=2),
                   Field("SubTp", GROUP, fields=coded("", "subkind").fields, since=2)),
             *skip("CdtLine"), amount("Amt", "amount"), text("CdtDbtInd", "indicator"),
             dated("Dt", "on"), *skip("Avlbty")),
        group("TxsSummry",
              each("TtlNtries", "all", text("NbOfNtries", "count"), text("Sum", "sum"),
                   *skip("TtlNetNtryAmt CdtDbtInd", until=3), *skip("TtlNetNtry", since=4)),
              each("TtlCdtNtries", "credits", *_TOTAL), each("TtlDbtNtries", "debits", *_TOTAL),
              *skip("TtlNtriesPerBkTxCd")),
        Field("Ntry", SKIP),
        *skip(info),
    )  # fmt: skip


#: Element of the message that holds a statement, by message name, and its table.
CONTAINERS = {
    "camt.052": ("Rpt", _statement("RptPgntn", "AddtlRptInf")),
    "camt.053": ("Stmt", _statement("StmtPgntn", "AddtlStmtInf")),
    "camt.054": ("Ntfctn", _statement("NtfctnPgntn", "AddtlNtfctnInf")),
}

#: The element under Document that says which message this is.
MESSAGES = {
    "BkToCstmrAcctRpt": "camt.052",
    "BkToCstmrAcctRptV01": "camt.052",
    "BkToCstmrStmt": "camt.053",
    "BkToCstmrStmtV01": "camt.053",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
    "BkToCstmrDbtCdtNtfctnV01": "camt.054",
}

HEADER = (
    ident("MsgId", "message_id"), text("CreDtTm", "created_on"), *skip("MsgRcpt"),
    group("MsgPgntn", text("PgNb", "page"), text("LastPgInd", "last_page")),
    *skip("OrgnlBizQry", since=3), *skip("AddtlInf"),
)  # fmt: skip
