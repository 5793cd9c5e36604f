"""A text that only the tests have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cessio.correspondence import TemplateKind, Text, Variable, register
from cessio.kernel.money import Money
from cessio.plumbing.i18n import Lazy

NOTICE = register(
    TemplateKind(
        "test_notice",
        Lazy("Limit"),
        (
            Variable("debtor", Lazy("Debtor"), "Distribution Durand SA"),
            Variable("limit", Lazy("Limit"), Money(5_000_000, "EUR")),
            Variable("expires_on", Lazy("Date"), date(2026, 12, 31)),
            Variable("rate", Lazy("Rate"), Decimal("0.0325")),
            Variable("count", Lazy("Number"), 1234),
            Variable("lines", Lazy("Details"), ("- F-1", "- F-2")),
            Variable("why", Lazy("Reason"), ""),
        ),
        Text(
            "Agrément sur {debtor}",
            "Bonjour {recipient},\n\nL’agrément de {limit} sur {debtor} expire le {expires_on}.\n\n"
            "{?why}\nMotif : {why}\n{/why}\n\n{lines}\n\n{factor}",
        ),
        Text(
            "Limit on {debtor}",
            "Dear {recipient},\n\nThe limit of {limit} on {debtor} ends on {expires_on}.\n\n"
            "{?why}\nWhy: {why}\n{/why}\n\n{lines}\n\n{factor}",
        ),
    )
)
