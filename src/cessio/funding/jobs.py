"""Payouts found, by themselves, on a bank statement; standing instructions, once a business day."""

from __future__ import annotations

from datetime import date

from cessio.funding import operations, queries
from cessio.funding.formats.payee_answers import read_answers
from cessio.funding.rules.payees import PayeeSource
from cessio.kernel.errors import CessioError
from cessio.plumbing import confined, payee_gateway
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobContext, enqueue, job

SETTLE_PAYOUTS = "funding.settle_payouts"
PLAN = "funding.plan_standing"
AUTOMATIC = "funding.automatic"
ASK_PAYEES = "funding.ask_payees"


@job(SETTLE_PAYOUTS, while_held=True)
def settle_payouts(context: JobContext, *, statement_id: int) -> None:
    """Confirm payouts that left our accounts and give back those that were returned."""
    with context.transaction() as session:
        done = operations.settle_payout_lines(session, by=context.by, at=context.at)
        context.finish(
            session,
            {"statement_id": statement_id, "paid": len(done.paid), "back": len(done.rejected)},
        )


class StandingLeft(CessioError):
    """Some contracts' instructions could not be carried out; the next attempt takes those."""


@job(PLAN)
def plan(context: JobContext, *, on: date) -> None:
    """Have a business day's standing instructions carried out when its hour comes."""
    with context.transaction() as session:
        enqueue(
            session, kind=AUTOMATIC, key=on.isoformat(), payload={"on": on}, by=context.by,
            at=context.at, run_after=queries.run_hour(session, on),
        )  # fmt: skip
        context.finish(session, {"on": on.isoformat()})


@job(AUTOMATIC, serial=True, time_limit_seconds=3600)
def draw(context: JobContext, *, on: date) -> None:
    """Carry out a business day's standing instructions, a transaction a contract.

    A day that is over when its turn comes is left: the next one draws what is available then.
    """
    if context.on != on:
        return
    with transaction(context.engine) as session:
        waiting = queries.standing_contracts(session, on=on)
    left: list[str] = []
    for done, contract_id in enumerate(waiting, start=1):
        try:
            with context.transaction() as session:
                ran = operations.run_standing(
                    session, contract_id=contract_id, on=on, by=context.by, at=context.at
                )
                context.count(looked_at=1, drawn=bool(ran and ran.answer))
        except CessioError as error:
            left.append(f"{contract_id}: {error}")
        context.progress(done, len(waiting))
    if left:
        raise StandingLeft("standing_left", "{count} contracts could not be looked at: {why}",
                           count=len(left), why="; ".join(left[:5]))  # fmt: skip
    with context.transaction() as session:
        context.finish(session, {"on": on.isoformat()})


@job(ASK_PAYEES, max_attempts=6, backoff_seconds=30, time_limit_seconds=120)
def ask_payees(context: JobContext, *, asked_by: str) -> None:
    """Ask the bank about every payee nobody asked about yet; who asked is who wrote it down."""
    with transaction(context.engine) as session:
        unknown = [one for one in queries.all_payees(session) if one.outcome is None]
    gateway = payee_gateway.known()
    if gateway is None:
        raise ConnectionError("there is no payee gateway")
    told = gateway.ask((one.name, one.iban) for one in unknown) if unknown else b""
    with context.transaction() as session:
        answers = confined.read(read_answers, told) if told else []
        taken = operations.take_answers(session, answers, source=PayeeSource.GATEWAY,
                                        by=asked_by, at=context.at)  # fmt: skip
        context.finish(session, {"asked": len(unknown), "kept": taken.kept})
