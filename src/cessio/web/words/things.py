"""Words for what plain strings name: kinds of papers, what a decision or an act is about."""

from __future__ import annotations

from cessio.plumbing.i18n import Lazy, lazy

#: ``label("remittance_file")`` finds its words by them.
NAMED: tuple[Lazy, ...] = (
    lazy("Letter"), lazy("Remittance file"), lazy("Payout proof"), lazy("Bank answer"),
    lazy("Limit proposal"), lazy("Contract terms"), lazy("Demonstration"), lazy("Team"),
    lazy("Factor"), lazy("Offer"), lazy("Signal"), lazy("Person"), lazy("House calendar"),
    lazy("House authority"), lazy("House reason"), lazy("Message template"), lazy("Limits desk"),
    lazy("Shared book"), lazy("Dunning plan"), lazy("Dunning choice"), lazy("Dunning day"),
    lazy("Recipient"), lazy("Effective from"), lazy("Act"),
)  # fmt: skip
