"""Forms: what a person typed, read field by field into typed values, every fault shown at once.

A handler asks for each field with a reader: ``form.need("amount", amount())``. Faults are
collected; the value of a faulty field means nothing until ``form.valid()`` is true, which also
refuses fields nobody asked for. A refused form is rendered again with status 422 and keeps what
was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile

from cessio.kernel.errors import CessioError, Problems
from cessio.plumbing.scanner import Scanner
from cessio.web.bodies import ANY_FIELDS, CSRF_FIELD, sent_fields, unasked
from cessio.web.readers import (
    FieldError,
    amount,
    bic,
    chosen,
    day,
    decimal,
    email,
    iban,
    integer,
    one_of,
    rate,
    siren,
    siret,
    text,
    time_of_day,
)
from cessio.web.words import sentence

__all__ = [
    "FieldError", "Form", "Submitted", "Upload", "amount", "bic", "chosen", "day", "decimal",
    "email", "iban", "integer", "one_of", "rate", "read_submitted", "siren", "siret", "text",
    "time_of_day",
]  # fmt: skip

T = TypeVar("T")

#: Fields of the machinery, which no handler asks for.
MACHINERY = frozenset({CSRF_FIELD})
#: Under this name a request holds what was sent.
SENT = "sent_fields"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent: its name as the sender wrote it, its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Submitted:
    """The fields of a request body, each with all the values it came with."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uploads: Mapping[str, tuple[Upload, ...]] = field(default_factory=dict)
    #: Every form that was read off these fields.
    forms: list[Form] = field(default_factory=list, compare=False, repr=False)

    def refuse_unsaid(self) -> None:
        """Raise ``Problems`` of what is wrong with fields and was not told by a form of theirs.

        So also a handler that never asks whether its form is valid takes no field it did not ask
        for, none twice and none that it could not read. One that asked for none at all refused the
        request for another reason.
        """
        asked = MACHINERY.union(*(form.asked for form in self.forms))
        if asked == MACHINERY or any(form.is_settled for form in self.forms):
            return
        faults = {name: fault for form in self.forms if not form.is_read
                  for name, fault in form.found.items()}  # fmt: skip
        unknown = (self.fields.keys() | self.uploads.keys()) - asked
        if faults or unknown:
            raise Problems([*faults.values(), *map(unasked, sorted(unknown)[:20])])


async def read_submitted(request: Request[Any, Any, Any]) -> Submitted:
    """Read a form body (url-encoded or multipart); a named dependency of the handlers.

    What stays unsaid about it is refused when the request's transaction would be kept.
    """
    items = (await sent_fields(request)).multi_items()
    fields: dict[str, tuple[str, ...]] = {}
    uploads: dict[str, tuple[Upload, ...]] = {}
    for name, value in items:
        if isinstance(value, UploadFile):
            sent = Upload(value.filename or "", await value.read())
            if sent.name or sent.content:
                await scanned(request, sent)
                uploads[name] = (*uploads.get(name, ()), sent)
        else:
            fields[name] = (*fields.get(name, ()), str(value))
    submitted = Submitted(fields, uploads)
    request.scope["state"][SENT] = submitted
    return submitted


async def scanned(request: Request[Any, Any, Any], sent: Upload) -> None:
    """Have a file looked at, where there is a scanner. Raises ``Infected``, ``ScannerSilent``."""
    scanner: Scanner | None = request.app.state.get("scanner")
    if scanner is not None:
        await sync_to_thread(scanner.refuse_unclean, sent.name, sent.content)


def refuse_unsaid(request: Request[Any, Any, Any]) -> None:
    """The same for the form of a request, if it has one. Raises ``Problems``."""
    submitted = request.scope["state"].get(SENT)
    if submitted is not None and not request.route_handler.opt.get(ANY_FIELDS):
        submitted.refuse_unsaid()


class Form:
    """One form: values to show, readers to apply, faults to display.

    ``Form(submitted)`` reads a posted one; ``Form(amount="1 000,00")`` fills one to be shown.
    """

    def __init__(self, submitted: Submitted | None = None, /, **initial: object) -> None:
        self.submitted = submitted or Submitted()
        self._shown: dict[str, str] = {name: _plain(value) for name, value in initial.items()}
        self._shown |= {name: values[-1] for name, values in self.submitted.fields.items()}
        self.asked: set[str] = set(MACHINERY)
        self.found: dict[str, CessioError] = {}
        #: Whether its handler looked at what is wrong with it, and at all that may be.
        self.is_read = self.is_settled = False
        self.submitted.forms.append(self)

    # -- reading ---------------------------------------------------------------------------

    def need(self, name: str, reader: Callable[[str], T]) -> T:
        """The value of a required field."""
        raw = self._one(name)
        if raw is not None and raw.strip():
            return self._read(name, raw, reader)
        self._fault(name, FieldError("field_required", "This field is required", field=name))
        return cast(T, None)

    def maybe(self, name: str, reader: Callable[[str], T]) -> T | None:
        """The value of an optional field; ``None`` when it is left empty."""
        raw = self._one(name)
        return self._read(name, raw, reader) if raw is not None and raw.strip() else None

    def many(self, name: str, reader: Callable[[str], T]) -> list[T]:
        """The values of a field that may come several times (boxes of a list)."""
        self.asked.add(name)
        values = self.submitted.fields.get(name, ())
        return [self._read(name, value, reader) for value in values if value.strip()]

    def flag(self, name: str) -> bool:
        """Is the box ticked?"""
        return self._one(name) == "yes"

    def upload(self, name: str, *, max_bytes: int, required: bool = True) -> Upload | None:
        """The file of a field; larger or empty ones are faults."""
        self.asked.add(name)
        sent = self.submitted.uploads.get(name, ())
        if not sent:
            if required:
                self._fault(name, FieldError("file_required", "Choose a file", field=name))
            return None
        if len(sent) > 1:
            self._fault(name, _repeated(name))
        if not sent[0].content:
            self._fault(name, FieldError("file_empty", "The file is empty", field=name))
        if len(sent[0].content) > max_bytes:
            self._fault(name, FieldError(
                "file_too_large", "The file is larger than {megabytes} MB", field=name,
                megabytes=max_bytes // 1_000_000,
            ))  # fmt: skip
        return sent[0]

    def _one(self, name: str) -> str | None:
        self.asked.add(name)
        values = self.submitted.fields.get(name, ())
        if len(values) > 1:
            self._fault(name, _repeated(name))
        return values[0] if values else None

    def _read(self, name: str, raw: str, reader: Callable[[str], T]) -> T:
        try:
            return reader(raw)
        except CessioError as fault:
            self._fault(name, fault)
            return cast(T, None)

    # -- faults ----------------------------------------------------------------------------

    def _fault(self, name: str, fault: CessioError) -> None:
        self.found.setdefault(name, fault)

    def refuse(self, fault: CessioError, field: str | None = None) -> None:
        """Add what an operation refused, beside its field if it names one of the form."""
        self.is_settled = True
        parts = fault.problems if isinstance(fault, Problems) else [fault]
        for part in parts:
            name = field or part.field or ""
            self.found.setdefault(name if name in self.asked else f"_{part.code}", part)

    def only_shown(self) -> Form:
        """Nothing is done with it: it goes back as it came, so nothing of it is refused."""
        self.is_settled = True
        return self

    def valid(self) -> bool:
        """Nothing wrong, and nothing that was not asked for."""
        self.is_settled = True
        sent = self.submitted.fields.keys() | self.submitted.uploads.keys()
        for name in sorted(sent - self.asked):
            self._fault(f"_{name[:60]}", FieldError(
                "field_unknown", "The field {name} is not part of this form", name=name[:60]
            ))  # fmt: skip
        return not self.found

    @property
    def faults(self) -> list[CessioError]:
        """What is wrong, in the order it was found."""
        self.is_read = True
        return list(self.found.values())

    # -- showing (used by the macros of components/forms.html) -------------------------------

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Field (empty when it is the form's own fault) and sentence."""
        return [
            ("" if name.startswith("_") else name, sentence(fault))
            for name, fault in self.found.items()
        ]

    def error(self, name: str) -> str:
        """The sentence beside a field, or nothing."""
        fault = self.found.get(name)
        return sentence(fault) if fault is not None else ""

    def raw(self, name: str) -> str:
        """What the field shows: as typed, or its initial value."""
        return self._shown.get(name, "")


def _repeated(name: str) -> FieldError:
    return FieldError("field_repeated", "The field {name} was sent twice", field=name, name=name)


def _plain(value: object) -> str:
    return "" if value is None else "yes" if value is True else "" if value is False else str(value)
