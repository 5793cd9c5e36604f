"""The second person in front of a browser, who agrees to what a colleague asked for."""

from __future__ import annotations

import re
from typing import Any

from litestar.testing import TestClient


def agree(second: TestClient[Any], asked: Any) -> Any:
    """Open what an answer leads to and say yes to exactly that; the answer to the yes."""
    assert asked.status_code == 303, asked.text
    place = asked.headers["location"]
    assert re.fullmatch(r"/backoffice/approvals/\d+", place), place
    shown = second.get(place)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
    assert seen is not None, shown.text
    done = second.post(f"{place}/decision", data={"answer": "approve", "seen": seen.group(1)})
    assert done.status_code == 303, done.text
    return done
