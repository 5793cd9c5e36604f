"""Every component in a real browser: nothing is cut, nothing is refused, keys and no-script work.

The pages of ``guide/`` show each macro once; the browser's requests are answered by the small
application itself, so that no server is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jinja2 import ChoiceLoader, FileSystemLoader
from litestar import Litestar, Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.static_files import create_static_files_router
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page, Route, expect

from cessio.kernel.errors import Invalid
from cessio.plumbing import assets
from cessio.web import forms, page, preferences, render, sessions
from cessio.web.charts import Step
from cessio.web.navigation import BACKOFFICE, PORTAL
from tests.web.pages import Reader

SITE = "http://localhost:8000"
STEPS = [
    Step("Outstanding", 23000000, "start", "/office", "outstanding"),
    Step("Disputed", -7800000, "minus", "/office", note="3 invoices"),
    Step("Availability", 15200000, "result", term="availability"),
]


def shown(form: forms.Form) -> dict[str, Any]:
    """What the pages of the guide need."""
    return {
        "rows": list(range(1180, 1186)), "steps": STEPS, "form": form, "fraction": Decimal("0.9"),
        "today": date(2026, 11, 18), "now": datetime(2026, 11, 18, 13, 5, tzinfo=UTC),
        "problem": Invalid("above", "Only {left_minor} are left", left_minor=3360000),
    }  # fmt: skip


def application() -> Litestar:
    """The pages of the guide, signed in, under every address of the menus."""
    env = render.environment()
    guide = FileSystemLoader(Path(__file__).parent / "guide")
    assert env.loader is not None
    env.loader = ChoiceLoader([env.loader, guide])
    asked = {"times": 0}

    def office(request: Request[Any, Any, Any]) -> Response[str]:
        polled = request.headers.get("hx-target") == "progress"
        asked["times"] = asked["times"] + 1 if polled else 0
        done = min(3, asked["times"])
        return render.page_or_block(
            request, "office.html", "progress", done=done, **shown(forms.Form())
        )

    def portal(request: Request[Any, Any, Any]) -> Response[str]:
        return render.render(request, "portal.html", **shown(forms.Form(amount="10 000,00")))

    @post("/portal-guide", sync_to_thread=True)
    def refuse(
        request: Request[Any, Any, Any], submitted: NamedDependency[forms.Submitted]
    ) -> Response[str]:
        form = forms.Form(submitted)
        form.need("amount", forms.amount())
        form.need("due", forms.day())
        form.valid()
        return render.render(request, "portal.html", status=422, **shown(form))

    async def before(request: Request[Any, Any, Any]) -> None:
        request.scope["user"] = Reader()
        request.scope["state"]["csrf_token"] = "token"
        await page.begin(request)

    async def after(response: Response[Any]) -> Response[Any]:
        response.headers["Content-Security-Policy"] = sessions.CONTENT_SECURITY_POLICY
        return response

    # One handler an address: litestar 2.25 wraps a handler of several addresses more than once.
    offices = ["/office", *(item.path for group in BACKOFFICE for item in group.items)]
    portals = ["/portal-guide", *(item.path for item in PORTAL)]
    pages: list[Any] = [get(path, sync_to_thread=True)(office) for path in offices]
    pages += [get(path, sync_to_thread=True)(portal) for path in portals]
    change = post("/preferences", sync_to_thread=True)(preferences.choose_preferences)
    static = create_static_files_router("/static", [assets.static_dir()])
    router = Router("/", route_handlers=[*pages, refuse, change])
    return Litestar(
        [router, static], before_request=before, after_request=after,
        dependencies={"submitted": Provide(forms.read_submitted)}, openapi_config=None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[TestClient[Litestar]]:
    with TestClient(application(), base_url=SITE) as client:
        yield client


def serve(tab: Page, site: TestClient[Litestar]) -> None:
    """Let the application answer the requests of a page."""

    def answer(route: Route) -> None:
        asked = route.request
        address = urlsplit(asked.url)
        path = f"{address.path}?{address.query}" if address.query else address.path
        site.cookies.clear()
        headers = asked.all_headers()
        got = site.request(asked.method, path, headers=headers, content=asked.post_data_buffer,
                           follow_redirects=False)  # fmt: skip
        kept = {name: value for name, value in got.headers.items() if name != "content-encoding"}
        route.fulfill(status=got.status_code, headers=kept, body=got.content)

    tab.route(f"{SITE}/**", answer)


@pytest.mark.parametrize("path", ["/office", "/portal-guide"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(
    tab: Page, narrow: Page, site: TestClient[Litestar], path: str, theme: Any
) -> None:
    for one in (tab, narrow):
        serve(one, site)
        one.emulate_media(color_scheme=theme)
        one.goto(SITE + path)
        assert one.evaluate("document.documentElement.scrollWidth") <= one.evaluate("innerWidth")


def test_fonts_and_icons_come_from_here_and_are_used(tab: Page, site: TestClient[Litestar]) -> None:
    serve(tab, site)
    tab.goto(f"{SITE}/portal-guide")
    tab.evaluate("document.fonts.ready")
    assert tab.evaluate("document.fonts.check('16px Inter')")
    assert tab.evaluate("document.fonts.check('16px Newsreader')")
    box = tab.locator(".topbar .icon").first.bounding_box()
    assert box is not None
    assert box["width"] > 10


def test_a_term_explains_itself_by_keyboard(tab: Page, site: TestClient[Litestar]) -> None:
    serve(tab, site)
    tab.goto(f"{SITE}/office")
    term = tab.locator("button.term", has_text="Availability").first
    term.focus()
    tab.keyboard.press("Enter")
    explanation = tab.locator(".explain:popover-open")
    assert "Ce que vous pouvez tirer maintenant" in (explanation.text_content() or "")
    tab.keyboard.press("Escape")
    assert explanation.count() == 0


def test_long_work_reports_until_it_is_done(tab: Page, site: TestClient[Litestar]) -> None:
    serve(tab, site)
    tab.goto(f"{SITE}/office")
    tab.locator("#progress[aria-busy=false]").wait_for(timeout=15000)
    assert "3 sur 3" in (tab.locator("#progress").text_content() or "")


def test_keys_search_move_and_tick(tab: Page, site: TestClient[Litestar]) -> None:
    serve(tab, site)
    tab.goto(f"{SITE}/office")
    tab.locator("h1").click()
    for key in ("j", "j", "k", "x"):
        tab.keyboard.press(key)
    assert tab.evaluate("document.activeElement.textContent") == "F-2026-1180"
    assert tab.locator("tbody input:checked").count() == 1
    tab.keyboard.press("?")
    assert tab.locator("dialog[open]").count() == 1
    tab.keyboard.press("Escape")
    tab.keyboard.press("g")
    tab.keyboard.press("c")
    tab.wait_for_url("**/backoffice/clients")


def test_the_theme_changes_at_once_and_is_remembered(tab: Page, site: TestClient[Litestar]) -> None:
    serve(tab, site)
    tab.goto(f"{SITE}/office")
    tab.locator("[popovertarget=preferences]").click()
    tab.locator("button[value=dark]").click()
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    dark = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(int(part) for part in dark[4:-1].split(",")) < 100
    assert "theme=dark" in tab.evaluate("document.cookie")


def test_a_refused_form_takes_one_to_the_first_fault(tab: Page, site: TestClient[Litestar]) -> None:
    serve(tab, site)
    tab.goto(f"{SITE}/portal-guide")
    tab.locator("#f-amount").fill("12,345")
    tab.get_by_role("button", name="Confirmer").click()
    tab.locator(".form-errors").wait_for()
    expect(tab.locator("#f-amount")).to_be_focused()
    assert tab.locator("#f-amount").input_value() == "12,345"


@contextmanager
def without_script(browser: Browser, site: TestClient[Litestar]) -> Iterator[Page]:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="en-GB"
    )
    tab = context.new_page()
    serve(tab, site)
    yield tab
    context.close()


def test_menus_and_preferences_need_no_script(browser: Browser, site: TestClient[Litestar]) -> None:
    with without_script(browser, site) as tab:
        tab.goto(f"{SITE}/portal-guide")
        tab.locator(".tabbar button").click()
        assert tab.locator("#more-sheet a").first.is_visible()
        tab.keyboard.press("Escape")
        tab.locator("[popovertarget=preferences]").click()
        with tab.expect_response("**/preferences") as chosen:
            tab.locator("button[value=fr]").click()
        assert chosen.value.status == 303
        assert urlsplit(chosen.value.headers["location"]).path == "/portal-guide"


def test_what_is_targeted_by_a_thumb_is_large_enough(
    narrow: Page, site: TestClient[Litestar]
) -> None:
    serve(narrow, site)
    narrow.goto(f"{SITE}/portal-guide")
    small = narrow.evaluate(
        """() => [...document.querySelectorAll('.btn, .tabbar a, .tabbar button, input, select')]
        .filter(e => e.checkVisibility() && e.type !== 'hidden')
        .map(e => [e, (e.closest('label') || e).getBoundingClientRect()])
        .filter(([e, box]) => box.height < 24 || box.width < 24).map(([e]) => e.outerHTML)"""
    )
    assert small == []


def test_paper_shows_the_page_without_its_menus(tab: Page, site: TestClient[Litestar]) -> None:
    serve(tab, site)
    tab.goto(f"{SITE}/office")
    tab.emulate_media(media="print")
    for hidden in (".rail", ".topbar", ".toolbar", ".pager"):
        assert not tab.locator(hidden).first.is_visible(), hidden
    assert tab.locator(".print-head").is_visible()
    assert tab.locator("table.data").first.is_visible()
