"""Two names held against each other, word by word, with the words that made the score.

A score is worked out from the two names alone: the same two have the same score on every day and
in every book, and whoever reads an alert can work it out again from its pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from cessio.screening.rules.spelling import Spelling, Word

#: Two words that sound alike but are written otherwise.
_SAME_SOUND = 970
#: A letter that stands for a name, beside that name.
_INITIAL = 700
#: What the better covered name counts for, the rest is the other's.
_MANY, _ONE = 700, 500


@dataclass(frozen=True, slots=True)
class Pair:
    """A word of the name screened and the word of the list it was taken for, 0 to 100."""

    word: str
    listed: str
    likeness: int


@dataclass(frozen=True, slots=True)
class Match:
    """A listed name that resembles: which entry, which of its names, how much, by which words."""

    entry_id: int
    alias: str
    score: int
    pairs: tuple[Pair, ...]


@cache
def slips_between() -> Callable[..., int]:
    """Counts letters wrong, missing, added or swapped; loaded by who compares names only."""
    from rapidfuzz.distance import OSA

    counted: Callable[..., int] = OSA.distance
    return counted


def likeness(one: Word, other: Word) -> int:
    """How alike two words are, 0 to 1000; 0 below what a slip of the pen explains."""
    if one.text == other.text:
        return 1000
    if one.is_initial != other.is_initial:
        return _INITIAL if one.text[0] == other.text[0] else 0
    if one.is_initial:
        return 0
    if one.skeleton == other.skeleton:
        return _SAME_SOUND
    size = min(len(one.skeleton), len(other.skeleton))
    distance = slips_between()(one.skeleton, other.skeleton, score_cutoff=slips(size))
    if distance > slips(size):
        return 0
    return 1000 - 600 * distance // max(len(one.skeleton), len(other.skeleton))


def slips(size: int) -> int:
    """How many letters may be wrong in a word of a length."""
    return 0 if size < 4 else 1 if size < 7 else 2


def compare(name: Spelling, alias: Spelling) -> tuple[int, tuple[Pair, ...]]:
    """The score of two names, 0 to 100, and the pairs of words it comes from."""
    paired = _paired(name.words, alias.words)
    if not paired:
        return 0, ()
    ours = sum(like * weight for _, _, like, weight, _ in paired) // _weight(name.words)
    theirs = sum(like * weight for _, _, like, _, weight in paired) // _weight(alias.words)
    telling = sum(1 for one, other, *_ in paired if _tells(one) and _tells(other))
    whole = min(len(name.strong), len(alias.strong)) <= 1
    if telling < 2 and not (whole and telling):
        return 0, ()
    part = _MANY if telling > 1 or _spans(paired) else _ONE
    better, lesser = max(ours, theirs), min(ours, theirs)
    pairs = tuple(
        Pair(" ".join(word.text for word in one), " ".join(word.text for word in other),
             (like + 5) // 10)
        for one, other, like, _, _ in paired
    )  # fmt: skip
    return (part * better + (1000 - part) * lesser + 5000) // 10000, pairs


_Words = tuple[Word, ...]
_Paired = tuple[_Words, _Words, int, int, int]


def _tells(words: _Words) -> bool:
    return any(word.is_strong or word.is_initial for word in words)


def _spans(paired: list[_Paired]) -> bool:
    """Whether one pair is of two words written as one."""
    return any(len(one) + len(other) > 2 for one, other, *_ in paired)


def _weight(words: _Words) -> int:
    return sum(word.weight for word in words) or 1


def _paired(ours: _Words, theirs: _Words) -> list[_Paired]:
    """The best likenesses first, each word used once."""
    ranked = sorted(
        ((like * min(one.weight, other.weight), like, left, right)
         for left, one in enumerate(ours) for right, other in enumerate(theirs)
         if (like := likeness(one, other))),
        key=lambda found: (-found[0], -found[1], found[2], found[3]),
    )  # fmt: skip
    left_free, right_free = set(range(len(ours))), set(range(len(theirs)))
    found: list[_Paired] = []
    for left, right, like in _written_as_one(ours, theirs):
        if left <= left_free and right <= right_free:
            left_free -= left
            right_free -= right
            one, other = _chosen(ours, left), _chosen(theirs, right)
            found.append((one, other, like, _weight(one), _weight(other)))
    for _, like, at, against in ranked:
        if at in left_free and against in right_free:
            left_free.remove(at)
            right_free.remove(against)
            one, other = (ours[at],), (theirs[against],)
            found.append((one, other, like, ours[at].weight, theirs[against].weight))
    return found


def _chosen(words: _Words, places: set[int]) -> _Words:
    return tuple(words[place] for place in sorted(places))


def _written_as_one(ours: _Words, theirs: _Words) -> list[tuple[set[int], set[int], int]]:
    """Two words that stand together on one side and are one word on the other."""
    found = [
        ({at, at + 1}, {against}, 1000)
        for at, joined in enumerate(_neighbours(ours))
        for against, word in enumerate(theirs) if joined == word.text
    ]  # fmt: skip
    found += [
        ({at}, {against, against + 1}, 1000)
        for against, joined in enumerate(_neighbours(theirs))
        for at, word in enumerate(ours) if joined == word.text
    ]  # fmt: skip
    return found


def _neighbours(words: _Words) -> list[str]:
    return [one.text + other.text for one, other in pairwise(words)]
