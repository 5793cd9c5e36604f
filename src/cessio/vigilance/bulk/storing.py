"""Signals written by sets: once per kind and thing, refreshed while nobody looked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import audit
from cessio.vigilance.rules import Sign

_STORE = """
    INSERT INTO signal (kind, key, level, client_id, contract_id, debtor_id, remittance_id,
                        document_ids, amount_minor, currency, figures, found_at, found_by, seen_at)
    VALUES (:kind, :key, :level, :client_id, :contract_id, :debtor_id, :remittance_id,
            :document_ids, :amount_minor, :currency, CAST(:figures AS jsonb), :at, :by, :at)
    ON CONFLICT (kind, key) DO UPDATE
       SET figures = excluded.figures, amount_minor = excluded.amount_minor,
           document_ids = excluded.document_ids, seen_at = excluded.seen_at,
           remittance_id = coalesce(signal.remittance_id, excluded.remittance_id)
     WHERE signal.state = 'open'
"""


def store(session: Session, signs: Iterable[Sign], *, by: str, at: datetime) -> int:
    """Keep what was found; one already known is refreshed while open. Returns how many there were.

    A thing that is odd in one way twice keeps its strongest figures: the last one given.
    """
    rows = {
        (sign.kind, sign.key): {
            "kind": sign.kind.value, "key": sign.key, "level": sign.level.value,
            "client_id": sign.client_id, "contract_id": sign.contract_id,
            "debtor_id": sign.debtor_id, "remittance_id": sign.remittance_id,
            "document_ids": list(sign.document_ids), "amount_minor": abs(sign.amount_minor),
            "currency": sign.currency, "figures": json.dumps(audit.json_safe(sign.figures)),
            "by": by, "at": at,
        }
        for sign in signs
    }  # fmt: skip
    if rows:
        session.execute(text(_STORE), list(rows.values()))
    return len(rows)
