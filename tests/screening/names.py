"""Names nobody has: listed ones of many tongues, honest French ones, and how people miswrite them.

Made by chance from a seed, out of pieces of names: none is of a list of any authority.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

_FIRST_TEXT = """
Vladimir Sergei Nikolai Dmitri Alexei Yevgeny Mikhail Andrei Igor Oleg Khalid Mohammed Ahmed
Yusuf Ibrahim Hassan Mustafa Abdelkarim Omar Tariq Jamal Rashid Reza Mehdi Hossein Farid Jean-
Baptiste Emmanuel Joseph Laurent Desire Celestin Kwame Amadou Ousmane Fatou Aminata Kim Jong
Chol Ri Pak Carlos Nestor Rafael Diosdado Slobodan Milan Zoran Natalia Svetlana Leila
"""
_FIRST = _FIRST_TEXT.split()
_HEADS_TEXT = """
Zakhar Petro Vask Morna Kelva Zarno Orsol Karim Zoubar Tchern Belo Gavri Khali Radvan Oustin
Djebra Mbem Nguem Choe Ryang Torab Hosse Shamir Qader Vucho Milos Strelk Anton Dolgo Yaro
"""
_HEADS = _HEADS_TEXT.split()
_TAILS_TEXT = """
enko ovitch adzé ani oukov ev insky zadeh oulaye amba yong eddine iev off askas ourt ian ulov
"""
_TAILS = _TAILS_TEXT.split()
_TRADES = [
    "Shipping",
    "Trading",
    "Petrochemical",
    "Holding",
    "Bank",
    "Foundation",
    "Aviation",
    "Industries",
    "Logistics",
]
_OURS_FIRST_TEXT = """
Camille Julien Marie Thomas Sophie Nicolas Isabelle Pierre Claire Antoine Karim Nadia Mehdi
Yasmine Ivan Olga Fatima Hugo Léa Mathieu Ahmed Samir Elena Paul Jeanne Mohamed Alain
"""
_OURS_FIRST = _OURS_FIRST_TEXT.split()
_OURS_LAST_TEXT = """
Martin Bernard Dubois Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia Roux Fournier
Girard Bonnet Mercier Blanc Guerin Boyer Garnier Chevalier Benali Diallo Nguyen Petit Haddad
"""
_OURS_LAST = _OURS_LAST_TEXT.split()
_CRAFTS_TEXT = """
Boulangerie Menuiserie Plomberie Transports Garage Imprimerie Métallerie Textile Maçonnerie
Électricité Serrurerie Chaudronnerie Peinture Cabinet Atelier Pharmacie Librairie
"""
_CRAFTS = _CRAFTS_TEXT.split()
_PLACES_TEXT = """
du Nord de l’Ouest des Alpes de Lyon du Marché de la Gare Atlantique Provence
"""
_PLACES = _PLACES_TEXT.split()
_FORMS = ("SARL", "SAS", "S.A.", "EURL", "SASU", "& Fils", "et Associés")


def listed(rng: Random) -> str:
    """A person or an entity of a list."""
    last = rng.choice(_HEADS) + rng.choice(_TAILS)
    if rng.random() < 0.3:
        return f"{last} {rng.choice(_TRADES)} {rng.choice(('LLC', 'Ltd', 'JSC', 'Company'))}"
    middle = f" {rng.choice(_HEADS)}{rng.choice(_TAILS)}" if rng.random() < 0.4 else ""
    particle = rng.choice(("", "", "", " al-", " bin "))
    return f"{rng.choice(_FIRST)}{middle}{particle or ' '}{last}"


def honest(rng: Random) -> str:
    """A company or a person of ours."""
    person = f"{rng.choice(_OURS_FIRST)} {rng.choice(_OURS_LAST)}"
    return rng.choice((
        person, f"{rng.choice(_CRAFTS)} {rng.choice(_OURS_LAST)} {rng.choice(_FORMS)}",
        f"{rng.choice(_CRAFTS)} {rng.choice(_PLACES)} {rng.choice(_FORMS)}",
        f"{rng.choice(_OURS_LAST)} {rng.choice(_FORMS)}", f"Transports {person}",
        f"{rng.choice(_OURS_LAST)} {rng.choice(_TRADES)} France",
    ))  # fmt: skip


def _slip(rng: Random, word: str) -> str:
    at = rng.randrange(1, len(word) - 1)
    letter = rng.choice("abcdefghiklmnoprstuvz")
    return rng.choice((
        word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :],
        word[:at] + letter + word[at:], word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at] + word[at:],
    ))  # fmt: skip


def _is_firm(name: str) -> bool:
    """A firm is not written with an initial, nor without its trade."""
    return any(trade in name for trade in _TRADES)


def _longest(words: Sequence[str]) -> int:
    return max(range(len(words)), key=lambda at: len(words[at]))


def _typo(rng: Random, name: str) -> str:
    words = name.split()
    at = _longest(words)
    words[at] = _slip(rng, words[at])
    return " ".join(words)


def _two_typos(rng: Random, name: str) -> str:
    words = name.split()
    for at in sorted(range(len(words)), key=lambda place: -len(words[place]))[:2]:
        words[at] = _slip(rng, words[at]) if len(words[at]) > 3 else words[at]
    return " ".join(words)


def _order(rng: Random, name: str) -> str:
    words = name.split()
    return " ".join((*words[1:], words[0]))


_WRITTEN = (
    ("kh", "h"), ("v", "w"), ("ou", "u"), ("ch", "sh"), ("y", "i"), ("ev", "eff"), ("k", "c"),
    ("mm", "m"), ("ss", "s"), ("i", "y"), ("ov", "off"), ("q", "k"), ("dj", "j"), ("sh", "ch"),
)  # fmt: skip


def _transliterated(rng: Random, name: str) -> str:
    said = name.lower()
    for old, new in rng.sample([pair for pair in _WRITTEN if pair[0] in said] or [("a", "a")], 1):
        said = said.replace(old, new)
    return said.title()


def _initial(rng: Random, name: str) -> str:
    first, *rest = name.split()
    return name if _is_firm(name) else f"{first[0]}. {' '.join(rest)}"


def _form(rng: Random, name: str) -> str:
    bare = " ".join(w for w in name.split() if w not in ("LLC", "Ltd", "JSC", "Company"))
    return f"{rng.choice(('SARL', 'Société'))} {bare} {rng.choice(('SA', 'S.A.S.', 'GmbH'))}"


def _particles(rng: Random, name: str) -> str:
    if "al-" in name or "bin " in name:
        return name.replace("al-", "").replace("bin ", "")
    head, last = name.rsplit(" ", 1)
    return f"{head} El {last}"


def _joined(rng: Random, name: str) -> str:
    words = name.replace("al-", "").replace("bin ", "").replace("-", " ").split()
    return " ".join((words[0] + words[1], *words[2:]))


def _bare(rng: Random, name: str) -> str:
    """Capitals without accents, as a bank's file has them."""
    return name.upper().replace("É", "E").replace("-", " ")


def _without_middle(rng: Random, name: str) -> str:
    words = name.split()
    return f"{words[0]} {words[-1]}" if len(words) > 2 and not _is_firm(name) else name


def _within(rng: Random, name: str) -> str:
    return f"{rng.choice(('Transports', 'Groupe', 'Services'))} {name} France"


#: How somebody writes a listed name otherwise, by what changes.
VARIANTS: Mapping[str, Callable[[Random, str], str]] = {
    "as listed": lambda _rng, name: name, "one slip": _typo, "two slips": _two_typos,
    "order": _order, "transliteration": _transliterated, "initial": _initial,
    "legal form": _form, "particle": _particles, "joined words": _joined, "capitals": _bare,
    "no middle name": _without_middle, "within a firm": _within,
}  # fmt: skip
