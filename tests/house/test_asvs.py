"""infra/security/asvs.md answers every requirement once, and names nothing that is not there."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

from tests.faults.report import REPORT

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "infra" / "security" / "asvs.md"
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([123]) \| (.+?) \| ([a-z ]+) \| (.+?) \| (.*?) ?\|")
#: OWASP ASVS 5.0.0: so many requirements of each level; of the third, those that money asks for.
LEVELS = {"1": 70, "2": 183, "3": 10}
ANSWERS = ("met", "partly", "not met", "not applicable")


@cache
def _rows() -> list[tuple[str, ...]]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] > "| 0"]
    found = [ROW.fullmatch(line) for line in lines if re.match(r"\| \d", line)]
    assert all(found), "a row that cannot be read"
    return [one.groups() for one in found if one]


def _tests(path: Path) -> set[str]:
    return set(re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.M))


def test_every_requirement_is_answered_once() -> None:
    assert Counter(level for _, level, *_ in _rows()) == LEVELS
    assert not [one for one, count in Counter(row[0] for row in _rows()).items() if count > 1]
    assert {row[3] for row in _rows()} <= {*ANSWERS}


def test_every_answer_names_what_exists() -> None:
    wrong = []
    for one, _, _, answer, _, evidence in _rows():
        named = re.findall(r"`([^`]+)`", evidence)
        if answer == "met" and not named:
            wrong.append(f"{one} is met by nothing")
        for each in named:
            path, _, test = each.partition("::")
            if not (ROOT / path).is_file() or (test and test not in _tests(ROOT / path)):
                wrong.append(f"{one} names {each}")
    assert not wrong


def test_the_counts_at_the_head_are_true() -> None:
    head = PAGE.read_text(encoding="utf-8").split("\n## ")[0]
    asked = Counter(row[3] for row in _rows() if row[1] != "3")
    beside = Counter(row[3] for row in _rows() if row[1] == "3")
    said = ", ".join(f"{asked[answer]} {answer}" for answer in ANSWERS)
    assert f"253 requirements of levels 1 and 2: {said}." in head
    assert f"{beside['met']} met, {beside['not met']} not met" in head
    REPORT.tell("ASVS 5.0 levels 1 and 2", said, promise=14, figure=sum(asked.values()))
