"""A request repeated is one effect, in sixteen ways, at every address that writes."""

from __future__ import annotations

import os
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from cessio import app
from cessio.plumbing.settings import Settings
from tests.faults.replays import CASES, Repeating
from tests.faults.report import REPORT
from tests.web.api import (
    test_api,
    test_desks,
    test_house,
    test_main_job,
    test_replies,
    test_reports,
)
from tests.web.api.test_api import world
from tests.web.api.test_main_job import desk
from tests.who_may.ways import ways

__all__ = ["desk", "world"]
AGAIN = int(os.environ.get("FAULT_REPLAYS", "8"))
SEND = TestClient.post
QUICK = (test_api.test_a_remittance_is_sent_checked_confirmed_and_drawn_on,)
STORIES: tuple[Callable[..., None], ...] = (
    test_main_job.test_from_the_documents_to_the_statement_by_keys_alone,
    test_desks.test_a_promise_is_noted_by_who_collects_and_read_by_the_staff,
    test_desks.test_a_follower_is_given_and_taken_by_who_handles_disputes,
    test_desks.test_a_due_date_moves_or_waits_and_its_trace_is_read,
    test_desks.test_a_second_person_decides_on_a_due_date_by_what_was_read,
    test_desks.test_a_client_reads_reasons_and_not_what_we_wrote_among_ourselves,
    test_desks.test_the_limits_desk_queues_proposes_and_caps,
    test_desks.test_a_stop_answered_to_an_sms_of_ours_stops_that_number_alone,
    test_house.test_what_the_house_set_is_read_and_changed_by_keys,
    test_house.test_days_closed_by_keys_are_no_business_days,
    test_replies.test_a_reply_is_read_and_accepted_by_who_handles_disputes,
    test_reports.test_a_report_is_issued_listed_and_fetched_in_each_format,
    test_reports.test_a_schedule_of_reports_is_made_and_ended_by_who_may_set,
    test_reports.test_how_often_statements_are_made_is_said_by_the_client_or_its_manager,
)
TRIED: dict[str, set[str]] = {}


@pytest.fixture
def repeating(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repeating:
    built = app.build(engine, Settings.load({"CESSIO_DATA_DIR": str(tmp_path)}))
    made = Repeating(engine, ways(built), SEND, again=AGAIN)
    monkeypatch.setattr(
        TestClient, "post", lambda client, url, **sent: made.post(client, url, **sent)
    )
    return made


def _told(story: Callable[..., None], request: pytest.FixtureRequest) -> None:
    given: dict[str, Any] = {name: request.getfixturevalue(name)
                             for name in signature(story).parameters}  # fmt: skip
    story(**given)


@pytest.mark.parametrize("story", QUICK, ids=lambda one: one.__name__)
def test_each_way_to_repeat_a_request_has_one_effect(
    repeating: Repeating, request: pytest.FixtureRequest, story: Callable[..., None]
) -> None:
    _told(story, request)
    _report(repeating, story)


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.__name__)
def test_every_request_of_a_story_may_be_repeated(
    repeating: Repeating, request: pytest.FixtureRequest, story: Callable[..., None]
) -> None:
    _told(story, request)
    _report(repeating, story)


def _report(repeating: Repeating, story: Callable[..., None]) -> None:
    assert repeating.tried
    for address, seen in repeating.tried.items():
        assert {*seen} == {*CASES}, (address, {*CASES} - {*seen})
        TRIED.setdefault(address, set()).update(seen)
    writing = {one.path for one in repeating.ways if one.audience == "api" and not one.is_safe}
    REPORT.tell(
        f"replays in {story.__name__}",
        f"{len(CASES)} of {len(CASES)} cases at {len(repeating.tried)} addresses"
        f" ({len(TRIED)} of {len(writing)} so far), {repeating.replays:,} replays at once",
        promise=3, figure=repeating.replays,
    )  # fmt: skip
