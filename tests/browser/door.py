"""The front door: somebody of a test signs in as people do, in the language they read."""

from __future__ import annotations

from playwright.sync_api import Page
from sqlalchemy import Engine, update

from cessio.identity.models import Person
from cessio.plumbing.database import transaction
from tests import people
from tests.people import Named


def sign_in(
    page: Page, address: str, engine: Engine, person: Named, *, home: str, language: str = "fr"
) -> None:
    """Sign in by the form, whoever was signed in before, and wait for their ``home`` page.

    ``home`` is its path (``/backoffice`` or ``/portal``); the person's own language is set first.
    """
    with transaction(engine) as session:
        session.execute(update(Person).where(Person.id == person.id).values(language=language))
        password = people.give_password(session, person)
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.fill("#f-email", person.email)
    page.fill("#f-password", password)
    page.click("form button.btn.primary")
    page.wait_for_url(f"{address}{home}")
