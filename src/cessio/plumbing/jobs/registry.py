"""Which function does which kind of job."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, TypeVar

import msgspec

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class JobKind:
    """How a kind of job is run; ``arguments`` is the shape its payload must have."""

    kind: str
    function: Callable[..., Any]
    arguments: type[msgspec.Struct]
    max_attempts: int
    lease_seconds: float
    time_limit_seconds: float
    backoff_seconds: float
    serial: bool
    while_held: bool

    def read(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload as the function's own types (``date``, ``Decimal``, …).

        Raises ``msgspec.ValidationError`` when a field is missing, unknown or malformed.
        """
        return msgspec.structs.asdict(msgspec.convert(dict(payload), self.arguments))


_kinds: dict[str, JobKind] = {}


def job(
    kind: str,
    *,
    max_attempts: int = 8,
    lease_seconds: float = 20,
    time_limit_seconds: float = 3600,
    backoff_seconds: float = 5,
    serial: bool = False,
    while_held: bool = False,
) -> Callable[[Function], Function]:
    """Register a function ``(context: JobContext, *, …)`` as the one that does a kind of job.

    Keyword parameters name the payload's fields and give their types. A worker renews its lease
    while the function runs, up to the time limit. Failed attempts are repeated after
    ``backoff_seconds``, doubled each time, at most an hour. Jobs of a ``serial`` kind run one at
    a time, oldest first (a dead one does not hold up the next). Only kinds that read and tell
    nobody run ``while_held``: until two people let a restored book go on.
    """

    def register(function: Function) -> Function:
        known = _kinds.get(kind)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"two functions do the job {kind!r}")
        _kinds[kind] = JobKind(
            kind, function, _shape(kind, function), max_attempts, lease_seconds,
            time_limit_seconds, backoff_seconds, serial, while_held,
        )  # fmt: skip
        return function

    return register


def find(kind: str) -> JobKind | None:
    """The registered kind of that name."""
    return _kinds.get(kind)


def known_kinds() -> list[str]:
    """Every kind this process can run."""
    return sorted(_kinds)


def serial_kinds() -> list[str]:
    """The kinds that run one at a time."""
    return sorted(kind for kind, found in _kinds.items() if found.serial)


def kinds_while_held() -> list[str]:
    """The kinds that run while a restored book is held."""
    return sorted(kind for kind, found in _kinds.items() if found.while_held)


def _shape(kind: str, function: Callable[..., Any]) -> type[msgspec.Struct]:
    hints = typing.get_type_hints(function)
    fields: list[Any] = []
    for parameter in list(signature(function).parameters.values())[1:]:
        if parameter.kind in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL):
            raise ValueError(f"the job {kind!r} must name the fields of its payload")
        annotation = hints.get(parameter.name, Any)
        if parameter.default is Parameter.empty:
            fields.append((parameter.name, annotation))
        else:
            fields.append((parameter.name, annotation, parameter.default))
    return msgspec.defstruct("Arguments", fields, forbid_unknown_fields=True, kw_only=True)
