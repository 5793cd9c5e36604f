"""PDF out of typst templates: same data, same bytes.

``render_pdf("contract_statement", data, language="fr", at=instant)`` compiles
``portal_templates/documents/<name>.typ`` (its head comment says which data it wants) with the
vendored fonts only, as an accessible archive file (PDF/A-2a, PDF/UA-1) dated ``at``.
"""

from __future__ import annotations

import json
from base64 import b32decode, b32encode
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from threading import local
from typing import TYPE_CHECKING, Any, cast

from cessio.kernel.money import Money, to_text
from cessio.plumbing import assets, formats, i18n
from cessio.plumbing.deferred import deferred

if TYPE_CHECKING:
    import typst
else:
    typst = deferred("typst")


#: An archive file that screen readers can follow.
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_LETTERS = {after: before for before, after in _DIGITS.items()}
_threads = local()


def render_pdf(name: str, data: Mapping[str, Any], *, language: str, at: datetime) -> bytes:
    """The document as PDF bytes; the same arguments always give the same bytes.

    ``data`` may hold ``Money``, dates, decimals, dataclasses: they are written in the reader's
    notation. ``at`` (aware) is the creation date written into the file.
    """
    compiler = _compiler()
    inputs = {"data": plain_json(data, language), "language": language}
    path = assets.templates_dir() / "documents" / f"{name}.typ"
    pdf = compiler.compile(
        input=str(path),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=STANDARDS,
        timestamp=int(at.timestamp()),
    )
    return cast(bytes, pdf)


def plain_json(data: Mapping[str, Any], language: str) -> str:
    """The data as the template reads them, in canonical JSON."""
    with i18n.use_language(language):
        return json.dumps(_plain(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def verification_code(*parts: str | bytes) -> str:
    """Sixty bits of a SHA-256 in twelve characters that people can type: ``7F3K-92QD-XM4T``."""
    digest = sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return code_of(digest.digest())


def code_of(digest: bytes) -> str:
    """The first sixty bits of a digest as a code, for what is stored under its digest already."""
    text = b32encode(digest[:8]).decode()[:12].translate(_DIGITS)
    return "-".join(text[i : i + 4] for i in (0, 4, 8))


def digests_of(code: str) -> tuple[bytes, bytes]:
    """The smallest and the largest SHA-256 whose ``code_of`` is this code."""
    text = code.replace("-", "").translate(_LETTERS) + "A==="
    first = int.from_bytes(b32decode(text)) >> 4
    low = (first << 196).to_bytes(32, "big")
    return low, (((first + 1) << 196) - 1).to_bytes(32, "big")


def _compiler() -> typst.Compiler:
    """One compiler a thread, which keeps what it learnt of the templates."""
    if not hasattr(_threads, "compiler"):
        root = assets.templates_dir() / "documents"
        _threads.compiler = typst.Compiler(root=str(root), font_paths=_fonts())
    return cast(typst.Compiler, _threads.compiler)


@cache
def _fonts() -> typst.Fonts:
    folder = assets.templates_dir() / "documents" / "fonts"
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Money):
        return _amount(value)
    if isinstance(value, int | Decimal):
        return formats.number(value)
    if isinstance(value, date):
        return formats.datetime(value) if isinstance(value, datetime) else formats.date(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    raise TypeError(f"a document cannot show a {type(value).__name__}")


def _amount(value: Money) -> dict[str, str]:
    before, whole, cents, _ = formats.money_parts(value.minor, value.currency)
    sign = formats.MINUS if before.startswith(formats.MINUS) else ""
    return {
        "amount": sign + whole + cents,
        "money": formats.money(value.minor, value.currency),
        "exact": to_text(value.minor, value.currency),
    }
