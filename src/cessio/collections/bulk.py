"""Which debtors are written to or called on a day: chosen from the whole book set by set.

Only the days of the due-date index that a step can reach are read. One line per invoice and track
(the latest step it reached), then one letter per debtor, writer, currency and tone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.orm import Session

from cessio.collections.queries.planned import (
    CHOICE_OF_DEBTOR,
    CHOICES_OF_CONTRACT,
    PLAN_OF,
    PLAN_OF_CONTRACT,
)
from cessio.collections.queries.promised import broken_schedules
from cessio.collections.queries.reach import MOBILE
from cessio.collections.rules.plans import (
    BEFORE_DUE,
    REMINDER,
    DunningChannel,
    LeftOut,
    promised_since,
)
from cessio.contracts.queries import END_OF_TIME, TERMS_IN_FORCE
from cessio.plumbing.sms import has_gateway

#: The invoices that reached a step on ``:on``, each with the reason that leaves it out, if any.
_CHOSEN = f"""
WITH terms AS MATERIALIZED ({TERMS_IN_FORCE}),
whom AS MATERIALIZED (
    SELECT contract.id AS contract_id, contract.client_id, contract.currency,
           terms.notification_mode AS mode,
           CASE WHEN terms.notification_mode <> 'notified' THEN contract.client_id END AS writer_id,
           {PLAN_OF_CONTRACT} AS plan_id
      FROM contract
      JOIN terms ON terms.contract_id = contract.id {CHOICES_OF_CONTRACT}),
step AS MATERIALIZED (
    SELECT used.plan_id, version.catch_up_days, version.quiet_days, dunning_step.*,
           CASE WHEN channel = 'registered' THEN 'formal' WHEN track = 'called' THEN channel
                WHEN days < 0 THEN 'before' ELSE 'late' END AS tone
      FROM unnest(CAST(:plans AS bigint[]), CAST(:versions AS bigint[]))
           AS used (plan_id, version_id)
      JOIN dunning_version AS version ON version.id = used.version_id
      JOIN dunning_step ON dunning_step.version_id = version.id
     WHERE used.plan_id IN (SELECT plan_id FROM whom UNION ALL
                            SELECT plan_id FROM dunning_choice
                             WHERE debtor_id IS NOT NULL AND ended_at IS NULL)),
due AS MATERIALIZED (  -- by the days that steps reach: by debtors it is the whole book a step
    SELECT receivable.id, receivable.due_date, receivable.open_minor, receivable.debtor_id,
           receivable.contract_id, step.version_id, step.number
      FROM step
      JOIN receivable ON receivable.closed_on IS NULL
       AND receivable.due_date BETWEEN CAST(:on AS date) - CAST(step.days AS int)
                                                         - CAST(step.catch_up_days AS int)
                                   AND CAST(:on AS date) - CAST(step.days AS int)
       AND receivable.kind = 'invoice'
       AND receivable.open_minor BETWEEN coalesce(step.min_minor, 0)
                                     AND coalesce(step.max_minor, receivable.open_minor)
       AND (step.days >= 0 OR receivable.due_date >= :on)),
reached AS (
    SELECT DISTINCT ON (receivable.id, step.track)
           receivable.id AS receivable_id, receivable.due_date, receivable.open_minor,
           receivable.debtor_id, receivable.contract_id, whom.writer_id, whom.currency,
           debtor.company_id, debtor.insolvent_on, step.plan_id, step.version_id, step.number,
           step.days, step.channel, step.track, step.template, step.tone, step.quiet_days,
           step.in_dispute, step.in_promise
      FROM due AS receivable
      JOIN step ON step.version_id = receivable.version_id AND step.number = receivable.number
      JOIN whom ON whom.contract_id = receivable.contract_id
       AND (cardinality(step.modes) = 0 OR whom.mode = ANY (step.modes))
      JOIN debtor ON debtor.id = receivable.debtor_id
       AND (cardinality(step.segments) = 0 OR debtor.segment = ANY (step.segments))
       AND (cardinality(step.languages) = 0 OR debtor.language = ANY (step.languages))
      {CHOICE_OF_DEBTOR}
     WHERE {PLAN_OF.format(of_contract="whom.plan_id")} = step.plan_id
     ORDER BY receivable.id, step.track, step.days DESC, step.number),
fresh AS (
    SELECT reached.*
      FROM reached
     WHERE NOT EXISTS (
           SELECT FROM dunning_line AS said
            WHERE said.receivable_id = reached.receivable_id AND said.due_date = reached.due_date
              AND said.track = reached.track AND said.days >= reached.days)
       AND (reached.channel <> 'legal' OR EXISTS (
           SELECT FROM dunning_line AS said
            WHERE said.receivable_id = reached.receivable_id AND said.channel = 'registered'))),
disputed AS MATERIALIZED (SELECT receivable_id FROM dispute WHERE ended_at IS NULL),
promised AS MATERIALIZED (
    SELECT promise.debtor_id, promise.currency, line.receivable_id
      FROM promise LEFT JOIN promise_line AS line ON line.promise_id = promise.id
     WHERE promise.ended_at IS NULL AND promise.due_on >= :promised_since
       AND (promise.schedule_id IS NULL OR promise.schedule_id <> ALL (CAST(:broken AS bigint[])))),
said_paid AS MATERIALIZED (
    SELECT named.receivable_id
      FROM debtor_reply AS reply JOIN debtor_reply_invoice AS named ON named.reply_id = reply.id
     WHERE reply.kind = 'paid' AND reply.state = 'open'),
handed_over AS MATERIALIZED (
    SELECT line.receivable_id
      FROM recovery_file AS held JOIN recovery_line AS line ON line.file_id = held.id
     WHERE held.ended_at IS NULL),
judged AS MATERIALIZED (  -- IN is looked up in a hash however few rows the server expects
    SELECT fresh.*,
           CASE WHEN insolvent_on IS NOT NULL THEN 'insolvent'
                WHEN receivable_id IN (SELECT receivable_id FROM handed_over) THEN 'handed_over'
                WHEN NOT in_dispute AND receivable_id IN (SELECT receivable_id FROM disputed)
                THEN 'disputed'
                WHEN NOT in_promise AND (
                     receivable_id IN (SELECT receivable_id FROM promised
                                        WHERE receivable_id IS NOT NULL)
                     OR (debtor_id, currency) IN (SELECT debtor_id, currency FROM promised
                                                   WHERE receivable_id IS NULL))
                THEN 'promised'
                WHEN receivable_id IN (SELECT receivable_id FROM said_paid) THEN 'said_paid'
                WHEN tone IN ('before', 'late') AND quiet_days > 0 AND EXISTS (
                     SELECT FROM dunning_letter AS past
                      WHERE past.debtor_id = fresh.debtor_id
                        AND past.writer_id IS NOT DISTINCT FROM fresh.writer_id
                        AND past.tone IN ('before', 'late', 'formal') AND past.dropped IS NULL
                        AND past.day > CAST(:on AS date) - CAST(quiet_days AS int)
                        AND past.day < :on)
                THEN 'quiet' END AS judgement
      FROM fresh),
chosen AS MATERIALIZED (
    SELECT judged.*,  -- who is written to of late invoices is not reminded of others the same day
           CASE WHEN judgement IS NULL AND tone = 'before' AND quiet_days > 0
                 AND bool_or(judgement IS NULL AND tone IN ('late', 'formal'))
                     OVER (PARTITION BY debtor_id, writer_id, currency)
                THEN 'quiet' ELSE judgement END AS left_out
      FROM judged),
grouped AS (
    SELECT version_id, plan_id, tone, debtor_id, company_id, writer_id, currency,
           max(days) AS days,
           (array_agg(number ORDER BY days DESC, number))[1] AS number,
           (array_agg(channel ORDER BY days DESC, number))[1] AS channel,
           (array_agg(template ORDER BY days DESC, number))[1] AS template,
           count(*) AS line_count, CAST(sum(open_minor) AS bigint) AS open_minor,
           array_agg(receivable_id ORDER BY due_date, receivable_id, track) AS receivable_ids,
           array_agg(due_date ORDER BY due_date, receivable_id, track) AS due_dates,
           array_agg(track ORDER BY due_date, receivable_id, track) AS tracks,
           array_agg(days ORDER BY due_date, receivable_id, track) AS step_days,
           array_agg(open_minor ORDER BY due_date, receivable_id, track) AS open_minors
      FROM chosen
     WHERE left_out IS NULL
     GROUP BY version_id, plan_id, tone, debtor_id, company_id, writer_id, currency),
addressed AS MATERIALIZED (
    SELECT grouped.version_id, plan_id, tone, debtor_id, grouped.company_id, writer_id, currency,
           days, grouped.number, grouped.channel, line_count, open_minor, receivable_ids,
           due_dates, tracks, step_days, open_minors,
           company.name AS debtor_name, contact.email, mobile.number AS mobile, way.sent_by,
           coalesce(contact.contact_name, mobile.contact_name) AS contact_name,
           CASE WHEN grouped.channel = 'sms' AND way.sent_by <> 'sms'
                THEN CASE tone WHEN 'before' THEN '{BEFORE_DUE}' ELSE '{REMINDER}' END
                ELSE template END AS template,
           way.sent_by IN ('letter', 'registered')
           AND (company.street IS NULL OR company.city IS NULL) AS lost
      FROM grouped
      JOIN company ON company.id = grouped.company_id
      LEFT JOIN LATERAL (
           SELECT contact.email, contact.name AS contact_name FROM contact
            WHERE contact.company_id = grouped.company_id AND contact.ended_at IS NULL
              AND contact.email IS NOT NULL
              AND NOT EXISTS (SELECT FROM mail_stop
                               WHERE mail_stop.address = lower(contact.email)
                                 AND mail_stop.ended_at IS NULL)
            ORDER BY contact.id LIMIT 1) AS contact ON true
      LEFT JOIN LATERAL (  -- no SMS speaks for a client: it would name who sent it
           SELECT its.number, contact.name AS contact_name
             FROM contact CROSS JOIN LATERAL (SELECT {MOBILE} AS number) AS its
            WHERE contact.company_id = grouped.company_id AND contact.ended_at IS NULL
              AND its.number IS NOT NULL
              AND NOT EXISTS (SELECT FROM mail_stop
                               WHERE mail_stop.address = its.number
                                 AND mail_stop.ended_at IS NULL)
            ORDER BY contact.id LIMIT 1) AS mobile
        ON grouped.channel = 'sms' AND writer_id IS NULL AND CAST(:sms AS boolean)
     CROSS JOIN LATERAL (
           SELECT CASE WHEN grouped.channel NOT IN ('mail', 'sms') THEN grouped.channel
                       WHEN mobile.number IS NOT NULL THEN 'sms'
                       WHEN contact.email IS NOT NULL THEN 'mail'
                       ELSE 'letter' END AS sent_by) AS way)
"""  # noqa: S608


def _with_chosen(rest: str) -> str:
    return "".join((_CHOSEN, rest))


_TOTALS = text(
    _with_chosen("""
    SELECT sent_by AS what, version_id, number, days, template, count(*) AS letters,
           sum(line_count) AS lines, sum(open_minor) AS open_minor, currency
      FROM addressed WHERE NOT lost
     GROUP BY sent_by, version_id, number, days, template, currency
    UNION ALL
    SELECT left_out, version_id, NULL, NULL, NULL, count(DISTINCT debtor_id), count(*),
           sum(open_minor), currency
      FROM chosen WHERE left_out IS NOT NULL
     GROUP BY left_out, version_id, currency
    UNION ALL
    SELECT 'no_address', version_id, NULL, NULL, NULL, count(*), sum(line_count),
           sum(open_minor), currency
      FROM addressed WHERE lost
     GROUP BY version_id, currency
     ORDER BY days NULLS LAST, what, currency""")
)

_LETTERS = text(
    _with_chosen("""
    SELECT addressed.*, writer.name AS writer_name,
           (SELECT array_agg(receivable.number ORDER BY receivable.due_date, receivable.id)
              FROM receivable
             WHERE receivable.id = ANY (addressed.receivable_ids[1:3])) AS numbers
      FROM addressed
      LEFT JOIN client ON client.id = addressed.writer_id
      LEFT JOIN company AS writer ON writer.id = client.company_id
     WHERE version_id = :version AND lost = CAST(:lost AS boolean)
       AND (CAST(:lost AS boolean) OR sent_by = :what)
     ORDER BY open_minor DESC, debtor_id LIMIT CAST(:most AS bigint)""")
)

_LEFT_OUT = text(
    _with_chosen("""
    SELECT chosen.receivable_id, receivable.number, chosen.due_date, chosen.open_minor,
           chosen.currency, chosen.debtor_id, company.name AS debtor_name, chosen.days,
           chosen.channel
      FROM chosen
      JOIN receivable ON receivable.id = chosen.receivable_id
      JOIN company ON company.id = chosen.company_id
     WHERE chosen.version_id = :version AND chosen.left_out = :what
     ORDER BY chosen.open_minor DESC, chosen.receivable_id LIMIT CAST(:most AS bigint)""")
)


#: Letters are numbered before they are stored, and each carries its own lines: a join of the two
#: afterwards is one of every letter with every line where the server expects few.
_STORE = text(
    _with_chosen("""
    , numbered AS MATERIALIZED (
    SELECT nextval('dunning_letter_id_seq') AS id, addressed.*
      FROM addressed WHERE NOT lost ORDER BY debtor_id, tone),
    letter AS (
    INSERT INTO dunning_letter (id, day, version_id, number, days, channel, template, tone,
                                debtor_id, writer_id, currency, line_count, open_minor)
    SELECT id, :on, version_id, number, days, sent_by, template, tone, debtor_id, writer_id,
           currency, line_count, open_minor
      FROM numbered
    RETURNING id),
    line AS (
    INSERT INTO dunning_line (letter_id, receivable_id, due_date, track, days, channel, open_minor)
    SELECT numbered.id, said.receivable_id, said.due_date, said.track, said.days,
           numbered.sent_by, said.open_minor
      FROM numbered
     CROSS JOIN unnest(receivable_ids, due_dates, tracks, step_days, open_minors)
           AS said (receivable_id, due_date, track, days, open_minor)
    RETURNING id)
    INSERT INTO dunning_day (day, letter_count, line_count, left_out_count, chosen_at, chosen_by)
    SELECT :on, (SELECT count(*) FROM letter), (SELECT count(*) FROM line),
           (SELECT count(*) FROM chosen) - (SELECT count(*) FROM line), :at, :by
    RETURNING letter_count""")
)

_WRITTEN = text("""
    UPDATE dunning_line AS line
       SET open_minor = one.open_minor, penalty_minor = one.penalty_minor,
           indemnity_minor = one.indemnity_minor
      FROM unnest(CAST(:lines AS bigint[]), CAST(:opens AS bigint[]), CAST(:penalties AS bigint[]),
                  CAST(:indemnities AS bigint[]))
           AS one (id, open_minor, penalty_minor, indemnity_minor)
     WHERE line.id = one.id""")


@dataclass(frozen=True, slots=True)
class Used:
    """What is chosen by: the version of each plan, the house's plan, and the day."""

    on: date
    versions: Mapping[int, int]
    house: int | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many go out by one channel at one step, or are left out for one reason.

    ``letters`` are letters, mails and calls; debtors where invoices are left out.
    """

    what: DunningChannel | LeftOut
    version_id: int
    number: int | None
    days: int | None
    template: str | None
    letters: int
    lines: int
    open_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ChosenLetter:
    """One letter, mail or call as it would go out."""

    debtor_id: int
    debtor_name: str
    writer_name: str | None
    channel: DunningChannel
    days: int
    template: str | None
    email: str | None
    mobile: str | None
    contact_name: str | None
    currency: str
    line_count: int
    open_minor: int
    receivable_ids: tuple[int, ...]
    numbers: tuple[str, ...]

    @property
    def first(self) -> tuple[tuple[int, str], ...]:
        """Its first invoices, with their numbers."""
        return tuple(zip(self.receivable_ids, self.numbers, strict=False))


@dataclass(frozen=True, slots=True)
class LeftLine:
    """An invoice that reached a step and is left out of this letter."""

    receivable_id: int
    number: str
    due_date: date
    open_minor: int
    currency: str
    debtor_id: int
    debtor_name: str
    days: int
    channel: DunningChannel


def count_chosen(session: Session, used: Used) -> tuple[Chosen, ...]:
    """What goes out on a day and what is left out, by step and currency."""
    return tuple(
        Chosen(_what(row["what"]), row["version_id"], row["number"], row["days"], row["template"],
               row["letters"], int(row["lines"]), int(row["open_minor"]), row["currency"])
        for row in _rows(session, _TOTALS, used)
    )  # fmt: skip


def chosen_letters(
    session: Session, used: Used, *, version_id: int, what: DunningChannel | None, most: int | None
) -> tuple[ChosenLetter, ...]:
    """The letters of one version by one channel (None: those nobody can be sent), largest first.

    ``most`` None is all of them.
    """
    asked = {"version": version_id, "what": what, "lost": what is None, "most": most}
    return tuple(
        ChosenLetter(
            row["debtor_id"], row["debtor_name"], row["writer_name"],
            DunningChannel(row["sent_by"]), row["days"], row["template"], row["email"],
            row["mobile"], row["contact_name"], row["currency"], row["line_count"],
            row["open_minor"], tuple(row["receivable_ids"]), tuple(row["numbers"]),
        )
        for row in _rows(session, _LETTERS, used, **asked)
    )  # fmt: skip


def left_out(
    session: Session, used: Used, *, version_id: int, why: LeftOut, most: int | None
) -> tuple[LeftLine, ...]:
    """The invoices of one version that are left out for one reason, largest first (None: all)."""
    asked = {"version": version_id, "what": why.value, "most": most}
    return tuple(
        LeftLine(row["receivable_id"], row["number"], row["due_date"], row["open_minor"],
                 row["currency"], row["debtor_id"], row["debtor_name"], row["days"],
                 DunningChannel(row["channel"]))
        for row in _rows(session, _LEFT_OUT, used, **asked)
    )  # fmt: skip


def store_day(session: Session, used: Used, *, by: str, at: datetime) -> int:
    """Keep what goes out on a day, in one statement; returns how many letters and calls."""
    return int(_rows(session, _STORE, used, by=by, at=at)[0]["letter_count"])


def store_lines(session: Session, lines: Sequence[tuple[int, int, int, int]]) -> None:
    """Keep what letters said of each line: what was open, penalties, indemnity."""
    if lines:
        ids, opens, penalties, indemnities = zip(*lines, strict=True)
        session.execute(_WRITTEN, {"lines": list(ids), "opens": list(opens),
                                   "penalties": list(penalties),
                                   "indemnities": list(indemnities)})  # fmt: skip


def _what(value: str) -> DunningChannel | LeftOut:
    if value in set(DunningChannel):
        return DunningChannel(value)
    return LeftOut(value)


def _rows(session: Session, statement: TextClause, used: Used, **more: Any) -> Sequence[RowMapping]:
    since = promised_since(used.on)
    facts = {
        "on": used.on, "recorded_before": END_OF_TIME, "plans": list(used.versions),
        "versions": list(used.versions.values()), "house": used.house,
        "promised_since": since, "broken": broken_schedules(session, on=used.on, since=since),
        "sms": has_gateway(), **more,
    }  # fmt: skip
    return session.execute(statement, facts).mappings().all()
