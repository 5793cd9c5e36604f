"""Vigilance: signs that something may be wrong, kept as reasons to look and never as verdicts.

A *signal* is one sign of one *kind* about one thing, found once, with the figures it was found by
and the documents it concerns. It is *open* until somebody looked and said what it is: *explained*
(there is a good reason), *confirmed* (it is what it looks like) or a *false alarm*. Signs of the
documents of a remittance are looked for when it is checked and when it is assigned; signs of
behaviour every night. The level says what follows: the invoices of an open *high* signal are
verified before they are funded.
"""

from cessio.vigilance.operations import account_named, delivered, look, scan_book, scan_remittance
from cessio.vigilance.queries import (
    OpenSignals,
    SignalFilter,
    SignalView,
    open_counts,
    open_signals,
    signal,
    signals,
    signals_about,
)
from cessio.vigilance.rules import Level, Outcome, SignalKind

__all__ = [
    "Level", "OpenSignals", "Outcome", "SignalFilter", "SignalKind", "SignalView", "account_named",
    "delivered", "look", "open_counts", "open_signals", "scan_book", "scan_remittance", "signal",
    "signals", "signals_about",
]  # fmt: skip
