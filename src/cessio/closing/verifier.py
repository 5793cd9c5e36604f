"""Verify a Cessio book against its daily seals. One file; Python 3.10 and nothing else is needed.

    python verifier.py --key KEY --seals FOLDER --database postgresql://...   (needs psql)
    python verifier.py --key KEY --seals FOLDER --dump FOLDER
    python verifier.py --seals FOLDER --script >dump.sql && psql -f dump.sql  (makes the dump)

KEY is the public key as you noted it down when the first seal was made, never the one that lies
beside the seals today: 64 hexadecimal digits, or a file of them; repeat it for keys that followed.
--expect CODE names a code printed on a close, a statement or a mail: its seal must be there.

It shares nothing with the program that makes the seals. It answers 0 when every sealed row is as
it was sealed, 1 when not, with the first row of each kind of change, 2 when it could not look.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

MAGIC = b"CESSIO SEAL 1"
MARK = 24
NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
FORMS = {
    "i": "{}", "t": "{}", "n": "{}::text", "b": "{}::int", "d": "to_char({}, 'YYYY-MM-DD')",
    "m": "(extract(epoch FROM {}) * 1000000)::bigint", "h": "encode({}, 'hex')", "j": "{}::text",
    "a": "{}::text", "s": "encode(sha256({}), 'hex')",
}  # fmt: skip
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
UNESCAPED = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}

# Ed25519 verification (RFC 8032), in the open: points are (X, Y, Z, T) with x = X/Z, y = Y/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    w, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point = _add(point, point)
        number >>= 1
    return result


def _point(packed: bytes) -> Point | None:
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature holds."""
    if len(key) != 32 or len(signature) != 64 or BASE is None:
        return False
    owner, shown = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if owner is None or shown is None or s >= ORDER:
        return False
    h = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = _times(s, BASE), _add(shown, _times(h, owner))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed: what kind, where first, in words, how often."""

    kind: str
    where: str
    words: str
    count: int = 1


@dataclass
class Seal:
    """One file of a seal, read."""

    file: str
    hash: str
    said: dict[str, Any]
    code: str

    @property
    def number(self) -> int:
        return int(self.said["number"])

    @property
    def title(self) -> str:
        """How it is spoken of."""
        return f"seal {self.number} of {self.said['day']}"


@dataclass
class Chain:
    """The seals that hold, what is wrong with the others, and what is to be known."""

    seals: list[Seal] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def wrong(self, kind: str, where: str, words: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(kind, where, words))


@dataclass
class Segment:
    """The rows of one table that one seal covers, met one by one."""

    seal: Seal
    part: dict[str, Any]
    marks: bytes | None
    picks: list[int] = field(default_factory=list)
    amount: int | None = None
    at: int = 0
    count: int = 0
    total: int = 0
    hash: Any = field(default_factory=sha256)
    first: dict[str, int] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)

    def note(self, kind: str, row: int) -> None:
        self.first.setdefault(kind, row)
        self.times[kind] = self.times.get(kind, 0) + 1

    def meet(self, row: int, digest: bytes) -> None:
        """Compare a row of the book with the list of those that were sealed."""
        self.count += 1
        self.hash.update(digest)
        if self.marks is None:
            return
        while self.at < len(self.marks):
            sealed = int.from_bytes(self.marks[self.at : self.at + 8], "big", signed=True)
            if sealed > row:
                break
            mark = self.marks[self.at + 8 : self.at + MARK]
            self.at += MARK
            if sealed == row:
                if mark != digest[:16]:
                    self.note("changed", row)
                return
            self.note("missing", sealed)
        self.note("added", row)

    def end(self) -> None:
        """What was sealed and not met is missing; then the sums."""
        while self.marks is not None and self.at < len(self.marks):
            at, self.at = self.at, self.at + MARK
            self.note("missing", int.from_bytes(self.marks[at : at + 8], "big", signed=True))
        as_sealed = (self.hash.hexdigest(), self.count) == (self.part["sha256"], self.part["count"])
        if not (self.times or as_sealed):
            self.note("differs", self.part["first_id"] or 0)


def code_of(content: bytes) -> str:
    """The short code of a seal's file."""
    letters = base64.b32encode(sha256(content).digest()[:10]).decode()
    ours = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    text = letters.translate(ours)
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))


def read_chain(folder: Path, keys: list[bytes], expect: Iterable[str] = ()) -> Chain:
    """Every seal of a folder: signed by one of the keys, each naming the one before."""
    chain = Chain()
    for path in sorted(folder.glob("seal-*.txt")):
        seal = _opened(path, keys, chain)
        if seal is not None:
            chain.seals.append(seal)
    chain.seals.sort(key=lambda one: one.number)
    if not chain.seals:
        chain.wrong("no_seal", str(folder), "there is no seal that holds")
    _linked(chain)
    there = {one.code.replace("-", "") for one in chain.seals}
    for code in expect:
        wanted = re.sub("[^0-9A-Z]", "", code.upper().translate(str.maketrans("OIL", "011")))
        if wanted not in there:
            chain.wrong("seals_cut", code, "its seal is not there: seals were removed")
    _given_up(chain)
    return chain


def _opened(path: Path, keys: list[bytes], chain: Chain) -> Seal | None:
    content = path.read_bytes()
    lines = content.split(b"\n")
    try:
        magic, payload, last = lines[0], lines[1], lines[2].decode().split(" ")
        key, signature = bytes.fromhex(last[1]), bytes.fromhex(last[2])
        if magic != MAGIC or last[0] != "ed25519" or len(lines) != 4 or lines[3]:
            raise ValueError
    except (IndexError, ValueError):
        chain.wrong("seal_unreadable", path.name, "it is not a seal")
        return None
    if key not in keys:
        words = f"it is signed by another key ({key.hex()[:16]}...): the chain was made anew"
        chain.wrong("seal_foreign", path.name, words)
        return None
    if not signed(key, magic + b"\n" + payload + b"\n", signature):
        chain.wrong("seal_changed", path.name, "its signature does not hold")
        return None
    return Seal(path.name, sha256(content).hexdigest(), json.loads(payload), code_of(content))


def _linked(chain: Chain) -> None:
    before: Seal | None = None
    for seal in chain.seals:
        wanted = 1 if before is None else before.number + 1
        if seal.number != wanted:
            words = f"seal {wanted} is not there" if seal.number > wanted else "its number is twice"
            chain.wrong("seal_missing", seal.file, words)
        elif seal.said["previous"] != ("" if before is None else before.hash):
            words = "it does not follow the one before it"
            chain.wrong("seal_chain", seal.file, words)
        elif before is not None and seal.said["book"] != before.said["book"]:
            chain.wrong("seal_book", seal.file, "it is of another book")
        before = seal


def _given_up(chain: Chain) -> None:
    """A book restored from an older copy says so: seals after that copy cover nothing any more."""
    for seal in list(chain.seals):
        restored = seal.said.get("restored")
        if restored:
            gone = [one for one in chain.seals if restored["number"] < one.number < seal.number]
            chain.seals = [one for one in chain.seals if one not in gone]
            numbers = ", ".join(str(one.number) for one in gone)
            chain.notes.append(
                f"{seal.title} says that the book was restored from an older copy"
                f" ({restored['by']}: {restored['why']}); what seals {numbers} covered was given up"
            )
    ends: dict[str, Any] = {}
    for seal in chain.seals:
        for part in seal.said["streams"]:
            if part["after"] != ends.get(part["table"]):
                words = f"its rows of {part['table']} do not begin where the seal before ended"
                chain.wrong("seal_bounds", seal.file, words)
            ends[part["table"]] = part["upto"]


def segments_of(chain: Chain, folder: Path) -> dict[str, list[Segment]]:
    """What is sealed of each table, in the order of the seals, with the lists of rows."""
    found: dict[str, list[Segment]] = {}
    for seal in chain.seals:
        listed = _rows(seal, folder, chain)
        at = 0
        for part in seal.said["streams"]:
            size = part["count"] * MARK
            marks = None if listed is None else listed[at : at + size]
            at += size
            found.setdefault(part["table"], []).append(Segment(seal, part, marks))
    for parts in found.values():
        names = _union(parts)
        for one in parts:
            one.picks = [names.index(tuple(column)) for column in one.part["columns"]]
            one.amount = names.index((one.part["total"], "i")) if one.part["total"] else None
    return found


def _rows(seal: Seal, folder: Path, chain: Chain) -> bytes | None:
    path = folder / f"{seal.file[:-4]}-{seal.said['rows'][:12]}.rows"
    content = path.read_bytes() if path.exists() else None
    if content is None:
        chain.notes.append(f"the list of rows of {seal.title} is not there to name one of them")
    elif sha256(content).hexdigest() != seal.said["rows"]:
        chain.wrong("rows_changed", path.name, "it is not the list that was sealed")
        return None
    return content


def _union(parts: list[Segment]) -> list[tuple[str, str]]:
    names: list[tuple[str, str]] = []
    for one in parts:
        names.extend(tuple(each) for each in one.part["columns"] if tuple(each) not in names)
    return names


def query(parts: list[Segment]) -> str:
    """What reads a table: its place, then every column that a seal covers, ordered by id."""
    table, place = parts[0].part["table"], parts[0].part["place"]
    columns = _union(parts)
    for name in (table, *place, *(name for name, _kind in columns)):
        if not NAME.match(name):
            raise ValueError(f"{name!r} is no name of a table or column")
    source, where, kinds = f'"{table}"', f'"{table}"."{place[0]}"', dict(columns)
    if len(place) == 3:
        by, other, column = place
        source += f' LEFT JOIN "{other}" ON "{other}"."id" = "{table}"."{by}"'
        where, kinds = f'"{other}"."{column}"', {place[0]: "d"}
    asked = [FORMS[kinds[place[0]]].format(where)]
    asked += [FORMS[kind].format(f'"{table}"."{name}"') for name, kind in columns]
    return f'SELECT {", ".join(asked)} FROM {source} ORDER BY "{table}"."id"'  # noqa: S608


def check(parts: list[Segment], lines: Iterable[bytes]) -> tuple[list[Finding], int]:
    """Every row of a table against its seals; how many rows came after the last of them."""
    table = parts[0].part["table"]
    name = _part(b"t", table.encode())
    number = isinstance(parts[-1].part["upto"], int)
    ends = [one.part["upto"] for one in parts]
    kinds = [[kind.encode() for _name, kind in one.part["columns"]] for one in parts]
    open_rows, last, findings = 0, None, []
    for line in lines:
        place, *values = line.rstrip(b"\n").split(b"\t")
        row = int(values[0])
        if last is not None and row <= last:
            findings.append(Finding("order", f"{table} {row}", "it comes twice or out of order"))
        last = row
        if place == b"\\N":
            findings.append(Finding("astray", f"{table} {row}", "what it belongs to is not there"))
            continue
        at = bisect_left(ends, int(place) if number else place.decode())
        if at == len(ends):
            open_rows += 1
            continue
        one = parts[at]
        chosen = [values[pick] for pick in one.picks]
        one.meet(row, sha256(name + _row(kinds[at], chosen)).digest())
        if one.amount is not None:
            one.total += max(0, int(values[one.amount]))
    return findings + list(_told(table, parts)), open_rows


def _told(table: str, parts: list[Segment]) -> Iterator[Finding]:
    for one in parts:
        one.end()
        where = f"{one.seal.title}: {one.part['count']} rows of {table} were sealed"
        for kind, row in sorted(one.first.items()):
            words = {
                "changed": f"it is not what was sealed ({where}, {one.count} are there)",
                "missing": f"it was sealed and is not there ({where}, {one.count} are there)",
                "added": f"it was not there when its day was sealed ({where})",
                "differs": f"from this row on something differs ({where}, {one.count} are there;"
                f" amounts {one.part['total_minor']} then, {one.total} now)",
            }[kind]
            yield Finding(kind, f"{table} {row}", words, one.times[kind])


def _row(kinds: list[bytes], values: list[bytes]) -> bytes:
    parts = [
        b"-" if value == b"\\N" else _part(kind, _plain(value) if b"\\" in value else value)
        for kind, value in zip(kinds, values, strict=True)
    ]
    return b"".join(parts)


def _part(kind: bytes, value: bytes) -> bytes:
    return kind + str(len(value)).encode() + b":" + value


def _plain(value: bytes) -> bytes:
    return ESCAPED.sub(lambda found: UNESCAPED.get(found[1], found[1]), value)


def verify(
    folder: Path, keys: list[bytes], read: Callable[[str, str], Iterable[bytes]],
    expect: Iterable[str] = (), say: Callable[[str], object] = lambda _words: None,
) -> Chain:  # fmt: skip
    """The whole check; ``read(table, sql)`` gives a table's rows as COPY writes them."""
    chain = read_chain(folder, keys, expect)
    tables = segments_of(chain, folder)
    sealed = rest = 0
    for table, parts in tables.items():
        found, after = check(parts, read(table, query(parts)))
        chain.findings.extend(found)
        met = sum(one.count for one in parts)
        sealed, rest = sealed + met, rest + after
        say(f"{table}: {met} rows sealed, {after} after the last seal, {len(found)} findings")
    _older(chain, tables)
    if chain.seals:
        last = chain.seals[-1]
        chain.notes.append(
            f"{len(chain.seals)} seals, the last is {last.title}, code {last.code}; {sealed} rows"
            f" are sealed, {rest} are newer"
        )
    return chain


def _older(chain: Chain, tables: dict[str, list[Segment]]) -> None:
    """Name an older copy of the book for what it is: nothing of its last seals is in it."""
    found, wanted = Counter[int](), Counter[int]()
    for one in (one for parts in tables.values() for one in parts):
        found[one.seal.number] += one.count
        wanted[one.seal.number] += one.part["count"]
    gone = []
    for seal in reversed(chain.seals):
        if found[seal.number] or not wanted[seal.number]:
            break
        gone.append(seal)
    if gone:
        words = f"nothing of {len(gone)} seals is in the book, from {gone[-1].title} on:"
        words += " its tail was cut, or it is an older copy"
        chain.findings.insert(0, Finding("older", gone[-1].file, words, len(gone)))


def from_psql(url: str, wanted: dict[str, str]) -> Callable[[str, str], Iterator[bytes]]:
    """Read the tables through one psql, all of one instant."""
    script = ["SET client_encoding = 'UTF8';", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"]
    for table, sql in wanted.items():
        script += [f"COPY ({sql}) TO STDOUT;", f"\\echo '\\\\>{table}'"]
    plain = re.sub(r"^postgresql\+\w+:", "postgresql:", url)
    command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", plain]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdin is not None
    running.stdin.write("\n".join([*script, "COMMIT;", ""]).encode())
    running.stdin.close()

    def read(table: str, _sql: str) -> Iterator[bytes]:
        assert running.stdout is not None
        end = b"\\>" + table.encode() + b"\n"
        for line in running.stdout:
            if line == end:
                return
            yield line
        raise OSError("the database did not answer to the end")

    return read


def from_dump(folder: Path) -> Callable[[str, str], Iterable[bytes]]:
    """Read the tables from the files that ``--script`` makes psql write."""
    return lambda table, _sql: (folder / f"{table}.tsv").open("rb")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("--key", "--expect"):
        parser.add_argument(name, action="append", default=[])
    parser.add_argument("--seals", type=Path, required=True)
    parser.add_argument("--dump", type=Path)
    parser.add_argument("--database")
    parser.add_argument("--script", action="store_true")
    asked = parser.parse_args(arguments)
    if asked.script:
        files = [one.read_bytes() for one in asked.seals.glob("seal-*.txt")]
        chain = read_chain(asked.seals, [bytes.fromhex(one.split()[-2].decode()) for one in files])
        tables = segments_of(chain, asked.seals)
        wanted = [f"\\copy ({query(parts)}) TO '{name}.tsv'" for name, parts in tables.items()]
        print("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;", *wanted, "COMMIT;", sep="\n")
        return 0
    if not asked.key or (asked.database is None) == (asked.dump is None):
        parser.error("give --key, and either --database or --dump")
    keys = [bytes.fromhex(one if len(one) == 64 else Path(one).read_text()) for one in asked.key]
    read = from_dump(asked.dump) if asked.dump else None
    if read is None:
        tables = segments_of(read_chain(asked.seals, keys), asked.seals)
        read = from_psql(asked.database, {name: query(parts) for name, parts in tables.items()})
    chain = verify(asked.seals, keys, read, asked.expect, say=print)
    told = [f"note: {words}" for words in chain.notes]
    shown = chain.findings[:20]
    told += [f"WRONG {one.kind}: {one.where}: {one.words} [{one.count}]" for one in shown]
    wrong = f"{len(chain.findings)} findings"
    print(*told, wrong if chain.findings else "every sealed row is as it was sealed", sep="\n")
    return 1 if chain.findings else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError) as error:
        print(f"verifier: {error}", file=sys.stderr)
        sys.exit(2)
