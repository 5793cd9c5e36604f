"""Every reason of the matcher is a sentence a cash clerk understands, in French and in English."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cessio.cash.rules import Candidate, LineFacts, ReasonCode, Slot, propose
from cessio.plumbing.i18n import use_language
from cessio.web import words

DUE = date(2026, 10, 1)


def open_document(number: str, minor: int, *, debtor: int = 1, named: bool = False) -> Candidate:
    place = int("".join(filter(str.isdigit, number)) or 0)
    return Candidate(place, 1, debtor, number, minor, DUE + timedelta(days=place),
                     mentioned=number if named else None)  # fmt: skip


BOOK = [open_document("FA-1", 100_00), open_document("FA-2", 250_00), open_document("FA-3", 90_00)]
NAMED = [replace(BOOK[0], mentioned="FA-1"), *BOOK[1:]]
KNOWN = LineFacts(1, 1, by_iban=frozenset({1}))

TOLERATED = "Il manque 0,01 € : un écart si faible est accepté, au compte du client."
KEPT = "La garantie est annulée : ce qui reste couvert est payé d’abord (100,00 € ; FA-1, FA-2)."

STORIES: dict[str, tuple[LineFacts, list[Candidate], int, list[str]]] = {
    "paid to the cent": (
        replace(KNOWN, amount_minor=100_00), NAMED, 0,
        ["Le payeur cite FA-1.", "Le montant est exactement celui qui reste dû."],
    ),
    "a cent short, tolerated": (
        replace(KNOWN, amount_minor=99_99), NAMED, 5,
        ["Le payeur cite FA-1.", TOLERATED],
    ),
    "two per cent short": (
        replace(KNOWN, amount_minor=98_00), NAMED, 0,
        ["Le payeur cite FA-1.", "Il manque 2,00 € (2,00 %) : un escompte ?"],
    ),
    "a seventh short": (
        replace(KNOWN, amount_minor=86_00), NAMED, 0,
        ["Le payeur cite FA-1.", "Paiement partiel : il reste 14,00 € dus."],
    ),
    "paid by somebody else": (
        LineFacts(1, 100_00, by_iban=frozenset({7})), NAMED, 0,
        ["Le payeur cite FA-1.", "Le payeur n’est pas le débiteur connu pour ce numéro.",
         "Le montant est exactement celui qui reste dû."],
    ),
    "one of several sums": (
        replace(KNOWN, amount_minor=30_00),
        [open_document(f"FA-{n}", minor) for n, minor in enumerate((50_00, 10_00, 20_00, 30_01,
                                                                   29_99, 1), 1)],
        0,
        ["Le débiteur paie habituellement depuis ce compte.",
         "Ces pièces font la somme, d’autres la feraient aussi : FA-2, FA-3."],
    ),
    "an account two debtors share": (
        LineFacts(1, 250_00, by_iban=frozenset({1, 2})), BOOK, 0,
        ["Le débiteur paie habituellement depuis ce compte.",
         "2 débiteurs sont connus pour payer ainsi.",
         "Le montant est exactement celui qui reste dû."],
    ),
    "a cancelled limit": (
        replace(KNOWN, amount_minor=120_00,
                order={1: (Slot(1, "FA-1", 100_00, True), Slot(2, "FA-2", 250_00, False))}),
        BOOK, 0,
        ["Le débiteur paie habituellement depuis ce compte.",
         KEPT],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_the_matcher_says_why(name: str) -> None:
    line, book, tolerance, expected = STORIES[name]
    best = propose(line, book, tolerance_minor=tolerance)[0]
    with use_language("fr"):
        said = [words.sentence(reason) for reason in best.reasons]
    assert [_plain(sentence) for sentence in said] == expected


@pytest.mark.parametrize("code", ReasonCode)
def test_no_reason_is_left_without_words(code: ReasonCode) -> None:
    from cessio.cash.rules import MatchReason

    params = {"numbers": "FA-1", "count": 2, "short_minor": 5, "over_minor": 5, "kept_minor": 5,
              "rate": "0.0200", "reference": "RCF-2"}  # fmt: skip
    spoken = {}
    for language in ("fr", "en"):
        with use_language(language):
            spoken[language] = words.sentence(MatchReason(code, params))
        assert code.value not in spoken[language]
        assert "{" not in spoken[language]
    assert spoken["fr"] != spoken["en"]


def _plain(sentence: str) -> str:
    return sentence.replace("\u00a0", " ").replace("\u202f", " ")
