"""Values, errors and terms in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from cessio.kernel.errors import Invalid, Problems
from cessio.kernel.money import Money
from cessio.plumbing import i18n
from cessio.plumbing.i18n import use_language
from cessio.web import words
from cessio.web.words import registry


class Weather(StrEnum):
    SUNNY = "sunny"
    HALF_CLOUDY = "half_cloudy"
    REFUSED = "refused"


@dataclass
class Reason:
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in ("_labels", "_tones", "_sentences"):
        monkeypatch.setattr(registry, table, dict(getattr(registry, table)))
    words.labels(Weather, {Weather.SUNNY: i18n.lazy("Availability")})
    words.tones(Weather, {"positive": [Weather.SUNNY]})
    words.sentences({"storm": i18n.lazy("Only {left_minor} by {until}")})


@pytest.mark.usefixtures("named")
def test_a_state_has_a_name_and_a_tone() -> None:
    with use_language("fr"):
        assert words.label(Weather.SUNNY) == "Disponible"
    assert words.tone(Weather.SUNNY) == "positive"


def test_a_state_nobody_named_shows_its_own_word() -> None:
    with use_language("en"):
        assert words.label(Weather.HALF_CLOUDY) == "Half cloudy"
        assert words.label(None) == "–"
    assert words.tone(Weather.HALF_CLOUDY) == "neutral"
    assert words.tone(Weather.REFUSED) == "danger"


def test_a_tone_is_one_of_ours() -> None:
    with pytest.raises(ValueError, match="not a tone"):
        words.tones(Weather, {"pink": []})


@pytest.mark.usefixtures("named")
def test_a_reason_speaks_by_its_code() -> None:
    reason = Reason("storm", {"left_minor": 123456, "until": date(2026, 11, 18)})
    with use_language("fr"):
        assert words.sentence(reason) == "Only 1\u202f234,56\u00a0€ by 18/11/2026"


def test_the_values_of_an_error_are_written_the_readers_way() -> None:
    error = Invalid(
        "x", "{a} {b} {c} {d_rate} {e_minor} {n}",
        a=Money(5), b=date(2026, 1, 2), c=Decimal("1.5"), d_rate=Decimal("0.006"), e_minor=100,
        currency="GBP", n=3,
    )  # fmt: skip
    with use_language("en"):
        assert words.sentence(error) == "€0.05 02/01/2026 1.5 0.60% £1.00 3"


def test_several_problems_are_several_sentences() -> None:
    problems = Problems([Invalid("a", "One thing"), Invalid("b", "another")])
    assert words.sentence(problems) == "One thing. Another."


def test_at_least_sixty_terms_are_explained_in_both_languages() -> None:
    assert len(words.glossary) >= 60
    french = i18n.catalogue("fr")
    for term in words.glossary.values():
        assert (None, term.name.msgid) in french, term.key
        assert (None, term.meaning.msgid) in french, term.key


def test_a_term_we_do_not_explain_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        words.glossary_entry("blockchain")
