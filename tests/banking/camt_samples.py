"""Small camt files for the tests, written out in full or from a few words."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"
CORPUS = SHARED / "corpus"
SCHEMAS = SHARED / "xsd" / "iso20022"

IBAN = "FR7630006000011234567890189"


def entry(
    amount: str = "100.00", sign: str = "CRDT", *, currency: str = "EUR", status: str = "BOOK",
    details: str = "", dates: str = "<BookgDt><Dt>2026-11-16</Dt></BookgDt>"
    "<ValDt><Dt>2026-11-17</Dt></ValDt>", extra: str = "",
) -> str:  # fmt: skip
    """One entry of version 08."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{extra}'
        f"<Sts><Cd>{status}</Cd></Sts>{dates}<AcctSvcrRef>BANK-1</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
        f"</BkTxCd>{f'<NtryDtls>{details}</NtryDtls>' if details else ''}</Ntry>"
    )


def detail(amount: str, name: str = "ACME", line: str = "F-1", reference: str = "E2E-1") -> str:
    """One payment of an entry."""
    return (
        f'<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr>"
        f"</RltdPties><RmtInf><Ustrd>{line}</Ustrd></RmtInf></TxDtls>"
    )


def balance(kind: str, amount: str, *, sign: str = "CRDT", currency: str = "EUR") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        "<Dt><Dt>2026-11-16</Dt></Dt></Bal>"
    )


def statement(*entries: str, balances: str = "", account: str = f"<IBAN>{IBAN}</IBAN>",
              currency: str = "<Ccy>EUR</Ccy>") -> str:  # fmt: skip
    return (
        "<Stmt><Id>S-1</Id><ElctrncSeqNb>7</ElctrncSeqNb><CreDtTm>2026-11-16T20:00:00</CreDtTm>"
        f"<Acct><Id>{account}</Id>{currency}</Acct>{balances}{''.join(entries)}</Stmt>"
    )


def document(*statements: str, version: str = "08", namespace: str | None = None) -> bytes:
    """A camt.053 file."""
    urn = namespace or f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{urn}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-11-16T20:00:00</CreDtTm></GrpHdr>"
        f"{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()


def one(*entries: str, balances: str | None = None) -> bytes:
    """A file of one statement."""
    return document(statement(*entries, balances=balances or ""))
