"""The pages of the bell, the same in both applications but for their address and layout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio.identity import Audience, Signed
from cessio.kernel.paging import page_request
from cessio.notifications import Channel, choose, mark_all_read, mark_read
from cessio.notifications import queries as notifications
from cessio.notifications.rules import ALWAYS_TOLD, channel_of
from cessio.plumbing.tables import Column
from cessio.web.exports import export
from cessio.web.forms import Form, Submitted, chosen, integer
from cessio.web.guards import Guard
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.rows import every_row
from cessio.web.words import label
from cessio.web.words.notifications import icon_of, kinds_for, said, tone_of


@dataclass(frozen=True, slots=True)
class Bell:
    """The bell of one application: its address and its layout."""

    home: str
    layout: str

    def show(
        self, request: AnyRequest, session: Session, signed: Signed, at: datetime
    ) -> Response[Any]:
        """What one was told, latest first; ``?unread=yes`` and ``?kind=`` keep a part."""
        query = request.query_params
        kinds = kinds_for(client=signed.audience is Audience.CLIENT)
        kind = query.get("kind") if query.get("kind") in dict(kinds) else None
        unread = {"yes": True, "no": False}.get(query.get("unread", ""))

        def fetch(page: Any) -> Any:
            return notifications.notifications(
                session, page, person_id=signed.person_id, kind=kind, unread=unread
            )

        if file_format := query.get("format"):
            columns = [
                Column(_("When"), "datetime"), Column(_("What")), Column(_("Kind")),
                Column(_("Read on"), "datetime"),
            ]  # fmt: skip
            titles = {code: str(notice.title) for code, notice in kinds}
            rows = ((one.at, said(one), titles.get(one.code, ""), one.read_at)
                    for one in every_row(fetch))  # fmt: skip
            return export(
                request, file_format, "notifications", columns, rows, at=at,
                title=_("Notifications"),
            )  # fmt: skip
        page = fetch(page_request(after=query.get("after"), before=query.get("before")))
        return render(
            request, "shared/list_notifications.html", layout=self.layout, page_of=page,
            home=self.home, said=said, icon_of=icon_of, tone_of=tone_of,
            kinds=[(code, str(notice.title)) for code, notice in kinds],
        )  # fmt: skip

    def open(
        self, session: Session, signed: Signed, notification_id: int, at: datetime
    ) -> Redirect:
        """Lead to the thing, and note that the line was read."""
        found = notifications.notification(session, notification_id, person_id=signed.person_id)
        mark_read(session, person_id=signed.person_id, notification_ids=[found.id], at=at)
        return Redirect(found.href, status_code=303)

    def read(
        self, session: Session, signed: Signed, submitted: Submitted, at: datetime
    ) -> Response[Any]:
        """Note as read the lines that are ticked, or all of them."""
        form = Form(submitted)
        ids = form.many("id", integer())
        everything = form.flag("all")
        if not form.valid():
            raise form.faults[0]
        if everything:
            mark_all_read(session, person_id=signed.person_id, at=at)
        else:
            mark_read(session, person_id=signed.person_id, notification_ids=ids, at=at)
        return redirect(self.home, N_("Noted as read."))

    def show_choices(self, request: AnyRequest, session: Session, signed: Signed) -> Response[Any]:
        """Which kinds one hears of, and how."""
        mine = notifications.choices(session, signed.person_id)
        kinds = [
            (code, notice, mine.get(code) or channel_of(code, None))
            for code, notice in kinds_for(client=signed.audience is Audience.CLIENT)
        ]
        return render(
            request, "shared/choose_notifications.html", layout=self.layout, kinds=kinds,
            home=self.home, channels=[(each.value, label(each)) for each in Channel],
            always=ALWAYS_TOLD,
        )  # fmt: skip

    def keep_choices(
        self, session: Session, signed: Signed, submitted: Submitted, at: datetime
    ) -> Response[Any]:
        """Keep what was chosen."""
        form = Form(submitted)
        kinds = [code for code, _one in kinds_for(client=signed.audience is Audience.CLIENT)]
        wanted = {code: form.maybe(f"kind_{code}", chosen(Channel)) for code in kinds}
        if not form.valid():
            raise form.faults[0]
        channels = {code: channel for code, channel in wanted.items() if channel is not None}
        choose(session, person_id=signed.person_id, channels=channels, at=at)
        return redirect(self.home, N_("Your choices are kept."))


def handlers(home: str, layout: str, guard: Guard) -> list[BaseRouteHandler]:
    """The bell of one application under ``home``, for those whom ``guard`` lets in."""
    bell = Bell(home, layout)
    told: dict[str, Any] = {
        "guards": [guard], "include_in_schema": False, "sync_to_thread": True,
    }  # fmt: skip

    @get(home, **told)
    def list_notifications(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
        """What one was told, latest first."""
        return bell.show(request, session, signed, at)

    @get(f"{home}/{{notification_id:int}}", **told)
    def open_notification(session: Db, signed: Who, notification_id: Id, at: At) -> Redirect:
        """To the thing it is about. Raises ``NotFound``."""
        return bell.open(session, signed, notification_id, at)

    @post(f"{home}/read", **told)
    def read_notifications(session: Db, signed: Who, submitted: Sent, at: At) -> Response[Any]:
        """Note lines as read."""
        return bell.read(session, signed, submitted, at)

    @get(f"{home}/choices", **told)
    def show_choices(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
        """Which kinds one hears of, and how."""
        return bell.show_choices(request, session, signed)

    @post(f"{home}/choices", **told)
    def keep_choices(session: Db, signed: Who, submitted: Sent, at: At) -> Response[Any]:
        """Keep what was chosen."""
        return bell.keep_choices(session, signed, submitted, at)

    return [
        list_notifications, open_notification, read_notifications, show_choices, keep_choices,
    ]  # fmt: skip
