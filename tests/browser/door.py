"""The front door: somebody of a test is let in, in the language they read.

Staff and signatories owe a second factor there, which ``test_passkeys`` and ``test_access`` prove.
"""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.sync_api import Page
from sqlalchemy import Engine, update

from cessio.identity.models import Person
from cessio.plumbing.database import transaction
from tests import people
from tests.people import Named


def sign_in(
    page: Page, address: str, engine: Engine, person: Named, *, home: str, language: str = "fr"
) -> None:
    """Come with a session, whoever was signed in before, and open the person's ``home`` page.

    ``home`` is its path (``/backoffice`` or ``/portal``); the person's own language is set first.
    """
    with transaction(engine) as session:
        session.execute(update(Person).where(Person.id == person.id).values(language=language))
        people.give_password(session, person)
        opened = people.let_in(session, person, at=datetime.now(UTC))
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "cessio", "value": opened.token, "url": address}])
    page.goto(f"{address}{home}")
