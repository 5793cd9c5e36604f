"""The letters and mails of the house: their words, with how they will look while one types."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio.correspondence import (
    Channel,
    Text,
    change_wording,
    preview,
    queries,
    restore_house_wording,
)
from cessio.correspondence.kinds import COMMON, TemplateKind, kind_of
from cessio.correspondence.rules import MAX_BODY, MAX_SUBJECT, used_names
from cessio.correspondence.writing import Preview, written_values
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, NotFound
from cessio.plumbing.i18n import LANGUAGES, language
from cessio.web.actors import actors
from cessio.web.backoffice.settings.common import PATH, SEE, SET
from cessio.web.forms import Form, one_of, text
from cessio.web.render import N_, _, page_or_block, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

HOME = f"{PATH}/texts"


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_texts(request: AnyRequest, session: Db) -> Response[Any]:
    """Every text, its present subject, and who changed it."""
    rows = queries.templates(session)
    changed = [one for row in rows for one in row.changed]
    return render(
        request, "backoffice/settings/list_texts.html", rows=rows, language=language(),
        names=actors(session, [one.set_by for one in changed]), letter=Channel.LETTER,
        sms=Channel.SMS,
    )  # fmt: skip


@get(f"{HOME}/{{code:str}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_text(request: AnyRequest, session: Db, signed: Who, code: FromPath[str]) -> Response[Any]:
    """One text in one language: words, values, preview, earlier wordings."""
    kind, spoken = kind_of(code), _spoken(request)
    held = queries.wording(session, code, spoken).text
    asked = request.query_params.get("edition", "")
    if asked.isdecimal() and len(asked) < 19:
        held = _edition(session, code, spoken, int(asked))
    form = Form(subject=held.subject, body=held.body, language=spoken)
    return _page(request, session, signed, kind, spoken, form, held)


@post(f"{HOME}/{{code:str}}/preview", guards=[SEE], include_in_schema=False, status_code=200,
      sync_to_thread=True)  # fmt: skip
def preview_text(
    request: AnyRequest, session: Db, signed: Who, submitted: Sent, code: FromPath[str]
) -> Response[Any]:
    """How the words on the screen will look; nothing is saved."""
    kind = kind_of(code)
    form, spoken, typed, _note = _read(submitted)
    form.valid()
    return _page(request, session, signed, kind, spoken, form, typed)


@post(f"{HOME}/{{code:str}}", guards=[SET], include_in_schema=False, sync_to_thread=True)
def save_text(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, code: FromPath[str]
) -> Response[Any]:
    """Use these words from now on."""
    kind = kind_of(code)
    form, spoken, typed, note = _read(submitted)
    if form.valid():
        try:
            with session.begin_nested():
                change_wording(session, code=code, language=spoken, text=typed, note=note,
                               by=signed.by, at=at)  # fmt: skip
            return redirect(_address(code, spoken), N_("These words are used from now on."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, kind, spoken, form, typed, status=422)


@post(f"{HOME}/{{code:str}}/house", guards=[SET], include_in_schema=False, sync_to_thread=True)
def restore_text(
    session: Db, signed: Who, at: At, submitted: Sent, code: FromPath[str]
) -> Response[Any]:
    """Back to the words the program came with."""
    spoken = Form(submitted).need("language", one_of(LANGUAGES))
    restore_house_wording(session, code=code, language=spoken, by=signed.by, at=at)
    return redirect(_address(code, spoken), N_("The words of the house are back."))


def _read(submitted: Any) -> tuple[Form, str, Text, str | None]:
    """The form as typed. Faults of the words themselves are told by the text's own language."""
    form = Form(submitted)
    spoken = form.need("language", one_of(LANGUAGES))
    subject = form.need("subject", text(MAX_SUBJECT))
    body = form.need("body", text(MAX_BODY, multiline=True))
    note = form.maybe("note", text(200))
    return form, spoken or "fr", Text(subject or "", body or ""), note


def _page(
    request: AnyRequest, session: Session, signed: Signed, kind: TemplateKind, spoken: str,
    form: Form, typed: Text, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    shown = preview(kind, typed, language=spoken) if not form.errors else Preview("", "", ())
    editions = queries.editions(session, kind.code, spoken)
    sent = queries.messages_of_template(session, kind.code, limit=8)
    everything = (*kind.variables, *COMMON)
    samples = written_values({one.name: one.sample for one in everything}, spoken)
    used = used_names(typed.subject) | used_names(typed.body)
    return page_or_block(
        request, "backoffice/settings/show_text.html", "preview", status=status, kind=kind,
        language=spoken, form=form, shown=shown, editions=editions, sent=sent,
        held=queries.wording(session, kind.code, spoken), letter=Channel.LETTER, sms=Channel.SMS,
        values=[(one, samples[one.name], one.name in used) for one in everything],
        names=actors(session, [*(one.set_by for one in editions),
                               *(one.ended_by for one in editions), *(one.by for one in sent)]),
        may_set=signed.may(Permission.MANAGE_SETTINGS),
        languages=[("fr", _("French")), ("en", _("English"))],
    )  # fmt: skip


def _edition(session: Session, code: str, spoken: str, edition_id: int) -> Text:
    for one in queries.editions(session, code, spoken):
        if one.id == edition_id:
            return one.text
    raise NotFound("wording_unknown", "there is no such wording")


def _spoken(request: AnyRequest) -> str:
    asked = request.query_params.get("language", "")
    return asked if asked in LANGUAGES else language()


def _address(code: str, spoken: str) -> str:
    return f"{HOME}/{code}?language={spoken}"


HANDLERS = [list_texts, show_text, preview_text, save_text, restore_text]
