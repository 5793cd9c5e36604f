"""What is neither a table nor XML of a bank: JSON of the register, mails, and files of other kinds
sent where another kind is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cessio.banking.formats.camt import read_camt
from cessio.banking.formats.pain002 import read_pain002
from cessio.correspondence.returned import read_report
from cessio.receivables.formats.tabular.confined import read_packed
from cessio.screening.formats import read_list
from cessio.screening.rules import ListSource
from tests.hostile.case import Case, case
from tests.screening.samples import FRANCE

_PDF = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PDFS = {
    "that runs a script": _PDF
    + "1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "that is its own page": _PDF + "1 0 obj<</Type/Pages/Kids[1 0 R]/Parent 1 0 R>>endobj",
    "with a file in it": _PDF
    + "1 0 obj<</Type/EmbeddedFile/Length 9/Params<</Size 9999999999>>>>stream\nx",
    "with a stream that lies": _PDF + "1 0 obj<</Length 99999999999>>stream\nx\nendstream",
    "of filters on filters": _PDF + "1 0 obj<</Filter[" + "/FlateDecode" * 5000 + "]>>stream\nx",
    "cut": _PDF,
    "with a table behind": _PDF + "number;date;amount\n1;2026-01-01;3\n" * 20,
    "that is also a page": "%PDF-1.4\n<html><script>alert(1)</script></html>",
    "with a loop of tables": _PDF + "xref\n0 1\ntrailer<</Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF",
    "that opens an address": _PDF + "1 0 obj<</A<</S/URI/URI(file:///etc/passwd)>>>>endobj",
}
BANKS = {
    "MT940": ":20:X\n:25:FR76\n:28C:1/1\n:60F:C261116EUR1,00\n:61:2611161116C1,00NTRF\n",
    "MT940 too wide": ":20:" + "X" * 100_000 + "\n:61:" + "9" * 100_000,
    "CFONB of 119": ("01" + "3" * 117 + "\n") * 3,
    "CFONB of 121": ("04" + "3" * 119 + "\n") * 3,
    "CFONB in one line": "04" + "3" * 118 + "07" + "0" * 118,
    "OFX": "OFXHEADER:100\n<OFX></OFX>",
    "CSV": "a;b;c\n1;2;3\n",
    "JSON": '{"a": [1]}',
    "a program": "\x7fELF\x02\x01\x01",
    "a script": "#!/bin/sh\nrm -rf /\n",
    "colons": ":" * 200_000,
    "brackets": "<?" * 200_000,
    "bangs": "<!" * 200_000,
    "comments": "<!--" * 200_000,
}


def cases() -> Iterator[Case]:
    """All of them."""
    for name, text in PDFS.items():
        yield case(
            f"remittance: a PDF {name}",
            read_packed,
            text.encode("latin-1"),
            "file_unknown_format",
            sheet=None,
        )
        yield case(f"statement: a PDF {name}", read_camt, text.encode("latin-1"), "xml_not_xml")
    for name, text in BANKS.items():
        codes = ("xml_not_xml", "xml_truncated", "xml_malformed", "xml_doctype")
        yield case(f"statement: {name}", read_camt, text.encode("latin-1"), *codes)
        yield case(f"answer: {name}", read_pain002, text.encode("latin-1"), *codes)
    yield from _register()
    yield from _mails()


def _register() -> Iterator[Case]:
    """The register of the Trésor: whoever a reader drops would be paid."""
    codes = tuple(
        f"list_{what}"
        for what in (
            "not_json",
            "not_register",
            "no_name",
            "no_reference",
            "twice",
            "empty",
            "undated",
            "not_text",
            "not_a_date",
            "long_names",
        )
    )
    named = {"source": ListSource.FRANCE, "dated_on": None}
    second = FRANCE.replace('"Nom": "MORNAVAL"', '"Nom": "MORNAVAL", "Nom": "X"')
    texts = {
        "nothing": "",
        "null": "null",
        "a number": "1",
        "a list": "[]",
        "an empty one": "{}",
        "NaN": FRANCE.replace("72", "NaN"),
        "an infinity": FRANCE.replace("72", "-Infinity"),
        "a field twice": second,
        "the records twice": FRANCE.replace(
            '"PublicationDetail": [', '"PublicationDetail": [], "PublicationDetail": [', 1
        ),
        "deep": "[" * 100_000 + "]" * 100_000,
        "deep in objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
        "cut": FRANCE[:-9],
        "garbage after": FRANCE + "x",
        "a comment": FRANCE + "// x",
        "single quotes": FRANCE.replace('"', "'"),
        "a trailing comma": FRANCE.replace("]}}", "],}}"),
        "records that are no list": FRANCE.replace(
            '"PublicationDetail": [', '"PublicationDetail": {"a": [', 1
        ),
        "a record that is a text": FRANCE.replace('{"IdRegistre": 72', '"x", {"IdRegistre": 72'),
        "no name": FRANCE.replace("MORNAVAL", ""),
        "a reference twice": FRANCE.replace("72", "71"),
        "a control character": FRANCE.replace("MORNAVAL", "MOR\x01NAVAL"),
        "a day that is none": FRANCE.replace("2026-11-09", "2026-02-30"),
        "an open string": FRANCE.replace('MORNAVAL"', "MORNAVAL"),
        "a million brackets": "[" * 1_000_000,
        "a name of 600": FRANCE.replace("MORNAVAL", "M" * 600),
    }
    for name, text in texts.items():
        yield case(f"register: {name}", read_list, text.encode(), *codes, **named)
    read = {
        "a reference of 10,000 digits": FRANCE.replace("72", "7" * 10_000),
        "half a pair": FRANCE.replace("MORNAVAL", "MOR\\ud800NAVAL"),
        "a NUL": FRANCE.replace("MORNAVAL", "MOR\\u0000NAVAL"),
        "a number of 1e999": FRANCE.replace('"Annee": "1961"', '"Annee": 1e999'),
        "a month of 9,999 digits": FRANCE.replace('"Mois": "4"', f'"Mois": "{"4" * 9999}"'),
        "a month in Arabic": FRANCE.replace('"Mois": "4"', '"Mois": "٤"'),
        "a field that is a number": FRANCE.replace('"RegistreDetail": []', '"RegistreDetail": 7'),
        "a value that is a number": FRANCE.replace('[{"Prenom": "Ivan"}]', "7"),
    }
    for name, text in read.items():
        yield case(
            f"register: {name}",
            read_list,
            text.encode(),
            *codes,
            right=lambda read: len(read.read.entries) == 2,
            **named,
        )


def _mails() -> Iterator[Case]:
    """A report about no mail of ours says nothing; none may do more."""
    head = 'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
    part = "--x\r\nContent-Type: message/delivery-status\r\n\r\n"
    deep = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(2000)
    )
    mails = {
        "nothing": "",
        "noise": "\x00\xff" * 1000,
        "a head alone": head,
        "deep": deep,
        "a line of 5 MB": head + "x" * 5_000_000,
        "100,000 parts": head + "--x\r\n\r\n" * 100_000,
        "a header of 1 MB": "Subject: " + "=?utf-8?q?" + "a" * 1_000_000 + "?=\r\n\r\n",
        "100,000 headers": "A: b\r\n" * 100_000 + "\r\n",
        "an address of brackets": head
        + part
        + "\r\nAction: failed\r\nStatus: 5.0.0\r\nFinal-Recipient: rfc822;"
        + "(" * 50_000
        + "\r\n\r\n--x--",
        "an encoding unknown": head
        + part.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: zz\r\n\r\n")
        + "--x--",
        "a charset unknown": "Content-Type: text/plain; charset=zz\r\n\r\nx",
        "a boundary of nothing": 'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n',
        "a header of commas": "Content-Type: multipart/mixed" + ";a=b" * 20_000 + "\r\n\r\n",
        "a header of quotes": 'Content-Type: text/plain; a="' + '\\"' * 100_000 + "\r\n\r\n",
    }
    for name, text in mails.items():
        yield case(
            f"mail: {name}",
            read_report,
            text.encode("latin-1"),
            "file_too_demanding",
            right=_says_nothing,
        )


def _says_nothing(read: Any) -> bool:
    return not read.names
