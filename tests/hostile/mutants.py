"""Files made of sound ones by chance: bytes turned, cut, doubled, and words put in that hurt."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cessio.banking.formats.camt import read_camt
from cessio.banking.formats.pain002 import read_pain002
from cessio.contracts.formats.fixings import read_fixings
from cessio.correspondence.returned import read_report
from cessio.receivables.formats.tabular.confined import read_packed
from cessio.screening.formats import read_list
from cessio.screening.rules import ListSource
from tests.hostile.markup import CAMT, PAIN
from tests.hostile.tables import FIXINGS, table
from tests.hostile.workbooks import packed, parts
from tests.screening.samples import EU, FRANCE, OWN

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
#: Larger files of the corpus are left out: a mutant of them costs more and says no more.
_MOST = 200_000
WORDS = (
    b"<!--x-->",
    b"<?x?>",
    b"<![CDATA[",
    b"]]>",
    b"&e;",
    b"&#0;",
    b"&#49;",
    b"<!DOCTYPE x>",
    b"NaN",
    b"Infinity",
    b"-",
    b"1e309",
    b"99999999999999999999999",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b'""',
    b";",
    b"\r",
    b"\n",
    b"\t",
    "\u202e".encode(),
    "\u2028".encode(),
    "١٢".encode(),
    b"</",
    b"/>",
    b"=1+1",
    b"0000-00-00",
    b"xmlns=''",
    b"PK\x03\x04",
    b"\x80\x81",
    b"{",
    b"]",
    b"\\u0000",
)


@dataclass(frozen=True)
class Seed:
    """A sound file, its reader, and whether any cut of it must be refused."""

    name: str
    reader: Callable[..., Any]
    data: bytes
    named: dict[str, Any]
    closes: bool = False


def seeds() -> list[Seed]:
    """Ours and those of the corpus."""
    found = [
        Seed("camt", read_camt, CAMT.encode(), {}, True),
        Seed("pain.002", read_pain002, PAIN.encode(), {}, True),
        Seed("fixings", read_fixings, FIXINGS.encode(), {"index": None, "source": None}),
        Seed("table", read_packed, table("1,00", '"2,00"', "3,00").encode(), {"sheet": None}),
        Seed("workbook", read_packed, packed(parts()), {"sheet": None}),
        Seed("stored workbook", read_packed, packed(parts(), 0), {"sheet": None}),
        *(
            Seed(
                f"list {source.value}",
                read_list,
                text.encode(),
                {"source": source, "dated_on": None},
                source is not ListSource.OWN,
            )
            for source, text in (
                (ListSource.EU, EU),
                (ListSource.FRANCE, FRANCE),
                (ListSource.OWN, OWN),
            )
        ),
        Seed(
            "mail",
            read_report,
            b'Content-Type: multipart/report; boundary="x"\r\n\r\n--x\r\n'
            b"Content-Type: message/delivery-status\r\n\r\n\r\nAction: failed\r\n\r\n--x--",
            {},
        ),
    ]
    for folder, reader, named in (
        ("camt053", read_camt, {}),
        ("camt054", read_camt, {}),
        ("camt052", read_camt, {}),
        ("pain002", read_pain002, {}),
        ("csv", read_packed, {"sheet": None}),
        ("mt940", read_packed, {"sheet": None}),
        ("ubl", read_camt, {}),
        ("ofx", read_camt, {}),
    ):
        for path in sorted(CORPUS.glob(f"{folder}/*")):
            if path.is_file() and path.stat().st_size <= _MOST:
                found.append(Seed(f"{folder}/{path.name}", reader, path.read_bytes(), named))  # noqa: PERF401
    return found


def mutants(seed: int) -> Iterator[tuple[Seed, bytes, bool]]:
    """Mutants without end, the same for the same seed; True with those that must be refused."""
    chance, known = random.Random(seed), seeds()
    while True:
        one = chance.choice(known)
        if one.closes and chance.random() < 0.1:
            yield one, one.data[: chance.randrange(len(one.data.rstrip()) - 1)], True
            continue
        data = one.data
        for _ in range(1 + int(chance.expovariate(0.5))):
            data = _turned(data, chance, known)
        yield one, data, False


def _turned(data: bytes, chance: random.Random, known: list[Seed]) -> bytes:
    at = chance.randrange(len(data) + 1)
    to = min(len(data), at + 1 + int(chance.expovariate(0.02)))
    kind = chance.randrange(8)
    if kind == 0 and data:
        return data[: at - 1] + bytes([chance.randrange(256)]) + data[at:]
    if kind == 1:
        return data[:at] + chance.choice(WORDS) + data[at:]
    if kind == 2:
        return data[:at] + data[to:]
    if kind == 3:
        return data[:to] + data[at:to] * chance.randrange(1, 200) + data[to:]
    if kind == 4:
        other = chance.choice(known).data
        begin = chance.randrange(len(other) + 1)
        return data[:at] + other[begin : begin + 500] + data[to:]
    if kind == 5:
        return data[:at] + bytes(reversed(data[at:to])) + data[to:]
    if kind == 6:
        return data[:at] + chance.choice(WORDS) * chance.randrange(1, 2000) + data[at:]
    return data[:at] + bytes(byte ^ (1 << chance.randrange(8)) for byte in data[at:to]) + data[to:]
