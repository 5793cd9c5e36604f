"""What crosses between us and a reader's process: orders out, answers back, as MessagePack.

An answer is data of the declared types or a fault told by its class's name, code, sentence and
values. Only classes of errors that are loaded here are made again, and a sentence may name its
values and nothing of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from string import Formatter
from typing import Any, Final, TypeVar, get_type_hints

import msgspec
from msgspec import Struct

from cessio.kernel.errors import CessioError

T = TypeVar("T")

#: The first byte of an answer: what was read, what is wrong with the file, what went wrong with us.
_READ, _REFUSED, _BROKE = b"R", b"F", b"B"

#: What a child says when it noticed its limits itself.
OF_LIMITS: Final = frozenset({"MemoryError", "RecursionError"})


class Order(Struct, frozen=True):
    """Which reader (``module:function``) reads the file that follows, within which bounds.

    ``memory`` in bytes, ``seconds`` of processor, ``patience`` in seconds on the wall.
    """

    reader: str
    named: dict[str, Any]
    memory: int
    seconds: int
    patience: int


class Fault(Struct, frozen=True):
    """A ``CessioError`` as data."""

    kind: str
    code: str
    template: str
    field: str | None
    params: dict[str, bool | int | str | None]
    dates: dict[str, date] = {}
    decimals: dict[str, Decimal] = {}
    faults: dict[str, Fault] = {}


class BadAnswer(Exception):
    """An answer that no reader of ours would give."""


def plain(named: dict[str, Any]) -> dict[str, Any]:
    """Named values of a call, as what the order can carry."""
    built: dict[str, Any] = msgspec.to_builtins(named)
    return built


def meant(reader: Callable[..., Any], named: dict[str, Any]) -> dict[str, Any]:
    """The named values again, of the types that the reader asks for."""
    hints = get_type_hints(reader)
    return {name: msgspec.convert(value, hints[name]) for name, value in named.items()}


def returned(result: Any) -> bytearray:
    """The answer of a reader that returned."""
    answer = bytearray(_READ)
    msgspec.msgpack.Encoder(enc_hook=_faults_too).encode_into(result, answer, len(_READ))
    return answer


def refused(error: CessioError) -> bytes:
    """The answer of a reader that found a fault of the file."""
    return _REFUSED + msgspec.msgpack.encode(told(error))


def broke(error: BaseException) -> bytes:
    """The answer of a reader that failed: the kind of its error and where."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" in {at.tb_frame.f_code.co_qualname}, line {at.tb_lineno}" if at else ""
    limited = type(error).__name__ in OF_LIMITS
    said = type(error).__name__ if limited else f"{type(error).__name__}{place}: {error}"[:500]
    return _BROKE + said.encode("utf-8", "replace")


def answered(data: bytes, reader: Callable[..., T], unforeseen: Callable[[str], Exception]) -> T:
    """What the reader returned or raised; ``unforeseen`` makes the error of anything else."""
    try:
        kind, body = data[:1], memoryview(data)[1:]
        if kind == _READ:
            result: T = _decoder(reader).decode(body)
            return result
        if kind == _BROKE:
            error: Exception = unforeseen(bytes(body[:600]).decode("utf-8", "replace"))
        else:
            error = again(msgspec.msgpack.decode(body, type=Fault))
    except (msgspec.DecodeError, BadAnswer, RecursionError) as bad:
        raise unforeseen(f"bad answer: {bad}") from None
    raise error


def told(error: CessioError) -> Fault:
    """An error as data; a value of no simple kind is told as its text."""
    simple: dict[str, bool | int | str | None] = {}
    dates: dict[str, date] = {}
    decimals: dict[str, Decimal] = {}
    faults: dict[str, Fault] = {}
    for name, value in error.params.items():
        if isinstance(value, CessioError):
            faults[name] = told(value)
        elif type(value) is date:
            dates[name] = value
        elif isinstance(value, Decimal):
            decimals[name] = value
        else:
            simple[name] = value if isinstance(value, bool | int | None) else str(value)
    kind = f"{type(error).__module__}:{type(error).__qualname__}"
    return Fault(kind, error.code, error.template, error.field, simple, dates, decimals, faults)


def again(fault: Fault) -> CessioError:
    """The error that was told. Raises ``BadAnswer`` for a class or a sentence that cannot be."""
    kind = next((one for one in _errors(CessioError)
                 if f"{one.__module__}:{one.__qualname__}" == fault.kind), None)  # fmt: skip
    if kind is None or kind.__init__ is not CessioError.__init__:
        raise BadAnswer(f"no error {fault.kind[:80]}")
    inner = {name: again(one) for name, one in fault.faults.items()}
    params = {**fault.params, **fault.dates, **fault.decimals, **inner}
    for _, name, form, _ in Formatter().parse(fault.template):
        if name is not None and (name not in params or form):
            raise BadAnswer("a sentence with a hole")
    return kind(fault.code, fault.template, field=fault.field, **params)


def _errors(kind: type[CessioError]) -> Iterator[type[CessioError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _errors(one)


def _faults_too(value: Any) -> Any:
    if isinstance(value, CessioError):
        return told(value)
    raise TypeError(f"a reader cannot return a {type(value).__name__}")


def _again(kind: type, value: Any) -> Any:
    if issubclass(kind, CessioError):
        return again(msgspec.convert(value, Fault))
    raise TypeError(f"a reader cannot return a {kind.__name__}")


@cache
def _decoder(reader: Callable[..., Any]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(get_type_hints(reader)["return"], dec_hook=_again)
