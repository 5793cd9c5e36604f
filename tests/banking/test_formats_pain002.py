"""What the bank says of our orders, read as it says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cessio.banking.formats.pain002 import ReportRefused, StatusReport, read_pain002
from cessio.plumbing.xml import XmlRefused
from tests.banking.camt_samples import CORPUS

FILES = sorted(CORPUS.glob("pain002/*"))


def report(
    *payments: str, group: str = "", batch: str = "", name: str = "PAY-1", version: str = "10"
) -> bytes:
    """A pain.002 about order ``name``."""
    urn = f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"
    status = f"<GrpSts>{group}</GrpSts>" if group else ""
    inside = f"<PmtInfSts>{batch}</PmtInfSts>" if batch else ""
    return (
        f'<Document xmlns="{urn}"><CstmrPmtStsRpt><GrpHdr><MsgId>R-1</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{name}</OrgnlMsgId>{status}</OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{name}</OrgnlPmtInfId>{inside}{''.join(payments)}"
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def payment(name: str, status: str = "", reason: str = "", *words: str) -> str:
    why = ""
    if reason or words:
        code = f"<Rsn><Cd>{reason}</Cd></Rsn>" if reason else ""
        more = "".join(f"<AddtlInf>{word}</AddtlInf>" for word in words)
        why = f"<StsRsnInf>{code}{more}</StsRsnInf>"
    said = f"<TxSts>{status}</TxSts>" if status else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>{name}</OrgnlEndToEndId>{said}{why}</TxInfAndSts>"


def test_a_report_with_everything() -> None:
    data = report(
        payment("A", "ACSC"), payment("B", "RJCT", "AC04", "Compte", "clos"), group="PART",
        batch="PART",
    )  # fmt: skip
    found = read_pain002(data)
    assert (found.format, found.message_id) == ("pain.002.001.10", "R-1")
    assert (found.original_message_id, found.group_status) == ("PAY-1", "PART")
    assert [(one.payment_info_id, one.status) for one in found.batches] == [("PAY-1", "PART")]
    good, bad = found.payments
    assert (good.end_to_end_id, good.status, good.reasons) == ("A", "ACSC", ())
    assert (bad.reason_code, bad.reason_text) == ("AC04", "Compte clos")


@pytest.mark.parametrize("version", [f"{number:02d}" for number in range(3, 16)])
def test_every_version_reads_alike(version: str) -> None:
    found = read_pain002(report(payment("A", "ACCP"), version=version))
    assert found.format == f"pain.002.001.{version}"
    assert found.payments[0].status == "ACCP"
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml_empty"),
        (b"RJCT", "xml_not_xml"),
        (report(payment("A"))[:-30], "xml_truncated"),
        (b"<!DOCTYPE a><a/>", "xml_doctype"),
        (b"<Document><CstmrCdtTrfInitn/></Document>", "bank_answer_wrong_root"),
        (b"<Document/>", "bank_answer_wrong_root"),
        (b"<Document><CstmrPmtStsRpt/></Document>", "bank_answer_without_original"),
        (report(payment("A", "rejected")), "bank_answer_status_unreadable"),
        (report(payment("A", "RJ<b/>CT")), "value_with_elements"),
    ],
)
def test_what_is_not_a_report_is_refused(data: bytes, code: str) -> None:
    with pytest.raises((XmlRefused, ReportRefused)) as refused:
        read_pain002(data)
    assert refused.value.code == code


def test_a_comment_does_not_cut_a_status() -> None:
    data = report(payment("A", "RJ<!-- x -->CT"))
    assert read_pain002(data).payments[0].status == "RJCT"


#: (original message, group status, statuses of the payments, first reason) of the corpus.
CORPUS_SAYS = {
    "iso20022js_cross_river_pain_002_batch_rejected.xml": (None, "RJCT", [], "NARR"),
    "iso20022js_cross_river_pain_002_debit_accepted.xml":
        ("DD1", "ACTC", ["ACSP", "ACSP", "ACSP"], None),
    "iso20022js_cross_river_pain_002_transaction_rejected.xml":
        ("missing2", "ACTC", ["RJCT", "RJCT", "RJCT"], "NARR"),
    "iso20022js_goldman_sachs_pain_002_v3_accepted.xml":
        ("10280093XXXX", None, ["ACCP"], "NARR"),
    "iso20022js_goldman_sachs_pain_002_v3_group_accepted.xml":
        ("CLIENT NAME_2023-09-06:04", "ACTC", [], None),
    "iso20022js_nordea_pain_002_v3_txn_reject.xml":
        ("MSGID-950-TEST2-2807-01", None, ["RJCT", "RJCT"], "NARR"),
    "mockbank_pain.002.001.10-every-element.xml": ("OrgnlMsgId", None, ["ACCC"], "NARR"),
    "mockbank_pain.002.001.10-sepa-status.xml":
        ("MSG-20260824-0007", "PART", ["ACCP", "RJCT"], "AC01"),
    "oca_return_test-sepa-pain-unpaid.xml": ("MSGID12345678912", None, ["RJCT"] * 4, "AC01"),
}  # fmt: skip


def first_reason(found: StatusReport) -> str | None:
    said = [one.reason_code for one in found.payments if one.reason_code]
    said += [reason.code for reason in found.group_reasons if reason.code]
    return said[0] if said else None


@pytest.mark.skipif(not FILES, reason="no corpus at hand (../shared/corpus)")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_corpus(path: Path) -> None:
    found = read_pain002(path.read_bytes())
    statuses = [one.status for one in found.payments]
    assert CORPUS_SAYS[path.name] == (
        found.original_message_id, found.group_status, statuses, first_reason(found),
    )  # fmt: skip
