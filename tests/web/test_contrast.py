"""Colours can be told apart by everybody: WCAG 2.2 AA, in both themes, out of the style sheet."""

from __future__ import annotations

import re

import pytest

from cessio.plumbing import assets

PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
GROUNDS = ("paper", "surface", "raised", "sunken", "hover")
TEXTS = ("ink", "ink-2", "ink-3", "accent", "danger", "positive", "attention", "info")
TONES = ("positive", "attention", "danger", "info")


def tokens(theme: int) -> dict[str, str]:
    css = (assets.static_dir() / "css" / "base.css").read_text(encoding="utf-8")
    return {found[1]: found[2 + theme] for found in PAIR.finditer(css)}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_every_ground(theme: int) -> None:
    colours = tokens(theme)
    weak = [
        (text, ground, round(contrast(colours[text], colours[ground]), 2))
        for text in TEXTS
        for ground in GROUNDS
        if contrast(colours[text], colours[ground]) < 4.5
    ]
    assert not weak


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_tones_are_read_on_their_own_wash(theme: int) -> None:
    colours = tokens(theme)
    for tone in TONES:
        for text in (tone, "ink"):
            assert contrast(colours[text], colours[f"{tone}-soft"]) >= 4.5, (tone, text)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["on-accent"], colours["accent-strong"]) >= 4.5
    assert contrast(colours["accent-strong"], colours["accent-soft"]) >= 4.5
    assert contrast("#ffffff", colours["danger-fill"]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_edges_of_fields_are_seen(theme: int) -> None:
    colours = tokens(theme)
    for ground in ("paper", "surface"):
        assert contrast(colours["control"], colours[ground]) >= 3, ground
