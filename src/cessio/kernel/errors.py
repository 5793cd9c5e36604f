"""Errors that a person can act on: a code, a sentence, and the values it speaks of.

Errors are declared beside the function that raises them, know nothing of HTTP, and get their
status and their French or English sentence at the edge (``web/errors.py``).
"""

from __future__ import annotations

from typing import Any


class CessioError(Exception):
    """Base of every expected error.

    ``code`` is snake_case and stable (API, translations); ``template`` is the English sentence
    with ``{name}`` fields; ``params`` fills them. ``field`` names the input at fault, if one is.
    """

    def __init__(
        self, code: str, template: str, *, field: str | None = None, **params: Any
    ) -> None:
        self.code = code
        self.template = template
        self.field = field
        self.params = params
        super().__init__(template.format(**params))


class NotFound(CessioError):
    """What is asked for is not there, or not the asker's: the two look the same."""


class Conflict(CessioError):
    """The request contradicts the present state (stale version, duplicate, locked)."""


class Forbidden(CessioError):
    """The person is known and may not do this."""


class Invalid(CessioError):
    """The input is wrong; ``field`` or ``problems`` says where."""


class Problems(Invalid):
    """Several faults of one input, all shown at once."""

    def __init__(self, problems: list[CessioError]) -> None:
        self.problems = problems
        joined = " ".join(f"{problem.field or '-'}: {problem}." for problem in problems)
        super().__init__("problems", "{text}", text=joined)
