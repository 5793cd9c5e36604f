"""Reading funding: availability and drawdowns."""

from cessio.funding.queries.availability import availability, book_availability
from cessio.funding.queries.drawdowns import (
    DrawdownView,
    OpenBankLine,
    Payee,
    PayoutLine,
    StateView,
    client_of_contract,
    drawdown_for_update,
    drawdown_view,
    drawdowns,
    granted_for_update,
    lock_contract,
    ordered_for_update,
    orders_drawdowns,
    payee_address,
    payee_of,
    payout_lines,
    payout_text,
    states_of,
    waiting_minor,
)
from cessio.funding.queries.planned import planned_availability
from cessio.funding.queries.prepaid import Quote, quote
from cessio.funding.queries.received import Receipt, availability_after
from cessio.funding.queries.withheld import WithheldLine, WithheldReceivable, withheld

__all__ = [
    "DrawdownView",
    "OpenBankLine",
    "Payee",
    "PayoutLine",
    "Quote",
    "Receipt",
    "StateView",
    "WithheldLine",
    "WithheldReceivable",
    "availability",
    "availability_after",
    "book_availability",
    "client_of_contract",
    "drawdown_for_update",
    "drawdown_view",
    "drawdowns",
    "granted_for_update",
    "lock_contract",
    "ordered_for_update",
    "orders_drawdowns",
    "payee_address",
    "payee_of",
    "payout_lines",
    "payout_text",
    "planned_availability",
    "quote",
    "states_of",
    "waiting_minor",
    "withheld",
]
