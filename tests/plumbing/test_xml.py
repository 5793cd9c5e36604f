"""The XML door: what hostile or broken bytes may not do, and what a value may not lose."""

from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.plumbing import xml

BILLION = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;&b;</x>"""
EXTERNAL = b"""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>"""


def code_of(data: bytes, **options: int) -> str:
    """The refusal code, which must be the same for a whole tree and for a stream."""
    with pytest.raises(xml.XmlRefused) as tree:
        xml.parse(data, **options)
    with pytest.raises(xml.XmlRefused) as streamed:
        list(xml.stream(data, ["{*}nothing"], **options))
    assert tree.value.code == streamed.value.code
    assert tree.value.params == streamed.value.params
    return tree.value.code


@pytest.mark.parametrize(
    "data",
    [
        BILLION,
        EXTERNAL,
        b"<!-- hello --><?pi x?>\n <!DOCTYPE x><x/>",
        b"\xef\xbb\xbf<!DOCTYPE x><x/>",
        b"<?x?><!DOCTYPE x><x/>",
        codecs.BOM_UTF16_LE + BILLION.decode().encode("utf-16-le"),
        BILLION.decode().encode("utf-16-be"),
    ],
)
def test_a_doctype_is_refused_in_whatever_clothes(data: bytes) -> None:
    assert code_of(data) == "xml_doctype"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml_empty"),
        (b" \r\n\t", "xml_empty"),
        (b"\0\0", "xml_empty"),
        (b"<a><b></b>", "xml_truncated"),
        (b"<a><b>text", "xml_truncated"),
        (b"<a attr='1", "xml_truncated"),
        (b"<a><b/></", "xml_truncated"),
        (b"<a>\n<b/><", "xml_truncated"),
        (b"<a/>more", "xml_malformed"),
        (b"<a><b></a>\n<c", "xml_malformed"),
        (b"<!-- never closed", "xml_truncated"),
        (b"<?xml version='1.0'?>", "xml_truncated"),
        (b"<a><b></a></b>", "xml_malformed"),
        (b"<r><a>12&undeclared;34</a></r>", "xml_malformed"),
        (b"<a/><b/>", "xml_malformed"),
        (b"<a>\x01</a>", "xml_malformed"),
        (b"<a>\xff\xfe</a>", "xml_malformed"),
        (b":20:STARTUMSE", "xml_not_xml"),
        (b"%PDF-1.7", "xml_not_xml"),
        (b"PK\x03\x04", "xml_not_xml"),
        (b"<?xml version='1.0' encoding='UTF-7'?><a/>", "xml_encoding"),
        (b"<?xml version='1.0' encoding='EBCDIC-CP-FR'?><a/>", "xml_encoding"),
        (b"<?xml version='1.0' encoding='utf-16'?><a/>", "xml_encoding"),
        (codecs.BOM_UTF16_LE + b"<\0a", "xml_encoding"),
        (b"<a>" * 300 + b"</a>" * 300, "xml_malformed"),
    ],
)
def test_what_is_not_sound_xml_is_refused_by_name(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_the_refusal_names_the_line() -> None:
    with pytest.raises(xml.XmlRefused) as refused:
        xml.parse(b"<a>\n<b>\n</c>\n</a>")
    assert refused.value.params["line"] == 3
    assert "line 3" in str(refused.value)


def test_a_file_above_the_limit_is_refused_before_it_is_read() -> None:
    assert code_of(b"<a>12345</a>", max_bytes=5) == "xml_too_large"
    assert xml.parse(b"<a>12345</a>", max_bytes=12).text == "12345"


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        ("12<!--x-->34.00", "1234.00"),
        ("FR76<?pi?>3000", "FR763000"),
        ("<![CDATA[A & B]]>", "A & B"),
        ("12<![CDATA[34]]><!-- -->56", "123456"),
        ("&amp;&lt;&#233;", "&<é"),
    ],
)
def test_nothing_cuts_a_value(inner: str, value: str) -> None:
    data = f"<r><v>{inner}</v></r>".encode()
    assert xml.parse(data)[0].text == value
    streamed = [element.text for element in xml.stream(data, ["v"])]
    assert streamed == [value]


@pytest.mark.parametrize("size", [1, 32_767, 32_768, 32_769, 100_000])
def test_a_long_value_is_whole_across_the_blocks_of_a_stream(size: int) -> None:
    value = "é" * size + "!"
    data = f"<r><v>{value}</v></r>".encode()
    assert [element.text for element in xml.stream(data, ["v"])] == [value]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_the_usual_encodings_are_read(encoding: str) -> None:
    data = f"<?xml version='1.0' encoding='{encoding}'?><a>Société Générale</a>".encode(encoding)
    assert xml.parse(data).text == "Société Générale"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    for candidate in (data, b"<a>" + data + b"</a>"):
        with contextlib.suppress(xml.XmlRefused):
            xml.parse(candidate)


def test_a_stream_frees_what_was_discarded() -> None:
    data = b"<r>" + b"<v>1</v>" * 50 + b"</r>"
    left = []
    for element in xml.stream(data, ["v", "r"]):
        if element.tag == "v":
            xml.discard(element)
        else:
            left = list(element)
    assert left == []


def test_names_come_without_their_namespace() -> None:
    root = xml.parse(b'<a xmlns="urn:x"><b xmlns=""/></a>')
    assert (xml.local_name(root), xml.namespace_of(root)) == ("a", "urn:x")
    assert (xml.local_name(root[0]), xml.namespace_of(root[0])) == ("b", "")
