"""Every kind of job has a name for people and a worker killed in the middle of it."""

from __future__ import annotations

from cessio.plumbing.jobs import registry
from cessio.web.words.jobs import JOBS
from cessio.worker import REACTIONS, SCHEDULE, load_jobs
from tests.faults.kinds import CASES


def _ours() -> set[str]:
    """The kinds of the program itself; tests register others in their process."""
    load_jobs()
    return {kind for kind in registry.known_kinds() if not kind.startswith("test.")}


def test_every_kind_of_job_has_its_worker_killed() -> None:
    missing = _ours() - CASES.keys()
    assert not missing, f"write what gives these jobs work into tests/faults/kinds.py: {missing}"
    assert not CASES.keys() - _ours(), "there is no such kind of job any more"


def test_every_kind_of_job_has_a_name_for_people() -> None:
    assert _ours() - JOBS.keys() == set()


def test_what_is_scheduled_or_reacted_with_is_a_kind_of_job() -> None:
    asked = {line.kind for line in SCHEDULE}
    asked |= {one.kind for reactions in REACTIONS.values() for one in reactions}
    assert asked <= _ours()
