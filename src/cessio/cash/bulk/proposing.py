"""Keeping proposals for the workbench until their line is applied."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.cash.rules import Proposal
from cessio.plumbing.database import copy_rows

_COLUMNS = ("bank_line_id", "rank", "confidence", "reasons", "allocations", "rest_minor", "made_at")


def store_proposals(
    session: Session, proposals: Mapping[int, Sequence[Proposal]], *, at: datetime
) -> None:
    """Replace the proposals of the lines; a line with none keeps none."""
    forget_proposals(session, proposals)
    rows = (
        (
            line_id, rank, proposal.confidence,
            json.dumps([reason.as_json() for reason in proposal.reasons]),
            json.dumps([allocation.as_json() for allocation in proposal.allocations]),
            proposal.rest_minor, at,
        )
        for line_id, ranked in proposals.items()
        for rank, proposal in enumerate(ranked, start=1)
    )  # fmt: skip
    copy_rows(session, "match_proposal", _COLUMNS, rows)


_PROPOSING = """
    SELECT DISTINCT bank_line_id
      FROM match_proposal, jsonb_array_elements(allocations) AS part
     WHERE (part ->> 'receivable_id')::bigint = ANY(:ids)
     ORDER BY bank_line_id LIMIT :most
"""
#: Lines proposed for anew at once; the others are looked at again when they are opened.
AGAIN_MAX = 50


def lines_proposing(session: Session, receivable_ids: Collection[int]) -> list[int]:
    """Lines with a proposal for one of the receivables; there are as many as wait for people."""
    if not receivable_ids:
        return []
    asked = {"ids": sorted(receivable_ids), "most": AGAIN_MAX}
    return list(session.scalars(text(_PROPOSING), asked))


_OF_PAYER = """
    SELECT line.id FROM bank_line AS line JOIN waiting_line ON bank_line_id = line.id
     WHERE (line.party_iban = :iban OR line.party_name = :name) AND line.amount_minor > 0
       AND line.return_code IS NULL
     ORDER BY line.id LIMIT :most
"""


def lines_of_payer(session: Session, *, iban: str | None, name: str | None) -> list[int]:
    """Receipts that wait and came from that account or under that name."""
    return list(session.scalars(text(_OF_PAYER), {"iban": iban, "name": name, "most": AGAIN_MAX}))


def forget_proposals(session: Session, line_ids: Collection[int]) -> None:
    """Drop the proposals of lines that are applied or matched anew."""
    if line_ids:
        session.execute(
            text("DELETE FROM match_proposal WHERE bank_line_id = ANY(:ids)"),
            {"ids": sorted(line_ids)},
        )
