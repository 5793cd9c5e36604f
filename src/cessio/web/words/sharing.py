"""Words of sharing: parts of a book, readers, and what was opened."""

from __future__ import annotations

from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext, lazy
from cessio.sharing import AccessView, Kind, Part, ShareRole
from cessio.sharing.operations.notices import SHOWN
from cessio.sharing.queries import Standing
from cessio.web.words.registry import Notice, label, labels, notices, tones

labels(
    Part,
    {
        Part.STATEMENTS: lazy("Statements"),
        Part.COSTS: lazy("Costs"),
        Part.INVOICES: lazy("Invoices"),
        Part.TODAY: lazy("Availability"),
        Part.DOCUMENTS: lazy("Documents"),
        Part.ACCOUNTING: lazy("Accounting"),
        Part.INDICATORS: lazy("Indicators"),
    },
)
labels(
    ShareRole,
    {ShareRole.ACCOUNTANT: lazy("Accountant"), ShareRole.BANKER: lazy("Banker")},
)
labels(Kind, {Kind.GUEST: lazy("Own account"), Kind.LINK: lazy("A link")})
labels(
    Standing,
    {
        Standing.OPEN: lazy("Can read"),
        Standing.OVER: lazy("Past its last day"),
        Standing.ENDED: lazy("Ended before its day"),
    },
)
tones(
    Standing,
    {"positive": [Standing.OPEN], "muted": [Standing.OVER, Standing.ENDED]},
)
notices({
    "share_given": Notice(
        lazy("Somebody may read our book"), lazy("{reader} may read your book until {until_on}"),
        "share", "attention", staff=False, client=True),
})  # fmt: skip


def shows(part: Part) -> str:
    """What a part shows, in full."""
    return str(SHOWN[part])


def opened(one: AccessView) -> str:
    """What was opened, in one line: the part, the period, the kind of file."""
    what = label(one.part) if one.part else gettext("What is shared")
    if one.subject:
        what = f"{what}: {one.subject}"
    if one.from_on and one.to_on:
        what = gettext(
            "{what}, {first} to {last}", what=what, first=formats.date(one.from_on),
            last=formats.date(one.to_on),
        )  # fmt: skip
    elif one.from_on:
        what = f"{what}, {formats.month(one.from_on)}"
    return what
