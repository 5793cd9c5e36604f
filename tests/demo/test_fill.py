"""The demonstration is whole, the same everywhere, and leaves something to decide.

One small book (three clients, two months) serves all tests of this module.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests.walking import SCALE, UNTIL

from cessio import contracts, demo
from cessio.closing.bulk import prove
from cessio.demo.cast import CLIENTS, STAFF
from cessio.settlement import queries as settlement

LEDGER = """
    SELECT encode(sha256(convert_to(string_agg(concat_ws('|', entry.id, head.kind, head.source_kind,
             head.source_id, head.effect, head.value_date, head.booked_on, head.recorded_at,
             head.recorded_by, account.kind, account.contract_id, account.debtor_id,
             entry.amount_minor, entry.balance_after_minor, entry.receivable_id),
             E'\\n' ORDER BY entry.id), 'UTF8')), 'hex')
      FROM ledger_entry AS entry
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
      JOIN ledger_account AS account ON account.id = entry.account_id
"""

#: What somebody can be shown, and where it is found.
SITUATIONS = {
    "a blocked remittance": "remittance WHERE state = 'submitted' AND hold_reasons <> '{}'",
    "a draft with refused lines": "remittance WHERE state = 'draft' AND refused_count > 0",
    "a duplicate across clients": """remittance_line JOIN remittance ON id = remittance_id
        WHERE remittance.state = 'assigned' AND verdict = 'refused'
          AND reasons @> '[{"code": "duplicate_assigned"}]'""",
    "an unidentified receipt": "bank_line WHERE amount_minor > 0 AND applied_minor = 0",
    "a parked receipt": "parked_line WHERE ended_at IS NULL",
    "a note on top": "note WHERE pinned_at IS NOT NULL",
    "something to do": "todo WHERE done_at IS NULL",
    "an item put off": "put_off WHERE ended_at IS NULL",
    "figures of yesterday": "availability_snapshot WHERE day = date '2026-11-19'",
    "an open dispute": "dispute WHERE ended_at IS NULL",
    "an exceeded limit": "cover_position WHERE NOT is_full AND limit_minor > 0",
    "a drawdown waiting": "approval WHERE subject_kind = 'drawdown' AND decision IS NULL",
    "a limit request waiting": "limit_request WHERE answer IS NULL",
    "a limit about to expire": """credit_limit WHERE ended_at IS NULL
        AND valid_to BETWEEN '2026-11-20' AND '2026-12-20'""",
    "a reversed remittance": "remittance WHERE state = 'reversed'",
    "a closed day": "closed_day",
    "a payout the bank gave back": "drawdown WHERE state = 'rejected'",
    "a credit note set off": "set_off",
    "a payment applied by hand": "cash_application WHERE kind = 'manual'",
    "a promise waited for": "promise WHERE ended_at IS NULL",
    "instalments that run": """(SELECT schedule_id FROM promise WHERE ended_at IS NULL
        GROUP BY schedule_id HAVING schedule_id IS NOT NULL
           AND min(due_on) > '2026-11-20') AS running""",
    "an instalment not paid in time": """promise
        WHERE schedule_id IS NOT NULL AND ended_at IS NULL AND due_on < '2026-11-20'""",
    "a file at a bailiff's, with its papers": """recovery_file
        JOIN document ON subject_kind = 'recovery_file' AND subject_id = recovery_file.id
        WHERE ended_at IS NULL AND built_at IS NOT NULL""",
    "an indemnified invoice, declared to the insurer": """unpaid_settlement
        JOIN insurer_claim ON settlement_id = unpaid_settlement.id WHERE indemnity_minor > 0""",
    "an invoice given back": "unpaid_settlement WHERE transfer_back_minor > 0",
    "a mail given up, with its cause": "job WHERE state = 'dead' AND error IS NOT NULL",
    "a mobile that wants no more": "mail_stop WHERE why = 'stopped' AND ended_at IS NULL",
    "an insolvency whose claims can be declared": """insolvency
        WHERE published_on + interval '2 months' > '2026-11-20'""",
    "an invoice followed by somebody": "receivable_follow WHERE ended_at IS NULL",
    "a proof beside an invoice": "document WHERE subject_kind = 'receivable'",
    "a client's account to confirm": """party_account
        WHERE is_payout AND confirmed_at IS NULL AND ended_at IS NULL""",
    "an order to sign": "payment_order WHERE sent_at IS NULL AND cancelled_at IS NULL",
    "an outcome to confirm": "approval WHERE subject_kind = 'payout_outcome' AND decision IS NULL",
    "a drawdown a client withdrew": "drawdown WHERE state = 'cancelled'",
    "a debtor asked to confirm": "verification WHERE state = 'asked'",
    "an invoice a debtor denied": "verification WHERE state = 'failed'",
    "a saved view": "saved_view WHERE shared",
    "a limit at a second person": "limit_proposal WHERE ended_at IS NULL",
    "a sign somebody explained": "signal WHERE state = 'explained'",
}


def _one(session: Session, query: str) -> Any:
    return session.execute(text(query)).scalar_one()


def test_every_proof_holds(demo_session: Session) -> None:
    assert [finding for proof in prove(demo_session) for finding in proof.findings] == []


def test_the_same_seed_and_day_make_the_same_ledger(demo_book: Engine, engine: Engine) -> None:
    demo.fill(engine, until=UNTIL, scale=SCALE)
    with Session(demo_book) as first, Session(engine) as second:
        assert _one(first, LEDGER) == _one(second, LEDGER)


def test_nothing_happens_after_the_last_day_or_outside_working_hours(demo_session: Session) -> None:
    last = _one(
        demo_session, "SELECT max(recorded_at AT TIME ZONE 'Europe/Paris') FROM ledger_transaction"
    )
    assert last.date() <= UNTIL
    at_night = "SELECT count(*) FROM audit_event WHERE by LIKE 'person:%' AND extract(hour FROM at)"
    assert _one(demo_session, f"{at_night} NOT BETWEEN 5 AND 20") == 0


def test_every_company_has_valid_numbers_and_every_debtor_an_account(demo_session: Session) -> None:
    from stdnum import iban
    from stdnum.fr import siret, tva

    rows = demo_session.execute(text("SELECT siren, siret, vat_number FROM company")).all()
    assert len(rows) > 50
    for siren, establishment, vat in rows:
        assert siret.is_valid(establishment)
        assert tva.is_valid(vat)
        assert tva.to_siren(vat) == siren == establishment[:9]
    accounts = demo_session.scalars(text("SELECT iban FROM party_account")).all()
    assert all(iban.is_valid(each) for each in accounts)


@pytest.mark.parametrize("what", SITUATIONS)
def test_there_is(demo_session: Session, what: str) -> None:
    assert _one(demo_session, f"SELECT count(*) FROM {SITUATIONS[what]}") > 0


def test_a_retention_release_is_due(demo_session: Session) -> None:
    funds = settlement.funds(
        demo_session, on=UNTIL, terms=contracts.terms_of_all(demo_session, UNTIL)
    )
    assert any(fund.release_minor > 0 for fund in funds)


def test_most_receipts_match_by_themselves(demo_session: Session) -> None:
    """As in a factor's day: more than four in five (domain.md §9)."""
    matched = _one(demo_session, "SELECT count(*) FROM cash_application WHERE kind = 'auto'")
    by_hand = _one(demo_session, "SELECT count(*) FROM cash_application WHERE kind = 'manual'")
    assert matched > 4 * by_hand


def test_the_book_says_what_it_is(demo_book: Engine, engine: Engine) -> None:
    assert demo.state(demo_book) is demo.State.WHOLE
    assert demo.state(engine) is demo.State.EMPTY


def test_an_interrupted_one_is_seen_and_begun_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cessio.cli import prepare

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.fill(engine, until=UNTIL, scale=SCALE, progress=stop)
    assert demo.state(engine) is demo.State.INTERRUPTED
    said: list[str] = []
    monkeypatch.setattr(demo, "fill", lambda *_args, **_kwargs: None)
    assert prepare.fill_demo(engine, say=said.append)
    assert "interrupted" in said[0]
    assert demo.state(engine) is demo.State.EMPTY


def test_everybody_of_the_cast_has_a_login() -> None:
    lines = list(demo.logins())
    assert len(lines) == 2 + len(STAFF) + sum(len(client.users) for client in CLIENTS)
    assert any("paul@renaud.example" in line for line in lines)
    assert any("fanny@alpha.example" in line for line in lines)
