"""Lists kept under a name: one's own or shared, opened with, changed, dropped."""

from __future__ import annotations

import inspect
import re
from typing import Any

from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from cessio.web import saved_views
from cessio.web.backoffice import lists
from tests.web.backoffice.office import Office

LIST = "/backoffice/receivables"
WANTED = {"page": LIST, "query": "status=any&number=F&after=abc&evil=1&format=csv", "name": "All F"}
READS = re.compile(r"(?:asked_\w+|query_params\.get|query\.get)\(\s*(?:request, )?[\"'](\w+)[\"']")
#: Read by lists, but neither a filter nor an order.
POSITION = {"after", "before", "format", "table", "queue", "done", "undo"}


def _save(client: TestClient[Any], **changes: str) -> str:
    return str(client.post("/backoffice/views", data=WANTED | changes).headers["location"])


def test_a_view_keeps_the_filters_of_its_list_and_nothing_else(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        address = _save(alice)
        assert re.fullmatch(rf"{LIST}\?number=F&status=any&view=\d+", address)
        page = alice.get(address).text
        assert 'aria-current="page">All F</a>' in page
        assert "evil" not in page
    with office.sits(office.book.people.chloe) as chloe:
        assert "All F" not in chloe.get(LIST).text


def test_a_shared_view_is_there_for_everybody_but_its_owners_to_change(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        number = _save(alice, shared="yes").rpartition("=")[2]
    with office.sits(office.book.people.chloe) as chloe:
        assert "All F" in chloe.get(LIST).text
        which = {"page": LIST, "query": ""}
        change = {**which, "name": "Mine now"}
        assert chloe.post(f"/backoffice/views/{number}", data=change).status_code == 303
        assert chloe.post(f"/backoffice/views/{number}/drop", data=which).status_code == 404
        assert "Mine now" not in chloe.get(LIST).text


def test_a_list_opens_with_the_view_chosen_for_it_until_all_is_asked_for(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        address = _save(alice, default="yes")
        opened = alice.get(LIST)
        assert (opened.status_code, opened.headers["location"]) == (302, address)
        assert alice.get(f"{LIST}?view=all").status_code == 200
        assert alice.get(f"{LIST}?number=B").status_code == 200
        number = address.rpartition("=")[2]
        alice.post(f"/backoffice/views/{number}/drop", data={"page": LIST, "query": ""})
        assert alice.get(LIST).status_code == 200


def test_a_view_is_renamed_and_keeps_other_filters_only_when_asked(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        number = _save(alice).rpartition("=")[2]
        data = {"page": LIST, "query": "number=B", "name": "Renamed"}
        kept = alice.post(f"/backoffice/views/{number}", data=data).headers["location"]
        assert "number=F" in kept
        moved = alice.post(f"/backoffice/views/{number}", data={**data, "replace": "yes"})
        assert moved.headers["location"] == f"{LIST}?number=B&view={number}"
        twice = alice.post("/backoffice/views", data=WANTED | {"name": "renamed"})
        assert f"{LIST}?number=F&status=any" == twice.headers["location"]
        assert "Renamed" in alice.get(LIST).text


def _source(function: Any, depth: int = 2) -> str:
    """A handler with the functions that it hands the request to, and those they hand it to."""
    function = inspect.unwrap(getattr(function, "func", function))
    text = inspect.getsource(function)
    beside = vars(inspect.getmodule(function))
    handed = re.findall(r"(?:\b(\w+)\.)?\b(\w+)\(request", text) if depth else []
    called = [getattr(beside.get(m), name, beside.get(name)) for m, name in handed]
    mine = [one for one in called if inspect.isfunction(one) and one.__module__ != lists.__name__]
    return text + "".join(_source(one, depth - 1) for one in mine)


def test_a_view_keeps_every_filter_its_list_reads(office: Office) -> None:
    """What a list's handler reads of its address is what is kept of it, whoever changes it."""
    handlers = {
        route.path: route.route_handler_map["GET"]
        for route in office.app.routes
        if isinstance(route, HTTPRoute) and "GET" in route.route_handler_map
    }
    forgotten = []
    for path, kept in saved_views.LISTS.items():
        read = set(READS.findall(_source(handlers[path][0].fn)))
        forgotten += [f"{path}?{name}" for name in sorted(read - POSITION - set(kept))]
    assert not forgotten
