"""Entries read by the plan of one written alike are what the ordinary walk reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cessio.banking.formats.camt import reader, repeats
from cessio.banking.formats.camt.tables import ENTRY
from cessio.banking.formats.statement import ParsedFile
from cessio.kernel.errors import CessioError
from tests.banking.camt_samples import CORPUS, balance, detail, document, entry, statement

FILES = sorted(path for path in CORPUS.glob("camt05*/*") if path.is_file())
EDITS = (
    "<", ">", "&", "&amp;", "&lt;", "&#10;", "&x;", "<!--x-->", "<![CDATA[y]]>", "<?x y?>", "]]>",
    "\r\n", "\r", "\n", "\t", " ", "\x01", "\ufffe", "é", "'", '"', "<Nm>A</Nm>", "</Amt>", "<X/>",
    "<Ntry>", "</Ntry>", "<Ntry/>", ' xmlns="urn:x"', ' Ccy="USD"', "CRDT", "DBIT", "9" * 40, ".",
    repeats.MARK,
)  # fmt: skip
SAMPLE = document(
    statement(
        *(entry(f"{n}.00", details=detail(f"{n}.00", name=f"FIRM {n}", line=f"F-{n}"))
          for n in range(1, 5)),
        entry("5.00", "DBIT"), entry("6.00"), entry("7.00", status="PDNG"),
        balances=balance("OPBD", "100.00") + balance("CLBD", "111.00"),
    )
)  # fmt: skip


@pytest.fixture(autouse=True)
def _always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans from the first entry on."""
    monkeypatch.setattr(repeats, "MIN_ENTRIES", 1)


def both(data: bytes, *, strict: bool = True) -> tuple[object, object]:
    """What the file is read as, by plans and in the ordinary way."""
    with pytest.MonkeyPatch.context() as patch:
        fast = outcome(data, strict)
        patch.setattr(reader, "condense", lambda *_: None)
        return fast, outcome(data, strict)


def outcome(data: bytes, strict: bool) -> ParsedFile | tuple[str, dict[str, object]]:
    try:
        return reader.read_camt(data, strict=strict)
    except CessioError as refused:
        return refused.code, refused.params


def test_most_entries_of_a_bank_follow_a_plan() -> None:
    condensed = repeats.condense(SAMPLE, ENTRY)
    assert condensed is not None
    assert len(condensed.slots) == 7
    fast, slow = both(SAMPLE)
    assert isinstance(fast, ParsedFile)
    assert fast == slow


@pytest.mark.skipif(not FILES, reason="no corpus at hand (../shared/corpus)")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_the_corpus_is_read_alike(path: Path) -> None:
    data = path.read_bytes()
    for strict in (True, False):
        fast, slow = both(data, strict=strict)
        assert fast == slow


@given(edits=st.lists(
    st.tuples(st.integers(0, len(SAMPLE)), st.integers(0, 60), st.sampled_from(EDITS)),
    min_size=1, max_size=3,
))  # fmt: skip
@settings(max_examples=400)
@example(edits=[(SAMPLE.find(b"FIRM 1"), 0, ">")])
@example(edits=[(SAMPLE.find(b"FIRM 1"), 0, "&amp;lt;")])
@example(edits=[(SAMPLE.find(b"FIRM 1"), 6, "  ")])
@example(edits=[(SAMPLE.find(b"F-1</"), 3, "9" * 200)])
@example(edits=[(SAMPLE.find(b"E2E-1"), 0, "9" * 40)])
@example(edits=[(SAMPLE.find(b">2.00<") + 1, 4, "2.001")])
@example(edits=[(SAMPLE.find(b"<Ntry>"), 0, "\r\n")])
def test_a_file_with_something_wrong_is_read_or_refused_alike(
    edits: list[tuple[int, int, str]],
) -> None:
    data = SAMPLE
    for at, length, put in edits:
        data = data[:at] + put.encode("utf-8", "surrogatepass") + data[at + length :]
    fast, slow = both(data)
    assert fast == slow


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16", "windows-1252"])
def test_a_file_in_another_encoding_is_read_in_the_ordinary_way(encoding: str) -> None:
    text = SAMPLE.decode().replace("UTF-8", encoding).replace("FIRM", "MÉTAL")
    data = text.encode(encoding)
    assert repeats.condense(data, ENTRY) is None
    fast, slow = both(data)
    assert fast == slow


def test_a_prefix_before_every_name_is_no_hindrance() -> None:
    text = SAMPLE.decode().replace("</", "</b:").replace("<", "<b:").replace("<b:/b:", "</b:")
    data = text.replace("<b:?xml", "<?xml").replace("xmlns=", "xmlns:b=").encode()
    condensed = repeats.condense(data, ENTRY)
    assert condensed is not None
    fast, slow = both(data)
    assert isinstance(fast, ParsedFile)
    assert fast == slow
