"""A list made ready to be asked: which of its names come near enough to be compared at all.

Every word of the list is looked up by how it sounds and by its slips; a name is compared with
those entries only that share two of its words, or the one word that is the whole of either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from cessio.screening.rules.listed import Listed, identifier_key
from cessio.screening.rules.matching import Match, Pair, compare, slips, slips_between
from cessio.screening.rules.spelling import Spelling, spelled

#: An entry is told of once per name, by the alias that resembles most; this many entries at most.
MOST = 20


class ListIndex:
    """The names of a list by their words."""

    def __init__(self, entries: Iterable[tuple[int, Listed]]) -> None:
        self.names: list[tuple[int, Spelling]] = []
        #: By how a word sounds: names of several words, names that are this word alone.
        self._several: dict[str, list[int]] = defaultdict(list)
        self._alone: dict[str, list[int]] = defaultdict(list)
        #: Names that are, or contain, these two words written as one.
        self._glued: dict[str, list[int]] = defaultdict(list)
        self._identified: dict[str, list[int]] = defaultdict(list)
        self._near: dict[str, tuple[str, ...]] = {}
        for entry_id, one in entries:
            for name in dict.fromkeys(one.names):
                self._add(entry_id, spelled(name))
            for number in one.identifiers:
                if key := identifier_key(number):
                    self._identified[key].append(entry_id)
        self._sounds = _Sounds({*self._several, *self._alone})

    def _add(self, entry_id: int, name: Spelling) -> None:
        place = len(self.names)
        self.names.append((entry_id, name))
        strong = name.strong
        telling = len(strong) + len(name.initials)
        if telling <= 1 and strong:
            self._alone[strong[0].skeleton].append(place)
        elif telling > 1:
            for sound in {word.skeleton for word in strong}:
                self._several[sound].append(place)
        for joined in _glued(name):
            self._glued[joined].append(place)

    def find(self, text: str, *, threshold: int) -> list[Match]:
        """Entries a name resembles from a score on, the most alike first."""
        name = spelled(text)
        best: dict[int, Match] = {}
        for place in self._candidates(name):
            entry_id, alias = self.names[place]
            known = best.get(entry_id)
            score, pairs = compare(name, alias)
            if score >= threshold and (known is None or score > known.score):
                best[entry_id] = Match(entry_id, alias.text, score, pairs)
        return sorted(best.values(), key=lambda found: (-found.score, found.entry_id))[:MOST]

    def identified(self, number: str) -> list[Match]:
        """Entries that have this very registration number or paper."""
        key = identifier_key(number)
        return [
            Match(entry_id, number, 100, (Pair(number, number, 100),))
            for entry_id in dict.fromkeys(self._identified.get(key, ()))
        ]

    def _candidates(self, name: Spelling) -> set[int]:
        strong = name.strong
        near = [self._near_words(word.skeleton) for word in strong]
        found: set[int] = set()
        for words in near:
            for word in words:
                found.update(self._alone.get(word, ()))
        for joined in _glued(name):
            found.update(self._several.get(joined, ()), self._alone.get(joined, ()))
        for single in name.words:
            found.update(self._glued.get(single.text, ()))
        found.update(self._sharing(near, with_initial=bool(name.initials)))
        if len(strong) == 1:
            found.update(self._of_one(near[0]))
        return found

    def _sharing(self, near: Sequence[tuple[str, ...]], *, with_initial: bool) -> Iterator[int]:
        """Names that share two words with the one asked for, by its rarest words."""
        sizes = [sum(len(self._several.get(word, ())) for word in words) for words in near]
        order = sorted(range(len(near)), key=sizes.__getitem__)
        seen: dict[int, int] = {}
        for at in order if with_initial else order[:-1]:
            for place in {one for word in near[at] for one in self._several.get(word, ())}:
                seen[place] = seen.get(place, 0) + 1
        last = frozenset(near[order[-1]]) if order else frozenset()
        for place, count in seen.items():
            name = self.names[place][1]
            if (
                count > 1
                or with_initial
                or name.initials
                or any(word.skeleton in last for word in name.strong)
            ):
                yield place

    def _of_one(self, words: Iterable[str]) -> Iterator[int]:
        """For a name of one word: listed names whose other words are letters or tell little."""
        for word in words:
            for place in self._several.get(word, ()):
                if len(self.names[place][1].strong) == 1:
                    yield place

    def _near_words(self, sound: str) -> tuple[str, ...]:
        found = self._near.get(sound)
        if found is None:
            if len(self._near) > 200_000:
                self._near.clear()
            found = self._near[sound] = self._sounds.near(sound)
        return found


class _Sounds:
    """The words of a list, found with their slips."""

    def __init__(self, words: set[str]) -> None:
        self._all = words
        self._shortened: dict[str, list[str]] = defaultdict(list)
        self._by_start: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(words):
            if len(word) >= 4:
                for shorter in _shortened(word):
                    self._shortened[shorter].append(word)
            if len(word) >= 7:
                self._by_start[word[0], len(word)].append(word)

    def near(self, word: str) -> tuple[str, ...]:
        """The words within the slips that a word of its length allows."""
        from rapidfuzz import process

        found = {word} if word in self._all else set()
        if len(word) >= 4:
            close = {other for shorter in _shortened(word)
                     for other in self._shortened.get(shorter, ())}  # fmt: skip
            found |= {other for other in close if _within(word, other)}
        if len(word) >= 7:
            for size in range(max(7, len(word) - 2), len(word) + 3):
                found |= {
                    other for other, _, _ in process.extract_iter(
                        word, self._by_start.get((word[0], size), ()), scorer=slips_between(),
                        score_cutoff=2,
                    )
                }  # fmt: skip
        return tuple(sorted(found))


def _within(one: str, other: str) -> bool:
    allowed = slips(min(len(one), len(other)))
    return allowed > 0 and slips_between()(one, other, score_cutoff=allowed) <= allowed


def _shortened(word: str) -> set[str]:
    """The word, and the word less each letter."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _glued(name: Spelling) -> list[str]:
    """Each two words that stand together, written as one."""
    words = name.words
    return [one.text + other.text for one, other in pairwise(words)]
