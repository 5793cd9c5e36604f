"""One spelling of a company's name, so that two people who write it differently still meet."""

from __future__ import annotations

import re
import unicodedata

_FRENCH_FORMS_TEXT = """
sa sas sasu sarl eurl snc sci scs sca scop scic scp scm selarl selas selasu earl gaec gie ei
eirl ets etablissements ste societe
"""
_FRENCH_FORMS = frozenset(_FRENCH_FORMS_TEXT.split())
_FOREIGN_FORMS_TEXT = """
gmbh mbh ag kg kgaa ohg ug ev ltd limited plc llp llc inc incorporated corp corporation co bv nv
bvba sprl srl srls sp spa sl slu sau slne lda ltda ab as asa oy oyj aps hf ehf kft zrt sro doo
dooel ood eood oo zoo spzoo sarls scrl se
"""
_FOREIGN_FORMS = frozenset(_FOREIGN_FORMS_TEXT.split())
LEGAL_FORMS = _FRENCH_FORMS | _FOREIGN_FORMS
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " et "}
)
_WORD = re.compile(r"[^\W_]+")


def name_key(name: str) -> str:
    """The name in lower case without accents, punctuation and legal forms, words single-spaced.

    ``"Éts. Müller & Fils, S.A.R.L."`` gives ``"muller et fils"``. French forms are dropped at
    both ends, foreign ones at the end only; a name made of nothing else keeps its words. The cash
    matcher compares the payer's name on a bank line by the same key.
    """
    decomposed = unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS)
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    words = _joined_initials(_WORD.findall(bare))
    start, end = 0, len(words)
    while end > start and words[end - 1] in LEGAL_FORMS:
        end -= 1
    while start < end and words[start] in _FRENCH_FORMS:
        start += 1
    return " ".join(words[start:end] or words)


def _joined_initials(words: list[str]) -> list[str]:
    """Runs of single letters made one word: ``s a r l`` is ``sarl``."""
    joined: list[str] = []
    running = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and running:
            joined[-1] += word
        else:
            joined.append(word)
        running = single
    return joined
