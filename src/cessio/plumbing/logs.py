"""The log: one line an event, structured, without what must not be in it.

    configure(as_json=settings.log_json)       once a process, before anything is logged
    structlog.get_logger().warning("access_refused", code="not_permitted", by="person:7")

Whoever signs in, is refused or tries to get around a refusal is logged by the web (``noted`` in
``web/errors.py`` and the door): who, from which network, at which address, why; never what was
typed. A value cannot begin a line of its own, and what looks like an account number keeps its
first and last four signs, wherever it stands: in a value, in the text of an error, in a traceback.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_IBAN = re.compile(r"\b([A-Z]{2}\d{2})[ ]?((?:[A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{0,3})\b")
#: The password of a database or a broker in its address.
_IN_ADDRESS = re.compile(r"(\w+://[^\s:/@]*):[^\s@]+@")
#: Fields whose value is a secret whatever it looks like.
_SECRET = frozenset(
    {"password", "secret", "token", "code_typed", "seed", "cookie", "authorization"}
)
_LINES = str.maketrans({"\n": "\\n", "\r": "\\r", "\x1b": "\\e", "\x00": "\\0"})

Event = MutableMapping[str, Any]


def configure(*, as_json: bool) -> None:
    """Log to the error output from now on: JSON for machines, ``key=value`` for people."""
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        masked,
    ]
    structlog.configure(processors=[*before, last], logger_factory=lambda *_: _ErrorOutput())
    handler = _Handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[_plain, last])
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


class _ErrorOutput:
    """Writes each line whole to what the error output is at the moment."""

    def msg(self, message: str) -> None:
        sys.stderr.write(message + "\n")

    debug = info = warning = error = critical = exception = msg


class _Handler(logging.Handler):
    """The same for the log of libraries; of what cannot be written no value is told."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _ErrorOutput().msg(self.format(record))
        except Exception:
            _ErrorOutput().msg(f"a line of {record.name} could not be logged")


def masked(_logger: Any, _name: str, event: Event) -> Event:
    """The same event with secrets and account numbers masked, and every text on one line."""
    return {
        name: value if name.startswith("_") else _masked(name, value)
        for name, value in event.items()
    }  # fmt: skip


def without_secrets(text: str) -> str:
    """A text with account numbers and passwords of addresses masked, on one line."""
    hidden = _IBAN.sub(lambda found: f"{found[1]}…{found[2].replace(' ', '')[-4:]}", text)
    return _IN_ADDRESS.sub(r"\1:…@", hidden).translate(_LINES)


def _masked(name: str, value: Any) -> Any:
    if name in _SECRET:
        return "…"
    if value is None or isinstance(value, bool | int):
        return value
    return without_secrets(value if isinstance(value, str) else str(value))


def _plain(_logger: Any, _name: str, event: Event) -> Event:
    return {
        name: value for name, value in event.items() if name not in {"_record", "_from_structlog"}
    }
