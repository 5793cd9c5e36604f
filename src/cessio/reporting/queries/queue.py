"""What waits for somebody, kind by kind: the most pressing of each, and how many there are.

Every kind is one statement over what is open, by the partial indexes of what is open, and gives a
bounded number of rows whatever the book.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.queries import END_OF_TIME, TERMS_IN_FORCE
from cessio.kernel.calendar import previous_business_day

#: So many of each kind are read; the rest is counted.
MOST = 50
#: A dispute waits for somebody so many days before its funding is stopped.
DISPUTE_DAYS = 7
#: A limit so many days before it ends, and cover so many days after it was lost.
ENDING_DAYS = 7
LOST_DAYS = 7
#: An order without an answer is unknown after so many days.
SILENT_DAYS = 1

_CLIENT = """
      JOIN contract ON contract.id = {contract}
      JOIN client ON client.id = contract.client_id
      JOIN company ON company.id = client.company_id
"""
_DEBTOR = """
      JOIN debtor ON debtor.id = {debtor}
      JOIN company AS owing ON owing.id = debtor.company_id
"""

_REPLY = """
    SELECT reply.id AS number, client.id AS client_id, owing.name AS title,
           contract.reference || ' · ' || company.name AS reference,
           (reply.said_at AT TIME ZONE 'Europe/Paris')::date AS since,
           (reply.said_at AT TIME ZONE 'Europe/Paris')::date AS due_on,
           reply.amount_minor AS minor, contract.currency,
           jsonb_build_object('said', reply.reason) AS more
      FROM debtor_reply AS reply
      @client reply.contract_id
      @debtor reply.debtor_id
     WHERE reply.state = 'open' AND reply.kind = '{kind}'
"""

#: ``@client``, ``@debtor`` and ``@terms`` stand for the joins above and the terms in force.
#: number, client, title, reference, since, due, amount, currency, more of it as JSON.
_SOURCES: dict[str, str] = {
    "remittance": """
    SELECT remittance.id AS number, client.id AS client_id, company.name AS title,
           contract.reference || '-' || lpad(remittance.number::text, 5, '0') AS reference,
           (remittance.created_at AT TIME ZONE 'Europe/Paris')::date AS since, NULL::date AS due_on,
           remittance.invoices_minor + remittance.credit_notes_minor AS minor, contract.currency,
           jsonb_build_object('reasons', remittance.hold_reasons,
                              'documents', remittance.line_count) AS more
      FROM remittance
      @client remittance.contract_id
     WHERE remittance.state = 'submitted'
    """,
    "approval": """
    SELECT approval.id AS number, approval.client_id,
           coalesce(approval.summary ->> 'client', company.name) AS title,
           approval.summary ->> 'contract' AS reference,
           (approval.asked_at AT TIME ZONE 'Europe/Paris')::date AS since,
           (approval.asked_at AT TIME ZONE 'Europe/Paris')::date AS due_on,
           CASE WHEN jsonb_typeof(approval.summary -> 'amount_minor') = 'number'
                THEN (approval.summary ->> 'amount_minor')::bigint END AS minor,
           coalesce(approval.summary ->> 'currency', 'EUR') AS currency,
           jsonb_build_object('subject_kind', approval.subject_kind,
                              'subject_id', approval.subject_id) AS more
      FROM approval
      LEFT JOIN client ON client.id = approval.client_id
      LEFT JOIN company ON company.id = client.company_id
     WHERE approval.decision IS NULL AND approval.maker_id IS DISTINCT FROM :me
       AND approval.subject_kind = ANY(CAST(:subjects AS text[]))
    """,
    "account": """
    SELECT party_account.id AS number, client.id AS client_id, company.name AS title,
           party_account.iban AS reference,
           (party_account.added_at AT TIME ZONE 'Europe/Paris')::date AS since,
           NULL::date AS due_on, NULL::bigint AS minor, 'EUR' AS currency, '{}'::jsonb AS more
      FROM party_account
      JOIN company ON company.id = party_account.company_id
      LEFT JOIN client ON client.company_id = company.id
     WHERE party_account.is_payout AND party_account.ended_at IS NULL
       AND party_account.confirmed_at IS NULL AND party_account.added_by <> :actor
    """,
    "request": """
    SELECT limit_request.id AS number, client.id AS client_id, owing.name AS title,
           contract.reference || ' · ' || company.name AS reference,
           (limit_request.asked_at AT TIME ZONE 'Europe/Paris')::date AS since,
           limit_request.answer_due_on AS due_on, limit_request.amount_minor AS minor,
           contract.currency, jsonb_build_object('said', limit_request.comment) AS more
      FROM limit_request
      @client limit_request.contract_id
      @debtor limit_request.debtor_id
     WHERE limit_request.answer IS NULL
    """,
    "ending": """
    SELECT credit_limit.id AS number, client.id AS client_id, owing.name AS title,
           contract.reference AS reference, credit_limit.valid_from AS since,
           credit_limit.valid_to AS due_on, credit_limit.amount_minor AS minor, contract.currency,
           jsonb_build_object('said', credit_limit.insurer, 'kind', credit_limit.kind,
                              'contract', contract.id, 'debtor', debtor.id) AS more
      FROM credit_limit
      @client credit_limit.contract_id
      @debtor credit_limit.debtor_id
     WHERE credit_limit.ended_at IS NULL AND credit_limit.valid_to >= CAST(:on AS date)
       AND credit_limit.valid_to <= CAST(:ending AS date)
    """,
    "lost_cover": """
    SELECT credit_limit.id AS number, client.id AS client_id, owing.name AS title,
           contract.reference || ' · ' || company.name AS reference,
           credit_limit.ended_on AS since, NULL::date AS due_on,
           position.coverable_minor - position.covered_minor AS minor, contract.currency,
           jsonb_build_object('said', credit_limit.end_reason, 'contract', contract.id,
                              'debtor', debtor.id) AS more
      FROM credit_limit
      JOIN cover_position AS position ON position.contract_id = credit_limit.contract_id
       AND position.debtor_id = credit_limit.debtor_id
       AND position.limit_minor < credit_limit.amount_minor
       AND position.coverable_minor > position.covered_minor
      @client credit_limit.contract_id
      @debtor credit_limit.debtor_id
     WHERE credit_limit.kind = 'cover' AND credit_limit.ended_on >= CAST(:lost AS date)
       AND credit_limit.ended_on <= CAST(:on AS date)
    """,
    "dispute": """
    SELECT dispute.id AS number, client.id AS client_id, owing.name AS title,
           receivable.number || ' · ' || company.name AS reference, dispute.opened_on AS since,
           dispute.defunds_on AS due_on,
           dispute.amount_minor AS minor, contract.currency,
           jsonb_build_object('said', dispute.comment, 'reason', dispute.reason,
                              'receivable', receivable.id) AS more
      FROM dispute
      JOIN receivable ON receivable.id = dispute.receivable_id
      @client dispute.contract_id
      @debtor receivable.debtor_id
     WHERE dispute.ended_at IS NULL
       AND dispute.defunds_on <= CAST(:disputed AS date)
    """,
    "parked": """
    SELECT line.id AS number, NULL::bigint AS client_id,
           coalesce(line.party_name, line.remittance_text, line.bank_ref) AS title,
           line.remittance_text AS reference,
           (parked_line.parked_at AT TIME ZONE 'Europe/Paris')::date AS since,
           NULL::date AS due_on, line.amount_minor - line.applied_minor AS minor,
           factor_account.currency, jsonb_build_object('said', parked_line.note) AS more
      FROM parked_line
      JOIN bank_line AS line ON line.id = parked_line.bank_line_id
      JOIN factor_account ON factor_account.id = line.account_id
     WHERE parked_line.ended_at IS NULL AND parked_line.owner_id = ANY(:acting)
       AND line.applied_minor < line.amount_minor
    """,
    "payout": """
    SELECT payment_order.id AS number, NULL::bigint AS client_id,
           payment_order.message_id AS title, NULL AS reference,
           (coalesce(payment_order.sent_at, payment_order.sealed_at)
             AT TIME ZONE 'Europe/Paris')::date AS since,
           payment_order.execute_on AS due_on, sum(drawdown.amount_minor)::bigint AS minor,
           min(drawdown.currency) AS currency,
           jsonb_build_object('payouts', count(*),
                              'sent', payment_order.sent_at IS NOT NULL) AS more
      FROM drawdown JOIN payment_order ON payment_order.id = drawdown.order_id
     WHERE drawdown.state = 'ordered'
       AND (payment_order.sent_at IS NULL OR payment_order.sent_at < CAST(:silent AS date))
     GROUP BY payment_order.id
    """,
    "job": """
    SELECT job.id AS number, job.client_id, job.kind AS title,
           concat_ws(' · ', contract.reference, company.name) AS reference,
           (coalesce(job.finished_at, job.created_at) AT TIME ZONE 'Europe/Paris')::date AS since,
           (coalesce(job.finished_at, job.created_at) AT TIME ZONE 'Europe/Paris')::date AS due_on,
           NULL::bigint AS minor, 'EUR' AS currency,
           jsonb_build_object('error', job.error, 'code', job.error_code,
                              'params', job.error_params, 'from', job.payload -> 'from_on',
                              'to', job.payload -> 'to_on') AS more
      FROM job
      LEFT JOIN contract ON contract.id = CASE
           WHEN jsonb_typeof(job.payload -> 'contract_id') = 'number'
           THEN (job.payload ->> 'contract_id')::bigint END
      LEFT JOIN client ON client.id = contract.client_id
      LEFT JOIN company ON company.id = client.company_id
     WHERE job.state = 'dead'
    """,
    "signal": """
    SELECT signal.id AS number, signal.client_id, company.name AS title, contract.reference,
           (signal.found_at AT TIME ZONE 'Europe/Paris')::date AS since, NULL::date AS due_on,
           signal.amount_minor AS minor, signal.currency,
           jsonb_build_object('signal', signal.kind) AS more
      FROM signal
      JOIN client ON client.id = signal.client_id
      JOIN company ON company.id = client.company_id
      LEFT JOIN contract ON contract.id = signal.contract_id
     WHERE signal.state = 'open' AND signal.level IN ('high', 'medium')
    """,
    "verification": """
    SELECT verification.id AS number, client.id AS client_id, owing.name AS title,
           receivable.number || ' · ' || company.name AS reference,
           (verification.required_at AT TIME ZONE 'Europe/Paris')::date AS since,
           NULL::date AS due_on, receivable.open_minor AS minor, contract.currency,
           jsonb_build_object('asked', verification.asked_at IS NOT NULL) AS more
      FROM verification JOIN receivable ON receivable.id = verification.receivable_id
      @client verification.contract_id
      @debtor receivable.debtor_id
     WHERE verification.ended_at IS NULL
    """,
    "reply": _REPLY.format(kind="disputed"),
    "said_paid": _REPLY.format(kind="paid"),
    "signature": """
    SELECT payment_order.id AS number, NULL::bigint AS client_id,
           payment_order.message_id AS title, NULL AS reference,
           (payment_order.sealed_at AT TIME ZONE 'Europe/Paris')::date AS since,
           payment_order.execute_on AS due_on, payment_order.total_minor AS minor,
           factor_account.currency,
           jsonb_build_object('payouts', payment_order.payment_count) AS more
      FROM payment_order JOIN factor_account ON factor_account.id = payment_order.account_id
     WHERE payment_order.sent_at IS NULL AND payment_order.cancelled_at IS NULL
       AND payment_order.sealed_by <> :actor
       AND (SELECT count(*) FROM order_signature AS made
             WHERE made.order_id = payment_order.id) < 2
       AND NOT EXISTS (SELECT FROM order_signature AS made
                        WHERE made.order_id = payment_order.id AND made.person_id = :me)
    """,
    "statement": """
    SELECT account.id AS number, NULL::bigint AS client_id, account.name AS title,
           account.iban AS reference, max(statement.to_on) + 1 AS since,
           CAST(:expected AS date) AS due_on, NULL::bigint AS minor, account.currency,
           jsonb_build_object('last', max(statement.to_on)) AS more
      FROM factor_account AS account
      JOIN bank_statement AS statement ON statement.account_id = account.id
     GROUP BY account.id HAVING max(statement.to_on) < CAST(:expected AS date)
    """,
    "insolvency": """
    SELECT debtor.id AS number, NULL::bigint AS client_id, owing.name AS title,
           insolvency.court AS reference, insolvency.judged_on AS since,
           (insolvency.published_on + interval '2 months')::date AS due_on, NULL::bigint AS minor,
           'EUR' AS currency,
           jsonb_build_object('published', insolvency.published_on IS NOT NULL) AS more
      FROM insolvency
      @debtor insolvency.debtor_id
     WHERE insolvency.ended_at IS NULL AND insolvency.claimed_at IS NULL
    """,
    "closing": """
    SELECT 1::bigint AS number, NULL::bigint AS client_id, NULL AS title, NULL AS reference,
           max(day) + 1 AS since, max(day) + 1 AS due_on, NULL::bigint AS minor,
           'EUR' AS currency, jsonb_build_object('last', max(day)) AS more
      FROM closed_day HAVING max(day) < CAST(:yesterday AS date)
    """,
    "todo": """
    SELECT todo.id AS number, CASE WHEN todo.subject_kind = 'client' THEN todo.subject_id END
             AS client_id,
           company.name AS title, NULL AS reference,
           (todo.asked_at AT TIME ZONE 'Europe/Paris')::date AS since, todo.due_on,
           NULL::bigint AS minor, 'EUR' AS currency,
           jsonb_build_object('said', todo.body, 'subject_kind', todo.subject_kind,
                              'subject_id', todo.subject_id) AS more
      FROM todo
      LEFT JOIN client ON todo.subject_kind = 'client' AND client.id = todo.subject_id
      LEFT JOIN debtor ON todo.subject_kind = 'debtor' AND debtor.id = todo.subject_id
      JOIN company ON company.id = coalesce(client.company_id, debtor.company_id)
     WHERE todo.done_at IS NULL AND todo.owner_id = ANY(:acting)
    """,
}  # fmt: skip

#: Handed over, an item comes to its new owner whatever their portfolio; hidden ones are counted
#: out by the database, so that the number of the rest is right.
_FILTERED = """
    WITH item AS ({source})
    SELECT item.*, count(*) OVER () FROM item
     WHERE (CAST(:clients AS bigint[]) IS NULL OR client_id IS NULL
            OR client_id = ANY(CAST(:clients AS bigint[]))
            OR number = ANY(CAST(:given AS bigint[])))
       AND NOT number = ANY(CAST(:hidden AS bigint[]))
       AND (CAST(:only AS bigint[]) IS NULL OR number = ANY(CAST(:only AS bigint[])))
     ORDER BY due_on > CAST(:on AS date) OR due_on IS NULL, due_on, abs(minor) DESC NULLS LAST,
              since, number
     LIMIT :most
"""


def _whole(source: str) -> str:
    """A source with the joins that its marks stand for."""
    source = re.sub("@client (.+)", lambda found: _CLIENT.format(contract=found[1]), source)
    source = re.sub("@debtor (.+)", lambda found: _DEBTOR.format(debtor=found[1]), source)
    return source.replace("@terms", TERMS_IN_FORCE)


_STATEMENTS = {kind: text(_FILTERED.format(source=_whole(one))) for kind, one in _SOURCES.items()}
KINDS = tuple(_SOURCES)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose queue: the person, whose to-dos and receipts in hand besides (``acting``), the clients
    it is about (None: every one), what is kept out of it.

    ``given``, ``hidden`` and ``only`` are item numbers by kind; ``subjects`` the kinds of
    approval this person may decide on.
    """

    me: int
    actor: str
    on: date
    acting: tuple[int, ...] = ()
    clients: tuple[int, ...] | None = None
    subjects: tuple[str, ...] = ()
    given: Mapping[str, Collection[int]] = field(default_factory=dict)
    hidden: Mapping[str, Collection[int]] = field(default_factory=dict)
    only: Mapping[str, Collection[int]] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits; ``more`` is what its kind says besides."""

    kind: str
    number: int
    client_id: int | None
    title: str
    reference: str | None
    since: date
    due_on: date | None
    amount_minor: int | None
    currency: str
    more: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The most pressing items of one kind, and how many there are of it."""

    kind: str
    items: tuple[Item, ...]
    count: int


def waiting(session: Session, asked: Asked, *, kinds: Collection[str] = KINDS) -> list[Found]:
    """What waits, by kind: one statement each."""
    found = []
    for kind in kinds:
        only = None if asked.only is None else list(asked.only.get(kind, ()))
        if only == []:
            continue
        rows = session.execute(_STATEMENTS[kind], {**_facts(asked, kind), "only": only}).all()
        items = tuple(
            Item(kind, row[0], row[1], row[2] or "", row[3], row[4], row[5], row[6], row[7], row[8])
            for row in rows
        )
        found.append(Found(kind, items, rows[0][9] if rows else 0))
    return found


def _facts(asked: Asked, kind: str) -> dict[str, Any]:
    on = asked.on
    return {
        "me": asked.me, "acting": list(asked.acting or (asked.me,)), "actor": asked.actor,
        "on": on, "subjects": list(asked.subjects),
        "clients": None if asked.clients is None else list(asked.clients),
        "given": list(asked.given.get(kind, ())), "hidden": list(asked.hidden.get(kind, ())),
        "ending": on + timedelta(days=ENDING_DAYS), "lost": on - timedelta(days=LOST_DAYS),
        "disputed": on + timedelta(days=DISPUTE_DAYS), "most": MOST,
        "silent": on - timedelta(days=SILENT_DAYS), "expected": previous_business_day(on),
        "yesterday": on - timedelta(days=1), "recorded_before": END_OF_TIME,
    }  # fmt: skip
