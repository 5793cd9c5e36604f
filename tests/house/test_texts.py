"""Whatever people read is in the catalogue, and the French catalogue is complete and faithful.

``python -m tests.house.texts`` prints what is missing, ready to be translated.
"""

from __future__ import annotations

import re
import string

import pytest

from tests.house.sources import ROOT
from tests.house.texts import all_texts, bare_words, french, missing, templates


def _fields(text: str) -> set[str]:
    """The ``{name}`` fields of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_sentence_has_its_french() -> None:
    absent = [f"{text.where} {text.msgid!r}" for text in missing()]
    assert not absent, f"{len(absent)} missing"


def test_a_translation_has_the_fields_of_its_sentence() -> None:
    known = {text.key: text for text in all_texts()}
    wrong = []
    for key, forms in french().items():
        text = known.get(key)
        allowed = _fields(key[1]) | (_fields(text.plural) if text and text.plural else set())
        wrong.extend(f"{key[1]!r}: {form!r}" for form in forms if not _fields(form) <= allowed)
        if not text or not text.plural:
            wrong.extend(f"{key[1]!r}: {form!r}" for form in forms if _fields(form) != allowed)
    assert not wrong


def test_french_uses_its_own_spaces_and_quotes() -> None:
    """A no-break space before ``: ; ! ?`` and inside guillemets; never a plain one or none."""
    bad = re.compile("\\w[!?;](?:\\s|$)| [:;!?\u00bb](?:\\s|$)|\u00ab ")
    wrong = [form for forms in french().values() for form in forms if bad.search(form)]
    assert not wrong, f"{len(wrong)}"


@pytest.mark.parametrize("name", [str(path.relative_to(ROOT)) for path in templates()])
def test_a_template_shows_no_word_that_cannot_be_translated(name: str) -> None:
    assert not bare_words(ROOT / name)
