"""Catalogues merge, refuse doubles, and follow the current language."""

from __future__ import annotations

from pathlib import Path

import pytest

from cessio.plumbing import i18n

ENTRY = 'msgid "{0}"\nmsgstr "{1}"\n'


def write(folder: Path, name: str, *entries: tuple[str, str]) -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    body = "\n".join(ENTRY.format(*entry) for entry in entries)
    (folder / name).write_text(f"{head}\n{body}", encoding="utf-8")


def test_files_of_a_language_are_one_catalogue(tmp_path: Path) -> None:
    write(tmp_path, "a.po", ("One", "Un"))
    write(tmp_path, "b.po", ("Two", "Deux"))
    assert i18n.read_catalogue(tmp_path) == {(None, "One"): ("Un",), (None, "Two"): ("Deux",)}


def test_a_sentence_translated_in_two_files_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "a.po", ("One", "Un"))
    write(tmp_path, "b.po", ("One", "Une"))
    with pytest.raises(i18n.CatalogueError, match=r"both in a\.po and b\.po"):
        i18n.read_catalogue(tmp_path)


def test_a_sentence_translated_twice_in_one_file_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "a.po", ("One", "Un"), ("One", "Une"))
    with pytest.raises(i18n.CatalogueError, match="twice in a"):
        i18n.read_catalogue(tmp_path)


def test_an_empty_translation_leaves_the_english(tmp_path: Path) -> None:
    write(tmp_path, "a.po", ("One", ""))
    assert i18n.read_catalogue(tmp_path) == {}


def test_the_language_holds_inside_its_block_only() -> None:
    with i18n.use_language("en"):
        assert i18n.gettext("Availability") == "Availability"
        with i18n.use_language("fr"):
            assert i18n.gettext("Availability") == "Disponible"
        assert i18n.language() == "en"


def test_an_unknown_language_is_french() -> None:
    with i18n.use_language("de"):
        assert i18n.language() == "fr"


def test_french_says_zero_and_one_in_the_singular() -> None:
    with i18n.use_language("fr"):
        said = [i18n.ngettext("{n} invoice", "{n} invoices", n) for n in (0, 1, 2)]
        assert said == ["0 facture", "1 facture", "2 factures"]
    with i18n.use_language("en"):
        said = [i18n.ngettext("{n} invoice", "{n} invoices", n) for n in (0, 1, 2)]
        assert said == ["0 invoices", "1 invoice", "2 invoices"]


def test_lazy_sentences_speak_the_language_of_the_moment() -> None:
    word = i18n.lazy("Availability")
    with i18n.use_language("fr"):
        assert str(word) == "Disponible"
    with i18n.use_language("en"):
        assert str(word) == "Availability"
