"""A text of the house shows the values it is given, and nothing else whatever is written in it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.correspondence.rules import (
    MAX_BODY,
    MAX_VALUE,
    Text,
    elided,
    fill,
    one_line,
    text_problems,
    used_names,
)
from cessio.kernel.errors import Invalid

KNOWN = frozenset({"name", "why", "lines"})


def _codes(body: str, subject: str = "Hello") -> list[str]:
    return [fault.code for fault in text_problems(Text(subject, body), KNOWN)]


def test_values_stand_where_their_names_are() -> None:
    assert fill("Dear {name},\nbye {name}", {"name": "Fanny"}) == "Dear Fanny,\nbye Fanny"


def test_an_optional_part_stays_only_with_its_value() -> None:
    text = "One.\n{?why}\nBecause {why}.\n{/why}\n{!why}\nNo reason.\n{/why}\nEnd."
    assert fill(text, {"why": "late"}) == "One.\nBecause late.\nEnd."
    assert fill(text, {"why": ""}) == "One.\nNo reason.\nEnd."
    assert fill(text, {"why": " \n "}) == "One.\nNo reason.\nEnd."


def test_parts_inside_parts_need_both_values() -> None:
    text = "{?name}a{?why}b{/why}c{/name}d"
    assert fill(text, {"name": "x", "why": "y"}) == "abcd"
    assert fill(text, {"name": "x", "why": ""}) == "acd"
    assert fill(text, {"name": "", "why": "y"}) == "d"


def test_an_empty_optional_part_leaves_no_hole_in_the_page() -> None:
    assert fill("A\n\n{?why}\n{why}\n{/why}\n\nB", {"why": ""}) == "A\n\nB"


def test_a_value_is_never_read_as_a_text_of_the_house() -> None:
    said = fill("{name} {why}", {"name": "{why}{?x}{{7*7}}{% raw %}", "why": "{name}"})
    assert said == "{why}{?x}{{7*7}}{% raw %} {name}"


def test_an_unknown_value_is_named_with_its_line() -> None:
    (fault,) = text_problems(Text("Hello", "Dear {name},\n\nyour {balance}"), KNOWN)
    assert fault.code == "variable_unknown"
    assert str(fault) == "line 3: balance is not a value this text can use"
    assert fault.field == "body"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ 7*7 }}",
        "{% for x in range(10**9) %}x{% endfor %}",
        "{name.__class__}",
        "{name.__class__.__mro__[1].__subclasses__()}",
        "{name!r}",
        "{name:>1000000000}",
        "{name[0]}",
        "{0}",
        "{}",
        "{ name }",
        "{name",
        "name}",
        "${name}{",
        "{{name}}",
        "{#comment#}",
        "{Name}",
        "{_name}",
        "{config}",
        "{self}",
        "{name\n}",
        "{__import__('os')}",
    ],
)
def test_whatever_is_not_a_value_of_the_text_is_refused(attack: str) -> None:
    assert set(_codes(f"x {attack} y")) & {"brace_strange", "variable_unknown"}
    with pytest.raises(Invalid):
        fill(attack, {"name": "x"})


def test_a_percent_or_a_dollar_alone_is_a_word_like_any_other() -> None:
    assert _codes("10 % of $5, %s %(name)s $name ${}".replace("${}", "")) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{?name}never ended", "part_not_ended"),
        ("ended {/name}", "part_not_open"),
        ("{?name}{?why}{/name}{/why}", "part_not_open"),
        ("{?name}" * 5 + "{/name}" * 5, "parts_too_deep"),
        ("{name}" * 121, "too_many_values"),
        ("x" * (MAX_BODY + 1), "text_too_long"),
        ("  ", "body_missing"),
    ],
)
def test_a_text_at_fault_says_why(body: str, code: str) -> None:
    assert code in _codes(body)


@pytest.mark.parametrize("subject", ["", "two\nlines", "two\rlines", "a\x00b", "a\u2028b"])
def test_a_subject_is_one_line_of_words(subject: str) -> None:
    assert {"subject_missing", "subject_lines"} & set(_codes("x", subject))


def test_a_value_cannot_add_a_line_to_a_subject() -> None:
    said = one_line(fill("About {name}", {"name": "x\r\nBcc: everybody@example.org"}))
    assert said == "About x Bcc: everybody@example.org"


def test_french_de_and_que_lose_their_e_before_a_vowel() -> None:
    said = elided("Créances de {name}, que {name} cède ; de {why}, avenue {name}",
                  {"name": "Étoile SA", "why": "Bâti SARL"})  # fmt: skip
    assert said == "Créances d’{name}, qu’{name} cède ; de {why}, avenue {name}"
    assert elided("de {why}, de {unknown}", {"why": ""}) == "de {why}, de {unknown}"


def test_a_list_of_thousands_of_invoices_is_whole() -> None:
    lines = "\n".join(f"- F-{place:06d} due on 30/11/2026: 1,234.50" for place in range(10_000))
    assert fill("{lines}\n{lines}", {"lines": lines}).count("F-009999") == 2


def test_a_value_is_cut_and_its_control_characters_are_gone() -> None:
    assert fill("{name}", {"name": "a\x00b\x1bc"}) == "a b c"
    assert len(fill("{name}", {"name": "x" * (2 * MAX_VALUE)})) == MAX_VALUE


def test_a_text_that_would_become_a_book_is_refused() -> None:
    with pytest.raises(Invalid, match="characters"):
        fill("{name}" * 100, {"name": "x" * MAX_VALUE})


def test_reading_the_worst_text_takes_no_time() -> None:
    start = time.perf_counter()
    for bad in ("{" * MAX_BODY, "{?name}" * 1000, "{" * 4000 + "}" * 4000, "\n{" * 4000):
        text_problems(Text("Hello", bad), KNOWN)
    assert time.perf_counter() - start < 2


def test_the_values_a_text_speaks_of_are_known() -> None:
    assert used_names("{name} {?why}x{/why}") == {"name", "why"}


@given(st.text(max_size=300))
def test_a_text_without_faults_can_always_be_written(body: str) -> None:
    if not text_problems(Text("Hello", body), KNOWN):
        fill(body, {"name": "N", "why": "", "lines": "a\nb"})


@given(st.text(max_size=200))
def test_a_value_comes_out_as_it_went_in_but_for_control_characters(value: str) -> None:
    said = fill("<{name}>", {"name": value})
    assert said[0] == "<"
    assert said[-1] == ">"
    assert "{" * value.count("{") == "{" * said.count("{")
