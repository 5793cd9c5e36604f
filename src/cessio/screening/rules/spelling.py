"""One reading of a name of any list, register or keyboard, so that its writings meet.

Letters of other alphabets are written in ours, accents and legal forms dropped, particles too
(``al``, ``bin``, ``de``); each word keeps a *skeleton* in which usual transliterations are one:
``Youssef`` and ``Iousef`` sound the same, so do ``Gaddafi`` and ``Kadhafi`` but for one letter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from cessio.parties.rules.names import LEGAL_FORMS

_GENERIC_TEXT = """
    group groupe holding holdings international internationale france french company compagnie
    co enterprise enterprises entreprise trading trade commerce commercial services service
    general generale industries industry industrie industrial transport transports logistics
    logistique bank banque foundation fondation association institute institut center centre
    national nationale united europe european import export network organization organisation
    travaux batiment conseil consulting distribution construction development
    developpement investment investments invest technologies technology
"""
_PARTICLES_TEXT = """
    al el ul as ash ar az an ad bin ben ibn bint binti ould de du des la le les van von der
    den und et and of the da do dos di del della mr mme
"""
_FORMS_TEXT = """
jsc ojsc pjsc cjsc oao pao zao ooo ao sae fzco fze pte bhd sdn psc wll company co
"""
#: Forms of firms elsewhere, beside those every name of ours is read without.
FORMS = LEGAL_FORMS | frozenset(_FORMS_TEXT.split())
#: Words that say what a firm does or where, which many share: they weigh little.
GENERIC = frozenset(_GENERIC_TEXT.split())
#: Short words between names that people write or leave out.
PARTICLES = frozenset(_PARTICLES_TEXT.split())
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "ie",
    "ж": "zh", "з": "z", "и": "i", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ў": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
    "ю": "iu", "я": "ia", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "u", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_LATIN = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
          "ß": "ss", "ə": "a", "&": " et ", "'": "", "’": "", "ʼ": "", "`": ""}  # fmt: skip
_LETTERS = str.maketrans({**_LATIN, **_CYRILLIC, **_GREEK})
_WORD = re.compile(r"[^\W_]+")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_ELIDED = re.compile(r"\b[dl]['’]", re.IGNORECASE)
#: Usual ways to write one sound, first to last.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:al|el)(?=[a-z]{5})", ""), (r"gu(?=[ei])", "g"),
        (r"^abd[aeou]*(?:l|([rsnzd])(?=\1))?(?=[a-z]{4})", ""),
        (r"sch|tch|tsh|ch|sh|cz|cs", "s"), (r"zh|dzh|dj|dsch|gi(?=[aou])", "j"),
        (r"kh|gh|q", "k"), (r"ph", "f"), (r"th", "t"), (r"dh", "d"), (r"ts|tz", "z"),
        (r"ck|c(?![eiy])", "k"), (r"c", "s"), (r"x", "ks"), (r"w", "v"), (r"v$|ff$", "f"),
        (r"ou|oo|eu|oe|ue", "u"), (r"ee|ii|iy|yi|ij|ie|ye|ey|ei|ay|ai|y", "i"),
        (r"(?<!^)h", ""), (r"^ia|^ya|^ja", "ia"), (r"^iu|^yu|^ju", "iu"), (r"o", "u"),
        (r"e", "i"), (r"([a-z])\1+", r"\1"), (r"i(?=[au])", ""),
    )
)  # fmt: skip
_VOWEL_END = re.compile(r"(?<=[a-z]{4})[aiu]$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written (letters of ours, no accents), how it sounds, how much it tells (of a
    thousand)."""

    text: str
    skeleton: str
    weight: int

    @property
    def is_initial(self) -> bool:
        """One letter that stands for a name."""
        return len(self.text) == 1

    @property
    def is_strong(self) -> bool:
        """Whether it tells a name apart at all."""
        return self.weight >= 600


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name read: the words that count, in the order written."""

    text: str
    words: tuple[Word, ...]

    @property
    def strong(self) -> tuple[Word, ...]:
        """The words that tell it apart."""
        return tuple(word for word in self.words if word.is_strong)

    @property
    def initials(self) -> tuple[Word, ...]:
        """Its single letters."""
        return tuple(word for word in self.words if word.is_initial)


@lru_cache(maxsize=4096)
def spelled(name: str) -> Spelling:
    """Read a name; one made of nothing but forms and particles keeps its words."""
    plain = _plain(name)
    words = [word for word in plain if word not in PARTICLES and word not in FORMS]
    if not any(len(word) > 1 for word in words):
        words = plain
    return Spelling(name, tuple(_word(word) for word in _joined(words)))


def _plain(name: str) -> list[str]:
    """Words in small letters of ours, without accents; ``S.A.R.L.`` is one word."""
    joined = _INITIALS.sub(lambda found: _dotted(found.group()), _ELIDED.sub(" ", name))
    text = unicodedata.normalize("NFKD", joined).casefold()
    bare = "".join(each for each in text if not unicodedata.combining(each))
    return _WORD.findall(unicodedata.normalize("NFKC", bare).translate(_LETTERS))


def _dotted(text: str) -> str:
    """Dotted letters are a legal form if they make one, else initials."""
    form = text.replace(".", "")
    return f" {form} " if form.casefold() in FORMS else " ".join(text.split("."))


def _joined(words: list[str]) -> list[str]:
    """``abd rahman`` and ``abdul rahman`` are one word, as they are often written."""
    found: list[str] = []
    for word in words:
        if found and found[-1] in ("abd", "abdul", "abdel", "abdal", "abdu"):
            found[-1] = f"abd{word}"
        else:
            found.append(word)
    return found


@lru_cache(maxsize=65536)
def _word(text: str) -> Word:
    if len(text) == 1:
        weight = 400
    elif text in GENERIC or text in FORMS:
        weight = 250
    else:
        weight = 300 if text.isdigit() else min(1000, 400 + 100 * len(text))
    return Word(text, skeleton(text), weight)


@lru_cache(maxsize=65536)
def skeleton(text: str) -> str:
    """How a word sounds, whoever wrote it down; a word never loses all its letters."""
    if not text.isascii() or not text.isalpha():
        return text
    sound = text
    for pattern, written in _SOUNDS:
        sound = pattern.sub(written, sound)
    return _VOWEL_END.sub("", sound) or text
