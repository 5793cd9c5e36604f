"""Reads pain.002, versions 03 to 15: what the bank says of a payment order.

A report may speak of the whole order, of a batch in it, or of single payments; it may come in
several parts. What it does not mention, it says nothing about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from cessio.banking.formats.statement import ReadWarning
from cessio.kernel.errors import Invalid
from cessio.plumbing import xml
from cessio.plumbing.xml import Element, line_of, local_name

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(pain\.002\.\d{3}\.\d{2})")
_MESSAGE = "CstmrPmtStsRpt"
_STATUS = re.compile(r"[A-Z0-9]{1,4}")


class ReportRefused(Invalid):
    """The file is not a payment status report we can read; ``params`` may have ``line``."""


class StatusReason(Struct, frozen=True):
    """Why: an ISO code (or the bank's own), and the bank's words."""

    code: str | None = None
    text: str | None = None


class PaymentStatus(Struct, frozen=True):
    """What is said of one payment."""

    end_to_end_id: str | None
    status: str | None
    instruction_id: str | None = None
    payment_info_id: str | None = None
    transaction_id: str | None = None
    reasons: tuple[StatusReason, ...] = ()

    @property
    def reason_code(self) -> str | None:
        """The first reason that has a code."""
        return next((reason.code for reason in self.reasons if reason.code), None)

    @property
    def reason_text(self) -> str | None:
        """All the bank's words together."""
        return " ".join(reason.text for reason in self.reasons if reason.text) or None


class BatchStatus(Struct, frozen=True):
    """What is said of one batch (PmtInf) of the order."""

    payment_info_id: str | None
    status: str | None
    reasons: tuple[StatusReason, ...] = ()


class StatusReport(Struct, frozen=True):
    """One report. ``payments`` are the payments it names, in order."""

    format: str
    message_id: str | None
    original_message_id: str | None
    original_message_name: str | None
    group_status: str | None
    group_reasons: tuple[StatusReason, ...] = ()
    batches: tuple[BatchStatus, ...] = ()
    payments: tuple[PaymentStatus, ...] = ()
    warnings: tuple[ReadWarning, ...] = ()


def read_pain002(data: bytes, *, max_bytes: int = xml.MAX_BYTES) -> StatusReport:
    """Read a payment status report.

    Raises ``XmlRefused``, or ``ReportRefused``: ``bank_answer_wrong_root``,
    ``bank_answer_without_original``, ``bank_answer_status_unreadable``.
    """
    root = xml.parse(data, max_bytes=max_bytes)
    message = next((node for node in root.iter() if local_name(node) == _MESSAGE), None)
    if message is None:
        inside = f"/{local_name(root[0])}" if len(root) else ""
        raise ReportRefused(
            "bank_answer_wrong_root", "the file is not a pain.002: it is {root}",
            root=f"{local_name(root)}{inside}"[:120],
        )  # fmt: skip
    group = _child(message, "OrgnlGrpInfAndSts")
    if group is None:
        raise ReportRefused(
            "bank_answer_without_original", "the report does not say which order it answers",
        )  # fmt: skip
    version = _NAMESPACE.fullmatch(xml.namespace_of(message))
    batches, payments = _batches(message)
    return StatusReport(
        format=version.group(1) if version else "pain.002",
        message_id=_text(_child(message, "GrpHdr"), "MsgId"),
        original_message_id=_text(group, "OrgnlMsgId"),
        original_message_name=_text(group, "OrgnlMsgNmId"),
        group_status=_status(group, "GrpSts"),
        group_reasons=_reasons(group),
        batches=tuple(batches),
        payments=tuple(payments),
        warnings=() if version else (_namespace_warning(message),),
    )


def _batches(message: Element) -> tuple[list[BatchStatus], list[PaymentStatus]]:
    """Batches and payments; payments stand in a batch, or right under the message in old files."""
    batches: list[BatchStatus] = []
    payments = [_payment(node, None) for node in _children(message, "TxInfAndSts")]
    for node in _children(message, "OrgnlPmtInfAndSts"):
        info_id = _text(node, "OrgnlPmtInfId")
        batches.append(BatchStatus(info_id, _status(node, "PmtInfSts"), _reasons(node)))
        payments += [_payment(inner, info_id) for inner in _children(node, "TxInfAndSts")]
    return batches, payments


def _payment(node: Element, payment_info_id: str | None) -> PaymentStatus:
    return PaymentStatus(
        end_to_end_id=_text(node, "OrgnlEndToEndId"),
        status=_status(node, "TxSts"),
        instruction_id=_text(node, "OrgnlInstrId"),
        payment_info_id=payment_info_id,
        transaction_id=_text(node, "OrgnlTxId") or _text(node, "AcctSvcrRef"),
        reasons=_reasons(node),
    )


def _reasons(node: Element) -> tuple[StatusReason, ...]:
    found = []
    for info in _children(node, "StsRsnInf"):
        reason = _child(info, "Rsn")
        words = [_value(part) for part in _children(info, "AddtlInf")]
        code = _text(reason, "Cd") or _text(reason, "Prtry")
        found.append(StatusReason(code, " ".join(filter(None, words)) or None))
    return tuple(found)


def _status(node: Element, name: str) -> str | None:
    """A status code; anything that cannot be one is refused, for money depends on it."""
    found = _child(node, name)
    if found is None:
        return None
    text = _value(found) or ""
    if not _STATUS.fullmatch(text):
        raise ReportRefused(
            "bank_answer_status_unreadable", "{text!r} is not a status, at line {line}",
            text=text[:40], line=line_of(found),
        )  # fmt: skip
    return text


def _namespace_warning(message: Element) -> ReadWarning:
    namespace = xml.namespace_of(message)[:100]
    return ReadWarning("namespace_unexpected", "Document", line_of(message), 1, namespace)


def _children(node: Element | None, name: str) -> Iterator[Element]:
    within: Iterable[Element] = () if node is None else node
    return (child for child in within if local_name(child) == name)


def _child(node: Element | None, name: str) -> Element | None:
    return next(_children(node, name), None)


def _text(node: Element | None, name: str) -> str | None:
    child = _child(node, name)
    return None if child is None else _value(child)


def _value(node: Element) -> str | None:
    if len(node):
        raise ReportRefused(
            "value_with_elements", "a value is cut by other elements, at line {line}",
            line=line_of(node),
        )  # fmt: skip
    return (node.text or "").strip() or None
