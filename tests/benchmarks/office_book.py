"""The book of the office: a house of 1,000 contracts in which every page has what it really reads.

Four months of the demonstration, lived through the real operations with five times its invoices,
are copied ``COPIES`` times by SQL: other clients, debtors, remittances, payments and histories of
the same house, its people, bank accounts and statements. An id becomes ``id * COPIES + copy``, so
that a contract's rows lie among everybody else's, as time would have laid them. Then the open
invoices are written again until there are a million, with 20,000 of one contract and as many of
one debtor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Engine, text

from cessio.demo import SEED
from cessio.demo.house import furnish
from cessio.demo.setup import Size, found
from cessio.demo.story import live
from cessio.plumbing import database, outbox
from cessio.plumbing.database import transaction
from cessio.receivables.bulk.cover import recompute_cover

COPIES = 84
SIZE = Size(clients=12, debtors=300, months=4, volume=5)
UNTIL = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
#: Open invoices of the book, and of the largest contract and the largest debtor.
OPEN, LARGE = 1_000_000, 20_000
#: The copies are dealt to so many account managers for each of the demonstration's.
MANAGERS = 10

#: The house itself: not copied, but what it adds up grows as many times.
HOUSE = {
    "absence": (), "alembic_version": (), "answer_promise": (), "api_token": (),
    "delegation": (),
    "bank_answer": (), "default_view": (), "dunning_choice": (), "dunning_plan": (),
    "dunning_step": (), "dunning_switch": (), "dunning_version": (), "factor_account": (),
    "factor_identity": (),
    "fee_grid": (), "fee_grid_version": (), "hand_over": (), "house_authority": (),
    "house_day": (), "house_reason": (), "idempotency_key": (), "index_fixing": (),
    "limit_policy": (), "matching_settings": (), "message_template": (),
    "notification_choice": (), "offer": (), "offer_version": (), "order_signature": (),
    "payout_limits": (), "person": (), "put_off": (), "saved_view": (), "scheduled_job": (),
    "sign_in_attempt": (), "team": (), "team_member": (), "verification_seed": (),
    "web_session": (),
    "bank_statement": ("opening_minor", "movements_minor", "closing_minor", "line_count"),
    "closed_day": ("transaction_count", "entry_count", "last_entry_id", "debit_minor"),
    "dunning_day": ("letter_count", "line_count", "left_out_count"),
    "payment_order": ("payment_count", "total_minor"),
    "settlement_run": ("contract_count", "total_minor"),
}  # fmt: skip
#: Subjects of the house, named by kind: their ids stay.
_HOUSE_KINDS = (
    "'bank_statement','payment_order','person','offer','fee_grid','factor_account','token',"
    "'limits_desk','payout_limits','message_template','matching_settings','index_fixing',"
    "'house_reason','factor','demonstration','closed_day','team'"
)
#: Columns that hold the id of something that is copied.
_COPIED = frozenset({
    "application_id", "approval_id", "bank_line_id", "client_id", "code_id",
    "commission_transaction_id", "company_id", "contact_id", "contract_id", "credit_id",
    "debited_line_id", "debtor_id", "dispute_id", "document_id", "drawdown_id", "file_id",
    "group_id", "indemnity_transaction_id", "invoice_id", "last_job_id", "letter_id", "limit_id",
    "mail_id", "message_id", "note_id", "original_id", "promise_id", "receivable_id",
    "recipient_id", "remittance_id", "reply_id", "request_id", "returned_id", "reversal_id",
    "reverses_id", "schedule_id", "settlement_id", "share_id", "sms_id", "source_id",
    "transaction_id", "transfer_transaction_id", "writer_id",
})  # fmt: skip
_NAMED = "{0} || CASE WHEN k = 0 THEN '' ELSE '-' || k END"
_MANAGER = (
    "CASE WHEN {0} = ANY(:managers) AND k % :shares > 0"
    " THEN 1000 + {0} * 10 + k % :shares ELSE {0} END"
)
_SHORT = "CASE WHEN k = 0 THEN {0} ELSE substring({0} FROM 1 FOR 400) END"
_IBAN = "CASE WHEN k = 0 THEN {0} ELSE left({0}, 24) || lpad(k::text, 3, '0') END"
_HASH = "CASE WHEN k = 0 THEN {0} ELSE sha256({0} || int4send(k)) END"
_MANY = "(SELECT array_agg(one * :copies + k) FROM unnest({0}) AS one)"
#: What else differs between copies.
_OTHERWISE: dict[str, str] = {
    "account_agreement.account_id": "{0} * :copies + k",
    "account_callback.account_id": "{0} * :copies + k",
    "bank_line.end_to_end_id": _NAMED, "bank_line.occurrence": "{0} * :copies + k",
    "bank_line.party_iban": _IBAN, "bank_line.party_name": _NAMED,
    "bank_line.position": "{0} * :copies + k", "client.account_manager_id": _MANAGER,
    "client.code": "{0} || CASE WHEN k = 0 THEN '' ELSE k::text END",
    "company.name": "{0} || CASE WHEN k = 0 THEN '' ELSE ' ' || k END",
    "company.name_key": "{0} || CASE WHEN k = 0 THEN '' ELSE ' ' || k END",
    "company.registration_number": _NAMED,
    "company.siren": "CASE WHEN k = 0 THEN {0} ELSE lpad((id * :copies + k)::text, 9, '0') END",
    "company.siret": "CASE WHEN k = 0 THEN {0} END",
    "company.vat_number": "CASE WHEN k = 0 THEN {0} ELSE {0} || 'K' || k END",
    "company_group.name": _NAMED, "contract.reference": _NAMED, "document.content": _SHORT,
    "drawdown.end_to_end_id": _NAMED, "fee_invoice.number": _NAMED,
    "fee_invoice.sequence": "{0} * :copies + k", "insolvency.limits": """
        (SELECT coalesce(jsonb_agg(one || jsonb_build_object(
                  'contract_id', (one ->> 'contract_id')::bigint * :copies + k)), '[]')
           FROM jsonb_array_elements({0}) AS one)""",
    "invitation.token_hash": _HASH,
    "job.business_key": _NAMED,
    "ledger_account.bank_id": "{0}", "letter_code.code": _NAMED,
    "letter_code.receivable_ids": _MANY, "match_proposal.allocations": """
        (SELECT jsonb_agg(part || jsonb_build_object(
                  'receivable_id', (part ->> 'receivable_id')::bigint * :copies + k))
           FROM jsonb_array_elements({0}) AS part)""",
    "message.business_key": _NAMED, "notification.key": _NAMED,
    "notification.person_id": _MANAGER, "outgoing_mail.business_key": _NAMED,
    "outgoing_mail.content": _SHORT, "parked_line.owner_id": _MANAGER,
    "party_account.iban": _IBAN, "payer_alias.key": _NAMED,
    "receivable.fingerprint": _HASH, "receivable.number": _NAMED,
    "receivable.number_key": "{0} || CASE WHEN k = 0 THEN '' ELSE k::text END",
    "receivable_follow.person_id": _MANAGER, "remittance_line.number": _NAMED,
    "share.contract_ids": _MANY, "share.token_hash": _HASH,
    "signal.document_ids": f"coalesce({_MANY}, '{{{{}}}}')",
    "signal.key": _NAMED, "subrogation_receipt.content": _SHORT,
    "subrogation_receipt.number": _NAMED, "todo.owner_id": _MANAGER,
    "verification.code_sha256": _HASH,
}  # fmt: skip
#: Accounts that no contract and no debtor has: one of each for the whole house.
_OWN_ACCOUNT = "(contract_id IS NULL AND debtor_id IS NULL)"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its columns in order."""

    name: str
    columns: tuple[str, ...]


def fill(engine: Engine, admin: Engine, tell: Tell) -> None:
    """Write the book into an empty database; ``admin`` may set triggers aside."""
    tell("living four months")
    _live(engine)
    _grow(engine, admin, tell)


def _grow(engine: Engine, admin: Engine, tell: Tell) -> None:
    with admin.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
        tell(f"copying them {COPIES} times")
        _multiply(connection, tell)
        _restart_ids(connection)
        _swell(connection)
        _restart_ids(connection)
    tell("covering what is large, and vacuuming")
    with transaction(engine) as session:
        recompute_cover(session, on=UNTIL, at=NOW)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _live(engine: Engine) -> None:
    with outbox.reactions({}), database.relaxed(engine) as connection:
        book = found(connection, size=SIZE, seed=SEED, until=UNTIL)
        live(book, progress=lambda _done, _total: None)
        furnish(book)


def _multiply(connection: Connection, tell: Tell) -> None:
    """Every table set aside, then written again as often as there are copies."""
    facts = {
        "copies": COPIES, "shares": MANAGERS,
        "managers": list(connection.scalars(text(
            "SELECT DISTINCT account_manager_id FROM client"))),
    }  # fmt: skip
    connection.execute(text("CREATE SCHEMA lived"))
    indexes = _drop_indexes(connection)
    tables = _tables(connection)
    for table in tables:
        connection.execute(text(f"CREATE TABLE lived.{table.name} AS TABLE public.{table.name}"))
        if table.name == "ledger_account":
            connection.execute(text(
                "CREATE TABLE lived.own_account AS SELECT id FROM lived.ledger_account"
                f" WHERE {_OWN_ACCOUNT}"))  # fmt: skip
    names = ", ".join(f"public.{table.name}" for table in tables)
    connection.execute(text(f"TRUNCATE {names}"))
    connection.execute(text("ANALYZE"))
    for table in tables:
        for statement in _statements(table):
            connection.execute(text(statement), facts)
    tell("building its indexes")
    for definition in indexes:
        connection.execute(text(definition))
    connection.execute(text("DROP SCHEMA lived CASCADE"))


def _tables(connection: Connection) -> list[Table]:
    rows = connection.execute(text("""
        SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)
          FROM information_schema.columns JOIN information_schema.tables
               USING (table_schema, table_name)
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
         GROUP BY table_name ORDER BY table_name
    """))  # fmt: skip
    return [Table(row[0], tuple(row[1])) for row in rows]


def _drop_indexes(connection: Connection) -> list[str]:
    """Drop the indexes that carry no constraint; what makes them again."""
    rows = connection.execute(text("""
        SELECT indexname, indexdef FROM pg_indexes
         WHERE schemaname = 'public' AND NOT EXISTS (
               SELECT 1 FROM pg_constraint WHERE conname = indexname)
    """)).all()  # fmt: skip
    for name, _definition in rows:
        connection.execute(text(f'DROP INDEX public."{name}"'))
    return [definition for _name, definition in rows]


def _statements(table: Table) -> list[str]:
    """What writes a table of the book from the table of the lived one."""
    if table.name in HOUSE:
        more = [_managers(table)] if table.name == "person" else []
        return [_insert(table, "k = 0", _house), *more]
    if table.name == "ledger_account":
        return [_insert(table, f"k = 0 OR NOT {_OWN_ACCOUNT}", _account)]
    if table.name == "ledger_entry":
        return [_insert(table, "true", _entry)]
    if "subject_kind" in table.columns and table.name != "audit_event":
        return [_insert(table, f"k = 0 OR subject_kind NOT IN ({_HOUSE_KINDS})", _copy)]
    return [_insert(table, "true", _copy)]


def _insert(table: Table, where: str, value: Callable[[Table, str], str]) -> str:
    columns = ", ".join(f'"{name}"' for name in table.columns)
    values = ", ".join(value(table, name) for name in table.columns)
    order = "ORDER BY id, k" if "id" in table.columns else "ORDER BY 1, k"
    return (
        f"INSERT INTO public.{table.name} ({columns}) OVERRIDING SYSTEM VALUE"
        f" SELECT {values} FROM lived.{table.name} CROSS JOIN generate_series(0, :copies - 1) AS k"
        f" WHERE {where} {order}"
    )


def _house(table: Table, column: str) -> str:
    if f"{table.name}.{column}" == "payment_order.message_id":  # a text, of another message
        return f'"{column}"'
    if column in _COPIED or column in HOUSE[table.name]:
        return f'"{column}" * :copies'
    return f'"{column}"'


def _copy(table: Table, column: str) -> str:
    otherwise = _OTHERWISE.get(f"{table.name}.{column}")
    if otherwise is not None:
        return otherwise.format(f'"{column}"')
    if column == "id" or column in _COPIED:
        return f'"{column}" * :copies + k'
    if column == "subject_id":
        return (
            f"CASE WHEN subject_kind IN ({_HOUSE_KINDS}) THEN subject_id"
            " ELSE subject_id * :copies + k END"
        )
    return f'"{column}"'


def _account(table: Table, column: str) -> str:
    if column in ("balance_minor", "version"):
        return f"CASE WHEN {_OWN_ACCOUNT} THEN {column} * :copies ELSE {column} END"
    return _copy(table, column)


def _entry(table: Table, column: str) -> str:
    """An entry on an account of the house follows the same entry of the copy before."""
    own = "account_id IN (SELECT id FROM lived.own_account)"
    otherwise = {
        "account_id": f"account_id * :copies + CASE WHEN {own} THEN 0 ELSE k END",
        "account_version": f"CASE WHEN {own} THEN (account_version - 1) * :copies + k + 1"
                           " ELSE account_version END",
        "balance_after_minor": f"CASE WHEN {own} THEN (balance_after_minor - amount_minor)"
                               " * :copies + amount_minor * (k + 1) ELSE balance_after_minor END",
    }  # fmt: skip
    return otherwise.get(column) or _copy(table, column)


def _managers(table: Table) -> str:
    """More account managers, as ``_MANAGER`` numbers them."""
    otherwise = {
        "id": "1000 + id * 10 + k", "email": "k::text || '.' || email",
        "name": "name || ' ' || k::text",
    }  # fmt: skip
    columns = ", ".join(f'"{name}"' for name in table.columns)
    values = ", ".join(otherwise.get(name, f'"{name}"') for name in table.columns)
    return (
        f"INSERT INTO public.person ({columns}) OVERRIDING SYSTEM VALUE SELECT {values}"
        " FROM lived.person CROSS JOIN generate_series(1, :shares - 1) AS k"
        " WHERE id = ANY(:managers)"
    )


#: Open invoices of the book, a contract or a debtor again and again, until there are enough.
_MORE = (
    """
    CREATE TEMP TABLE more ON COMMIT DROP AS
    SELECT (SELECT max(id) FROM receivable) + row_number() OVER (ORDER BY again, receivable.id)
             AS new_id, again, receivable.*
      FROM receivable, generate_series(1, 1 + :wanted / greatest(1, (
             SELECT count(*) FROM receivable WHERE {where}))) AS again
     WHERE {where}
     ORDER BY again, receivable.id LIMIT :wanted
    """,
    """
    INSERT INTO receivable ({columns}) OVERRIDING SYSTEM VALUE
    SELECT {values} FROM more
    """,
    """
    INSERT INTO ledger_transaction (kind, source_kind, source_id, effect, contract_id, value_date,
                                    booked_on, recorded_at, recorded_by)
    SELECT DISTINCT 'ASSIGNMENT', '{name}', contract_id, 'ASSIGNMENT', contract_id,
           CAST(:on AS date), CAST(:on AS date), CAST(:at AS timestamptz), 'job:bench' FROM more
    """,
    """
    CREATE TEMP TABLE line ON COMMIT DROP AS
    SELECT head.id AS transaction_id, account.id AS account_id, open_minor AS minor, new_id
      FROM more
      JOIN ledger_transaction AS head
        ON head.source_kind = '{name}' AND head.source_id = more.contract_id
      JOIN ledger_account AS account
        ON account.kind = 'RECEIVABLE' AND account.contract_id = more.contract_id
       AND account.debtor_id = more.debtor_id
     UNION ALL
    SELECT head.id, account.id, -sum(open_minor), NULL
      FROM more
      JOIN ledger_transaction AS head
        ON head.source_kind = '{name}' AND head.source_id = more.contract_id
      JOIN ledger_account AS account
        ON account.kind = 'CLIENT_CURRENT' AND account.contract_id = more.contract_id
     GROUP BY head.id, account.id
    """,
    """
    INSERT INTO ledger_entry (transaction_id, account_id, amount_minor, balance_after_minor,
                              account_version, receivable_id)
    SELECT transaction_id, account_id, minor, balance_minor + sum(minor) OVER so_far,
           version + count(*) OVER so_far, new_id
      FROM line JOIN ledger_account ON ledger_account.id = account_id
    WINDOW so_far AS (PARTITION BY account_id ORDER BY new_id ROWS UNBOUNDED PRECEDING)
    """,
    """
    UPDATE ledger_account
       SET balance_minor = balance_minor + moved, version = version + entries
      FROM (SELECT account_id, sum(minor) AS moved, count(*) AS entries FROM line GROUP BY 1) sums
     WHERE id = account_id
    """,
    "DROP TABLE more, line",
)
_LARGEST = """
    SELECT {0} FROM receivable WHERE closed_on IS NULL AND open_minor > 0 AND id % :copies = :k
     GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
"""


def _swell(connection: Connection) -> None:
    """The whole book grows, then the largest contract of a copy and the largest debtor of one."""
    _more(connection, "book", "true", OPEN - 2 * LARGE)
    for column, copy in (("contract_id", 3), ("debtor_id", 5)):
        largest = connection.scalar(
            text(_LARGEST.format(column)), {"copies": COPIES, "k": copy}
        )  # fmt: skip
        _more(connection, column, f"{column} = {largest}", LARGE)


def _more(connection: Connection, name: str, of: str, most: int) -> None:
    """Open invoices again, until there are so many of them."""
    where = f"{of} AND kind = 'invoice' AND closed_on IS NULL"
    count = connection.scalar(text(f"SELECT count(*) FROM receivable WHERE {where}")) or 0
    otherwise = {
        "id": "new_id", "fingerprint": "NULL", "amount_minor": "open_minor",
        "number": "number || '/' || again", "number_key": "number_key || 'x' || again",
    }  # fmt: skip
    names = next(one.columns for one in _tables(connection) if one.name == "receivable")
    facts = {"wanted": most - count, "on": UNTIL, "at": NOW}
    for statement in _MORE:
        connection.execute(
            text(statement.format(
                where=where, name=f"bench.{name}", columns=", ".join(names),
                values=", ".join(otherwise.get(one, one) for one in names),
            )), facts,
        )  # fmt: skip


def _restart_ids(connection: Connection) -> None:
    """Let the sequences go on after the copies."""
    rows = connection.execute(text("""
        SELECT table_name, pg_get_serial_sequence('public.' || table_name, 'id')
          FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'id' AND data_type = 'bigint'
    """)).all()  # fmt: skip
    for table, sequence in rows:
        if sequence is not None:
            connection.execute(
                text(f"SELECT setval('{sequence}', coalesce(max(id), 1)) FROM public.{table}")
            )
