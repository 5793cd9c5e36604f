"""The one door through which XML of other people comes in.

``parse`` gives a whole tree, ``stream`` gives chosen elements of a large file as they end, and
``schema`` loads one of our own XSD files. Nothing else in the project builds an lxml parser (a
house test checks it). What the door guarantees:

* a DOCTYPE is refused before the parser sees a byte: no entity, no external file, no network;
* comments and processing instructions are dropped and never cut a value: lxml alone reads
  ``<Amt>12<!--x-->34.00</Amt>`` as ``"12"`` (measured), here it is ``"1234.00"``;
* the bytes are in an encoding where the check above cannot be fooled;
* size, depth (256) and text length (10 MB) are bounded, and the error names the line.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Final

from lxml import etree

from cessio.kernel.errors import Invalid

Element = etree._Element

#: No bank file or invoice seen comes near; a camt.053 of 100,000 entries is 71 MB.
MAX_BYTES: Final = 256 * 1024 * 1024

#: Encodings in which ``<!DOCTYPE`` is written with the same bytes as in ASCII.
_ASCII_LIKE: Final = frozenset(
    {"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "cp1250", "iso8859-2"}
)
_DECLARED = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_LONGEST_DECLARATION: Final = 200
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BLANK: Final = b" \t\r\n"

# libxml2 error numbers: an element never closed; something after the root element.
_UNCLOSED: Final = 77
_EXTRA: Final = 5


class XmlRefused(Invalid):
    """The bytes are not XML we read; ``code`` says why and ``line`` where, if known.

    Codes: ``xml_empty``, ``xml_too_large``, ``xml_encoding``, ``xml_doctype``, ``xml_not_xml``,
    ``xml_truncated``, ``xml_malformed``.
    """


def parse(data: bytes, *, max_bytes: int = MAX_BYTES) -> Element:
    """The root element of a whole document; ``XmlRefused`` when it is not safe, sound XML."""
    source = _checked(data, max_bytes)
    parser = _parser()
    try:
        root: Element = etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        raise _refusal(parser.error_log, source) from None
    return root


def stream(data: bytes, tags: Sequence[str], *, max_bytes: int = MAX_BYTES) -> Iterator[Element]:
    """Yield the named elements as they end (the inner before the outer), while reading.

    ``tags`` are lxml names (``"{*}Ntry"`` for any namespace). What stands before an element is
    there too, under its parent. The caller frees what it has dealt with (``discard``) to keep
    memory flat. ``XmlRefused`` may come in the middle, after sound elements were yielded.
    """
    source = _checked(data, max_bytes)
    events = etree.iterparse(
        BytesIO(source), events=("end",), tag=list(tags),
        remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True,
        load_dtd=False, dtd_validation=False, attribute_defaults=False,
        huge_tree=False, recover=False, collect_ids=False,
    )  # fmt: skip
    try:
        for _, element in events:
            yield element
    except etree.XMLSyntaxError:
        raise _refusal(events.error_log, source) from None


def discard(element: Element) -> None:
    """Free an element that was dealt with, so that a large file needs the memory of one."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        parent.remove(element)


def schema(source: str) -> etree.XMLSchema:
    """Compile a schema file that ships with us or with a package (never one from outside)."""
    return etree.XMLSchema(etree.parse(source, _parser()))


def line_of(element: Element) -> int | None:
    """The line of the file an element starts on."""
    line: int | None = element.sourceline  # type: ignore[assignment]
    return line


def local_name(element: Element) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: Element) -> str:
    """The namespace, ``""`` when there is none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def _parser() -> Any:
    return etree.XMLParser(
        remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True,
        load_dtd=False, dtd_validation=False, attribute_defaults=False,
        huge_tree=False, recover=False, collect_ids=False,
    )  # fmt: skip


def _checked(data: bytes, max_bytes: int) -> bytes:
    """The bytes to parse: of bearable size, in a known encoding, without a DOCTYPE."""
    if len(data) > max_bytes:
        raise XmlRefused("xml_too_large", "the file has {size} bytes, more than {limit}",
                         size=len(data), limit=max_bytes)  # fmt: skip
    source = _ascii_like(data).lstrip(_BLANK).rstrip(_BLANK + b"\0\x1a")
    if not source:
        raise XmlRefused("xml_empty", "the file is empty")
    _refuse_doctype(source)
    return source


def _ascii_like(data: bytes) -> bytes:
    """UTF-16 becomes UTF-8; anything else must be declared as one of ``_ASCII_LIKE``."""
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    wide = _utf16(data)
    if wide is not None:
        return _DECLARATION.sub("", _decoded(data, wide).lstrip("\ufeff"), count=1).encode()
    name = _declared(data.lstrip(_BLANK))
    if name is not None and _canonical(name) not in _ASCII_LIKE:
        raise XmlRefused("xml_encoding", "the encoding {encoding} is not read here",
                         encoding=name)  # fmt: skip
    return data


def _declared(source: bytes) -> str | None:
    """The encoding of the declaration; the parser must see no other one than we do."""
    if not source.startswith(b"<?xml"):
        return None
    declaration = source[:_LONGEST_DECLARATION].partition(b"?>")[0]
    found = _DECLARED.findall(declaration)
    if len(declaration) == _LONGEST_DECLARATION or len(found) != declaration.count(b"encoding"):
        raise XmlRefused("xml_encoding", "the encoding {encoding} is not read here", encoding="?")
    return found[0].decode("ascii") if found else None


def _utf16(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, b"<\0")):
        return "utf-16-le"
    if data.startswith((codecs.BOM_UTF16_BE, b"\0<")):
        return "utf-16-be"
    return None


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise XmlRefused("xml_encoding", "the text is not the {encoding} it claims to be",
                         encoding=encoding) from None  # fmt: skip


def _canonical(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name.lower()


def _refuse_doctype(source: bytes) -> None:
    """Walk over what may stand before the root element; anything else there is refused."""
    at, size = 0, len(source)
    while at < size:
        if source[at] in _BLANK:
            at += 1
        elif (closing := _aside(source, at)) is not None:
            end = source.find(closing, at)
            if end < 0:
                break
            at = end + len(closing)
        elif source.startswith(b"<!", at):
            raise XmlRefused("xml_doctype", "the file declares a DOCTYPE, which is not accepted")
        elif source.startswith(b"<", at):
            return
        else:
            raise XmlRefused("xml_not_xml", "the file is not XML")
    raise XmlRefused("xml_truncated", "the file stops too early")


def _aside(source: bytes, at: int) -> bytes | None:
    """What closes the comment or processing instruction that starts here, if one does."""
    if source.startswith(b"<?", at):
        return b"?>"
    return b"-->" if source.startswith(b"<!--", at) else None


def _refusal(log: Any, source: bytes) -> XmlRefused:
    """Our error for the parser's first one."""
    first = next((entry for entry in log if entry.level >= etree.ErrorLevels.ERROR), None)
    code, line, message = (first.type, first.line, first.message) if first else (0, 0, "")
    at_end = not source.endswith(b">") and line > source.count(b"\n")
    if code == _UNCLOSED or (at_end and code != _EXTRA):
        return XmlRefused("xml_truncated", "the file stops too early, at line {line}", line=line)
    return XmlRefused("xml_malformed", "the file is not sound XML at line {line}: {reason}",
                      line=line, reason=message.strip()[:200])  # fmt: skip
