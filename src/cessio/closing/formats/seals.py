"""The daily seal as bytes: what of a book it covers, how a row is hashed, how it is signed.

A seal is three lines: ``CESSIO SEAL 1``, one JSON object, and the signature of both with its key.
For each table it says which rows it covers and their hash, and names the seal before it by the
hash of its file. Beside it ``….rows`` lists every row as id and half a hash, so that a verifier
can name the row that changed; the seal holds its hash. The reader of this format that shares
nothing with this module is ``closing/verifier.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from cessio.kernel.codes import code_of

MAGIC = b"CESSIO SEAL 1\n"
#: What people compare: eighty bits of the hash of a seal's file.
CODE_GROUPS = 4
ID_BYTES, MARK_BYTES = 8, 16

_ESCAPED = {ord("b"): b"\b", ord("f"): b"\f", ord("n"): b"\n", ord("r"): b"\r", ord("t"): b"\t",
            ord("v"): b"\v", ord("\\"): b"\\"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stream:
    """The rows of one table: its columns with their types, and what places a row in a seal.

    Types: ``i`` integer, ``t`` text, ``n`` number, ``b`` boolean, ``d`` date, ``m`` instant in
    microseconds, ``h`` bytes in hexadecimal, ``j`` JSON, ``a`` list, ``s`` hash of the bytes.
    ``place`` is a column of it, or of the table that a column of it leads to. Rows of a place
    after ``after`` (None: from the first) and up to ``upto`` are covered.
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    place: tuple[str, ...] = ("id",)
    total: str | None = None
    after: int | str | None = None
    upto: int | str | None = None

    @property
    def parts(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "table": self.table, "columns": [list(one) for one in self.columns],
            "place": list(self.place), "total": self.total, "after": self.after, "upto": self.upto,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the rows of a stream amount to: ``total_minor`` adds up its positive amounts."""

    stream: Stream
    count: int
    total_minor: int
    first_id: int | None
    last_id: int | None
    sha256: str

    @property
    def parts(self) -> dict[str, Any]:
        """As JSON."""
        return self.stream.parts | {
            "count": self.count, "total_minor": self.total_minor, "first_id": self.first_id,
            "last_id": self.last_id, "sha256": self.sha256,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DaySeal:
    """A seal: of which book, up to which day, after which other; ``rows`` hashes its list of rows.

    ``restored`` is set on the first one after a book was restored from an older copy: the number
    of the last seal that this copy knows, who says so and why.
    """

    book: str
    number: int
    on: date
    sealed_at: datetime
    previous: str
    schema: str
    streams: tuple[Sealed, ...]
    rows: str
    restored: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """The name of its file, without what follows the point."""
        return f"seal-{self.number:06}-{self.on:%Y-%m-%d}"

    @property
    def rows_name(self) -> str:
        """The name of its list of rows, which says what is in it."""
        return f"{self.name}-{self.rows[:12]}.rows"

    @property
    def row_count(self) -> int:
        """All rows it covers."""
        return sum(one.count for one in self.streams)


def write(seal: DaySeal, public_key: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """The file of a seal."""
    payload = {
        "book": seal.book, "number": seal.number, "day": seal.on.isoformat(),
        "sealed_at": seal.sealed_at.isoformat(), "previous": seal.previous, "schema": seal.schema,
        "streams": [one.parts for one in seal.streams], "rows": seal.rows,
        "restored": seal.restored,
    }  # fmt: skip
    said = MAGIC + json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return said + f"ed25519 {public_key.hex()} {sign(said).hex()}\n".encode()


def read(content: bytes) -> DaySeal:
    """A file of ours; whether its signature holds is the verifier's to say."""
    payload = json.loads(content.split(b"\n", 2)[1])
    return DaySeal(
        book=payload["book"], number=payload["number"], on=date.fromisoformat(payload["day"]),
        sealed_at=datetime.fromisoformat(payload["sealed_at"]), previous=payload["previous"],
        schema=payload["schema"], rows=payload["rows"], restored=payload["restored"],
        streams=tuple(_sealed(one) for one in payload["streams"]),
    )  # fmt: skip


def code(content: bytes) -> str:
    """The short code of a seal's file, for screens and paper."""
    return code_of(sha256(content).digest(), CODE_GROUPS)


def _sealed(parts: dict[str, Any]) -> Sealed:
    stream = Stream(
        parts["table"], tuple((name, kind) for name, kind in parts["columns"]),
        tuple(parts["place"]), parts["total"], parts["after"], parts["upto"],
    )  # fmt: skip
    return Sealed(stream, parts["count"], parts["total_minor"], parts["first_id"],
                  parts["last_id"], parts["sha256"])  # fmt: skip


class Tally:
    """Takes the rows of a stream as COPY sends them, ordered by id; gives what they amount to.

    A row is hashed as its table's name, then each value as type, length and bytes; ``-`` is NULL.
    """

    def __init__(self, stream: Stream, note: Callable[[bytes], object]) -> None:
        self.stream = stream
        self._note = note
        self._name = _part(b"t", stream.table.encode())
        self._kinds = tuple(kind.encode() for _name, kind in stream.columns)
        names = [name for name, _kind in stream.columns]
        self._amount = names.index(stream.total) if stream.total else None
        self._all = sha256()
        self._count = self._total = 0
        self._first: int | None = None
        self._last: int | None = None

    def take(self, line: bytes) -> None:
        """One row in the text form of COPY; its first value is its id."""
        values = line.rstrip(b"\n").split(b"\t")
        hashed = sha256(self._name + _row(self._kinds, values)).digest()
        number = int(values[0])
        self._all.update(hashed)
        self._note(number.to_bytes(ID_BYTES, "big", signed=True) + hashed[:MARK_BYTES])
        if self._amount is not None:
            self._total += max(0, int(values[self._amount]))
        self._count += 1
        self._first = number if self._first is None else self._first
        self._last = number

    def sealed(self) -> Sealed:
        """What was taken so far."""
        return Sealed(
            self.stream, self._count, self._total, self._first, self._last, self._all.hexdigest()
        )


def following(streams: Sequence[Stream], previous: DaySeal | None) -> tuple[Stream, ...]:
    """The streams, each beginning where the seal before ended."""
    if previous is None:
        return tuple(streams)
    known = {one.stream.table: one.stream.upto for one in previous.streams}
    return tuple(replace(one, after=known.get(one.table)) for one in streams)


def _row(kinds: Sequence[bytes], values: Sequence[bytes]) -> bytes:
    return b"".join(
        b"-" if value == b"\\N" else _part(kind, _plain(value) if b"\\" in value else value)
        for kind, value in zip(kinds, values, strict=True)
    )


def _part(kind: bytes, value: bytes) -> bytes:
    return b"%b%d:%b" % (kind, len(value), value)


def _plain(value: bytes) -> bytes:
    """A value of COPY without its escapes."""
    parts = iter(value.split(b"\\"))
    plain = [next(parts)]
    for part in parts:
        if part:
            plain.append(_ESCAPED.get(part[0], part[:1]) + part[1:])
        else:  # two backslashes: what follows is as it stands
            plain.append(b"\\" + next(parts, b""))
    return b"".join(plain)
