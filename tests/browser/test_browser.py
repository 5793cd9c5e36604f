"""The browser of the tests is a real one and sees what a person would see."""

from __future__ import annotations

from playwright.sync_api import Page


def test_the_browser_speaks_french_and_runs_scripts(tab: Page) -> None:
    tab.set_content("<h1>Bonjour</h1>")
    assert tab.evaluate("navigator.language") == "fr-FR"
    assert tab.text_content("h1") == "Bonjour"


def test_the_phone_is_narrow(narrow: Page) -> None:
    assert narrow.evaluate("innerWidth") == 390
