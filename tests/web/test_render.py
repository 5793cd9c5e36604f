"""Pages: whole or by block, in the reader's language, escaped, with nothing inline."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode

import pytest
from jinja2 import UndefinedError

from cessio.plumbing import assets, i18n
from cessio.web import navigation, page, render
from tests.web.pages import Reader, client, environment

FRENCH = {"accept-language": "fr-FR,fr;q=0.9,en;q=0.5"}
ENGLISH = {"accept-language": "en-GB,en;q=0.9,fr;q=0.2"}


def test_a_page_is_whole_and_not_kept_by_caches() -> None:
    with client(Reader()) as browser:
        answer = browser.get("/list", headers=ENGLISH)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "<title>Limits · Cessio</title>" in answer.text
    assert "Claire Delorme" in answer.text


def test_htmx_gets_its_block_alone() -> None:
    with client() as browser:
        answer = browser.get("/list", headers={"hx-request": "true", "hx-target": "lines"})
    assert answer.text.startswith('<div id="lines">')
    assert "<html" not in answer.text


def test_htmx_going_back_in_history_gets_the_page() -> None:
    headers = {
        "hx-request": "true",
        "hx-target": "lines",
        "hx-history-restore-request": "true",
    }
    with client() as browser:
        assert "<html" in browser.get("/list", headers=headers).text


@pytest.mark.parametrize(
    ("headers", "shown"), [(FRENCH, "1\u202f234,56\u00a0€"), (ENGLISH, "€1,234.56")]
)
def test_the_browser_chooses_the_language_of_a_stranger(
    headers: dict[str, str], shown: str
) -> None:
    with client() as browser:
        assert shown in browser.get("/list", headers=headers).text


def test_the_cookie_wins_over_the_browser_and_the_person_over_the_cookie() -> None:
    with client() as browser:
        browser.cookies.set("language", "en")
        assert '<html lang="en"' in browser.get("/list", headers=FRENCH).text
    with client(Reader(language="fr")) as browser:
        browser.cookies.set("language", "en")
        assert '<html lang="fr"' in browser.get("/list", headers=ENGLISH).text


def test_a_handler_speaks_the_readers_language_before_it_renders() -> None:
    with client() as browser:
        assert browser.get("/say", headers=ENGLISH).text == "ClientsAvailability"
        assert browser.get("/say", headers=FRENCH).text == "ClientsDisponible"


def test_a_broken_accept_language_is_french() -> None:
    with client() as browser:
        for header in ("", "*", "de;q=x", ";;;,,,", "en;q=0, fr;q=abc"):
            assert (
                '<html lang="fr"' in browser.get("/list", headers={"accept-language": header}).text
            )


def test_everything_is_escaped_even_inside_sentences() -> None:
    with client() as browser:
        text = browser.get("/list", params={"word": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(1)") == 2


def test_an_undefined_name_is_an_error_not_a_hole() -> None:
    environment()
    with pytest.raises(UndefinedError):
        render.render_text("test/list.html")


def test_a_page_asks_for_nothing_inline_and_nothing_from_elsewhere() -> None:
    with client(Reader()) as browser:
        text = browser.get("/list").text
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|https?://", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_every_static_file_a_page_names_exists_and_changes_address_with_its_content() -> None:
    with client(Reader()) as browser:
        text = browser.get("/list").text
    named = re.findall(r'(?:src|href)="/static/([^"?#]+)(\?v=[0-9a-f]{10})?', text)
    assert len(named) > 6
    for path, version in named:
        assert (assets.static_dir() / path).is_file(), path
        assert version or path.endswith(".woff2"), path


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    sprite = assets.static_dir() / "vendor/tabler-icons@3.51.0/sprite.svg"
    have = set(re.findall(r'<symbol id="([^"]+)"', sprite.read_text(encoding="utf-8")))
    named = {item.icon for group in navigation.BACKOFFICE for item in group.items}
    named |= {item.icon for item in navigation.PORTAL}
    for path in assets.templates_dir().rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"ui\.icon\(\"([a-z0-9-]+)\"", text))
        named |= set(re.findall(r"icon=\"([a-z0-9-]+)\"", text))
    assert named <= have, named - have


def test_the_first_page_weighs_less_than_150_kilobytes_compressed() -> None:
    import gzip

    with client(Reader()) as browser:
        text = browser.get("/form").text
    static = assets.static_dir()
    paths = set(re.findall(r'(?:src|href)="/static/([^"?#]+)', text))
    paths |= {"vendor/newsreader@1.3/newsreader-display.woff2"}
    weight = len(gzip.compress(text.encode()))
    for path in paths:
        raw = (static / path).read_bytes()
        weight += len(raw) if path.endswith(".woff2") else len(gzip.compress(raw))
    assert weight < 150_000, weight


def test_menus_show_only_what_the_application_answers() -> None:
    with client(Reader()) as browser:
        text = browser.get("/list").text
    assert 'href="/backoffice/limits"' in text
    assert 'href="/backoffice/clients"' not in text


def test_the_present_page_is_marked_in_the_menu() -> None:
    with client(Reader()) as browser:
        text = browser.get("/backoffice/limits").text
    assert re.search(r'href="/backoffice/limits"[^>]*aria-current="page"', text)


def test_the_theme_is_chosen_on_the_server_so_nothing_flashes() -> None:
    with client() as browser:
        browser.cookies.set("theme", "dark")
        assert 'data-theme="dark"' in browser.get("/list").text
        browser.cookies.set("theme", '"><script>')
        assert "data-theme=" not in browser.get("/list").text.split("<head>")[0]


def test_preferences_go_back_to_where_one_was_and_never_elsewhere() -> None:
    with client() as browser:
        for back, expected in (
            ("/list?sort=x", "/list?sort=x"),
            ("https://evil.example", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\\b", "/"),
        ):
            answer = browser.post(
                "/preferences", data={"theme": "dark", "next": back}, follow_redirects=False
            )
            assert answer.status_code == 303
            assert answer.headers["location"] == expected
    assert "theme=dark" in answer.headers["set-cookie"]


def test_unknown_preferences_are_refused() -> None:
    with client() as browser:
        answer = browser.post("/preferences", data={"theme": "pink"}, follow_redirects=False)
    assert "set-cookie" not in answer.headers


def test_addresses_keep_filters_and_forget_the_position() -> None:
    here = page.Page(
        path="/x", query=(("q", "a&b"), ("sort", "due"), ("after", "k"), ("format", "csv"))
    )
    assert here.url(sort="-due") == "/x?q=a%26b&sort=-due"
    assert here.url(after="z") == "/x?q=a%26b&sort=due&after=z"
    assert here.url(q=None, sort=None) == "/x"


def test_a_sentence_is_carried_over_one_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        i18n.catalogue("fr"), (None, "{name} is too big"), ("{name} est trop grand",)
    )
    with client() as browser:
        answer = browser.post("/form", data={"amount": "12,50", "csrf_token": "x"})
        assert "1250 est trop grand" in answer.text
        assert "1250 est trop grand" not in browser.get("/list").text


@pytest.mark.parametrize("forged", [
    ["danger", "Call this number: 08 99", {}],
    ["danger", "Clients", "no mapping"],
    ["danger"],
    "text",
    {"a": 1},
])  # fmt: skip
def test_a_forged_cookie_cannot_speak_for_us(forged: object) -> None:
    import json

    value = urlsafe_b64encode(json.dumps(forged).encode()).decode()
    with client() as browser:
        browser.cookies.set("flash", value)
        text = browser.get("/list").text
    assert "08 99" not in text
    assert 'class="flash"' not in text
