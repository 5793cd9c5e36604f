"""The seal of a closed day is one hash of one text, however it is read."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.closing import queries
from cessio.closing.models import ClosedDay
from cessio.closing.queries.days import PIECE

#: What was sealed from the first day on: every entry's line, in order, parted by line feeds.
_ONE_TEXT = text("""
    SELECT (SELECT count(*) FROM ledger_transaction WHERE booked_on <= :on
               AND (CAST(:after AS date) IS NULL OR booked_on > CAST(:after AS date))),
           count(*), coalesce(max(entry.id), 0),
           coalesce(sum(entry.amount_minor) FILTER (WHERE entry.amount_minor > 0), 0)::bigint,
           sha256(convert_to(CAST(:previous AS text) || coalesce(string_agg(
             concat_ws('|', entry.id, entry.transaction_id, head.kind, head.source_kind,
                       head.source_id, head.effect, coalesce(head.reverses_id, 0),
                       head.value_date - DATE '2000-01-01', head.booked_on - DATE '2000-01-01',
                       extract(epoch FROM head.recorded_at), head.recorded_by, entry.account_id,
                       entry.amount_minor, entry.balance_after_minor,
                       coalesce(entry.receivable_id, 0)),
             E'\\n' ORDER BY entry.id), ''), 'UTF8'))
      FROM ledger_transaction AS head JOIN ledger_entry AS entry ON entry.transaction_id = head.id
     WHERE head.booked_on <= :on
       AND (CAST(:after AS date) IS NULL OR head.booked_on > CAST(:after AS date))
""")


def test_read_in_pieces_it_is_the_same_as_of_one_text(demo_session: Session) -> None:
    days = [row.on for row in demo_session.query(ClosedDay).order_by(ClosedDay.on)]
    after, previous, last = None, b"", days[-1]
    for on in (*days[:3], last):
        found = queries.seal_of(demo_session, on=on, after=after, previous=previous)
        facts = {"on": on, "after": after, "previous": previous.hex()}
        wanted = demo_session.execute(_ONE_TEXT, facts).one()
        assert (found.transaction_count, found.entry_count, found.last_entry_id, found.debit_minor,
                found.sha256) == (*wanted[:4], bytes(wanted[4]))  # fmt: skip
        after, previous = on, found.sha256
    whole = queries.seal_of(demo_session, on=last, after=None, previous=b"")
    assert whole.last_entry_id > 2 * PIECE, "too few entries to be read in pieces"
    wanted = demo_session.execute(_ONE_TEXT, {"on": last, "after": None, "previous": ""}).one()
    assert whole.sha256 == bytes(wanted[4])


def test_what_people_write_is_sealed_as_it_stands(demo_session: Session) -> None:
    demo_session.execute(text("ALTER TABLE ledger_transaction DISABLE TRIGGER USER"))
    demo_session.execute(
        text("UPDATE ledger_transaction SET recorded_by = :by WHERE id % 7 = 0"),
        {"by": "person:\\1\\n| \u00e9\u4e16\t\nend"},
    )
    last = demo_session.query(ClosedDay).order_by(ClosedDay.on.desc()).limit(1).one().on
    found = queries.seal_of(demo_session, on=last, after=None, previous=b"\x07")
    wanted = demo_session.execute(_ONE_TEXT, {"on": last, "after": None, "previous": "07"}).one()
    assert found.sha256 == bytes(wanted[4])


def test_a_day_without_entries_seals_the_one_before(session: Session) -> None:
    [today] = session.scalars(text("SELECT current_date"))
    found = queries.seal_of(session, on=today, after=None, previous=b"\x01\x02")
    assert found == queries.Seal(0, 0, 0, 0, sha256(b"0102").digest())
