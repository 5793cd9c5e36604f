"""What a bank says of many payees at once: a CSV with headings, or JSON, from its site or gateway.

A row has the name and the account that were asked about, the scheme's code (MTCH, CMTC, NMTC,
NOAP) and, for a close match, the name the bank has. Other columns are left alone.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cessio.funding.rules.payees import PayeeOutcome
from cessio.kernel.errors import Invalid

MOST_BYTES = 2_000_000
MOST_ROWS = 20_000

CODES = {"MTCH": PayeeOutcome.MATCH, "CMTC": PayeeOutcome.CLOSE, "NMTC": PayeeOutcome.NO_MATCH,
         "NOAP": PayeeOutcome.NOT_POSSIBLE}  # fmt: skip
#: What banks call each column, without what is no letter.
_COLUMNS = {
    "name": ("name", "payee", "payeename", "creditorname", "beneficiaryname", "nom",
             "nombeneficiaire", "nomdubeneficiaire", "beneficiaire"),
    "iban": ("iban", "account", "payeeiban", "creditoriban", "creditoraccount", "compte"),
    "outcome": ("outcome", "result", "code", "status", "vopresult", "matchresult", "resultat"),
    "returned_name": ("returnedname", "suggestedname", "matchedname", "actualname",
                      "nomretourne", "nomsuggere"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PayeeAnswer:
    """The bank's word on a name and an account together."""

    name: str
    iban: str
    outcome: PayeeOutcome
    returned_name: str | None


def read_answers(data: bytes) -> list[PayeeAnswer]:
    """The answers, in order. Raises ``Invalid`` and names the line."""
    if len(data) > MOST_BYTES:
        raise _refused("payee_file_large", "the file is larger than any bank's answer")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("payee_file_encoding", "the file is not written in UTF-8") from error
    rows = list(_objects(text) if text.lstrip()[:1] in ("{", "[") else _lines(text))
    if not rows:
        raise _refused("payee_file_empty", "the file has no answer in it")
    return [_answer(number, row) for number, row in rows]


def _refused(code: str, template: str, **params: Any) -> Invalid:
    return Invalid(code, template, field="file", **params)


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""),
                      delimiter=max(";,\t", key=first.count))  # fmt: skip
    try:
        heads = [_column(one) for one in next(rows, [])]
        _check(heads)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(heads):
                raise _refused("payee_row_shifted", "line {line} has more values than headings",
                               line=rows.line_num)  # fmt: skip
            _count(rows.line_num)
            yield rows.line_num, {head: cell for head, cell in zip(heads, row, strict=False)
                                  if head is not None}  # fmt: skip
    except csv.Error as error:
        raise _refused("payee_file_broken", "the file breaks off or is no CSV") from error


def _objects(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused("payee_file_json", "the file is no JSON") from error
    if isinstance(found, Mapping):
        lists = [each for each in found.values() if isinstance(each, list)]
        found = lists[0] if len(lists) == 1 else None
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise _refused("payee_file_json", "the file is no list of answers")
    for number, one in enumerate(found, start=1):
        heads = [_column(str(key)) for key in one]
        _check(heads)
        _count(number)
        yield number, {head: value if isinstance(value, str) else ""
                       for head, value in zip(heads, one.values(), strict=True)
                       if head is not None}  # fmt: skip


def _count(number: int) -> None:
    if number > MOST_ROWS + 1:
        raise _refused("payee_file_large", "the file is larger than any bank's answer")


def _column(head: str) -> str | None:
    plain = re.sub(r"[^a-z]", "", head.casefold().replace("é", "e").replace("ê", "e"))
    return next((name for name, known in _COLUMNS.items() if plain in known), None)


def _check(heads: list[str | None]) -> None:
    for name in ("name", "iban", "outcome"):
        if heads.count(name) != 1:
            raise _refused(
                "payee_column", "the file needs one column each for the name, the IBAN and the"
                " result",
            )  # fmt: skip
    if heads.count("returned_name") > 1:
        raise _refused("payee_column_twice", "two columns give the name the bank has")


def _answer(number: int, row: Mapping[str, str]) -> PayeeAnswer:
    code = row["outcome"].strip().upper()
    if code not in CODES:
        raise _refused("payee_code", "line {line}: {word} is none of MTCH, CMTC, NMTC and NOAP",
                       line=number, word=code[:20] or "–")  # fmt: skip
    outcome = CODES[code]
    returned = " ".join(row.get("returned_name", "").split()) or None
    if outcome is PayeeOutcome.CLOSE and returned is None:
        raise _refused("payee_name_back", "line {line}: a close match tells the name the bank has",
                       line=number)  # fmt: skip
    name, iban = " ".join(row["name"].split()), "".join(row["iban"].split()).upper()
    if not name or not iban:
        raise _refused("payee_pair", "line {line} names no payee or no account", line=number)
    return PayeeAnswer(name, iban, outcome, returned if outcome is PayeeOutcome.CLOSE else None)
