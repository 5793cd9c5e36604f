"""Words of the bell: each kind of notification, and the mails at once and once a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cessio.funding.rules import RefusalCode, RefusalReason
from cessio.identity import Role
from cessio.kernel.money import Money
from cessio.notifications import Channel, Notification
from cessio.notifications.queries import Digest
from cessio.notifications.rules import ALWAYS_TOLD
from cessio.plumbing.i18n import Lazy, gettext, lazy, ngettext, translated, use_language
from cessio.plumbing.mail import Mail, stop_url
from cessio.web.words.agreeing import DEED_NAMES
from cessio.web.words.jobs import job_name
from cessio.web.words.registry import (
    Notice,
    ended,
    known_notices,
    label,
    labels,
    notices,
    sentence,
    shown,
    tones,
)

labels(
    Channel,
    {
        Channel.BELL: lazy("Under the bell"),
        Channel.MAIL: lazy("Under the bell and by mail at once"),
        Channel.DIGEST: lazy("Under the bell and in the daily mail"),
        Channel.NONE: lazy("Not at all"),
    },
)
tones(Channel, {"info": [Channel.MAIL, Channel.DIGEST], "muted": [Channel.NONE]})

notices({
    "approval_waits": Notice(
        lazy("A second signature is asked of me"),
        lazy("{subject} waits for a second person: {about}"), "shield-check", "attention"),
    "approval_decided": Notice(
        lazy("What I asked a second person was decided"),
        lazy("{subject} of {about}: {decision}. {why}"), "shield-check"),
    "rights_lent": Notice(
        lazy("A colleague lends me what they decide"),
        lazy("You decide for {name} from {from_on} to {to_on}"), "shield-check", "attention"),
    "role_waits": Notice(
        lazy("My directory gives me another role"),
        lazy("Role to come: {role}. Until a second person agrees, you may what you could before"),
        "shield-check"),
    "job_done": Notice(
        lazy("Work I started has ended"), lazy("{job} has ended"), "circle-check", "positive"),
    "job_failed": Notice(
        lazy("Work I started has failed"), lazy("{job} has failed"), "circle-x", "danger"),
    "remittance_arrived": Notice(
        lazy("A remittance of a client of mine waits"),
        lazy("{client} sent remittance {reference} of {amount_minor}, which waits for you"),
        "files", "attention"),
    "remittance_assigned": Notice(
        lazy("A remittance I made was accepted"),
        lazy("Remittance {reference} of {amount_minor} was accepted"), "files", "positive",
        client=True),
    "remittance_refused": Notice(
        lazy("A remittance I made was refused"),
        lazy("Remittance {reference} of {amount_minor} was refused: {why}"), "files", "danger",
        client=True),
    "paper_given": Notice(
        lazy("A client of mine sends a document of an invoice"),
        lazy("{client} sent a document of invoice {invoice}"), "files", "attention"),
    "debtor_says_paid": Notice(
        lazy("A debtor of a client of mine says that it paid"),
        lazy("{debtor} says that it paid {amount_minor} of {client}'s invoices"), "mail",
        "attention"),
    "debtor_says_disputed": Notice(
        lazy("A debtor of a client of mine contests an invoice"),
        lazy("{debtor} contests {amount_minor} of {client}'s invoices"), "mail", "attention"),
    "note_mention": Notice(
        lazy("A colleague names me in a note"), lazy("{by} on {about}: {note}"), "message", "info"),
    "item_given": Notice(
        lazy("A colleague hands something over to me"),
        lazy("{by} handed something over to you: {note}"), "inbox", "attention"),
    "line_parked": Notice(
        lazy("A bank movement was set aside for me"),
        lazy("A bank movement was set aside for you: {note}"), "arrows-join", "attention"),
    "limit_answered": Notice(
        lazy("A limit request of mine or of a client of mine was answered"),
        lazy("Limit of {amount_minor} on {debtor}: {answer}. {why}"), "shield-half",
        client=True),
    "limit_ends": Notice(
        lazy("A limit is about to end"),
        lazy("The limit of {amount_minor} on {debtor} ends on {ends_on}"), "shield-half",
        "attention", staff=False, client=True),
    "approval_lapses": Notice(
        lazy("A limit nobody uses is about to lapse"),
        lazy("The limit of {amount_minor} on {debtor}, unused since {used_on}, lapses on "
             "{lapses_on}"), "shield-half", "attention", staff=False, client=True),
    "payout_account_asked": Notice(
        lazy("Another bank account is asked for my company"),
        lazy("We were asked to pay your company on account {iban}: cancel it if that surprises "
             "you"), "alert-triangle", "attention", staff=False, client=True),
    "payout_account_changed": Notice(
        lazy("My company is paid on another bank account"),
        lazy("Your company is paid on account {iban} from now on"), "building-bank", "attention",
        staff=False, client=True),
    "payout_account_refused": Notice(
        lazy("Another bank account was not accepted"),
        lazy("Nothing will be paid on account {iban}"), "building-bank", staff=False, client=True),
    "signatory_asked": Notice(
        lazy("Somebody is to sign for my company"),
        lazy("{by} wants {name} to sign for your company: agree or decline"), "users",
        "attention", staff=False, client=True),
    "drawdown_refused": Notice(
        lazy("A drawdown I asked for was refused"),
        lazy("The drawdown of {amount_minor} was refused: {why}"), "cash-banknote", "danger",
        staff=False, client=True),
    "drawdown_paid": Notice(
        lazy("My company was paid"),
        lazy("We paid you {amount_minor}: your bank shows {reference}"), "cash-banknote",
        "positive", staff=False, client=True),
    "drawdown_rejected": Notice(
        lazy("A payment to my company came back"),
        lazy("The bank sent {amount_minor} back: see that your account is right, then draw again"),
        "cash-banknote", "danger", staff=False, client=True),
    "statement_ready": Notice(
        lazy("A statement of my company is ready"),
        lazy("The statement of contract {contract} until {until_on} is ready"), "files",
        staff=False, client=True),
    "fee_invoice_ready": Notice(
        lazy("A fee invoice of my company is ready"),
        lazy("Fee invoice {number} of contract {contract} is ready: {amount_minor}"), "files",
        staff=False, client=True),
    "shared_statement": Notice(
        lazy("A statement that a client shares with me is ready"),
        lazy("The statement of {client}, contract {contract}, until {until_on} is ready"), "files",
        staff=False),
    "dispute_opened": Notice(
        lazy("An invoice of my company is contested"),
        lazy("{debtor} contests {amount_minor} of {invoices}: say what you know of it"),
        "message", "attention", staff=False, client=True),
    "invoices_handed_over": Notice(
        lazy("Invoices of my company are handed over for legal recovery"),
        lazy("We handed {invoices} of {debtor} over for legal recovery ({amount_minor}): that "
             "alone does not change what you can draw"), "files", "attention", staff=False,
        client=True),
    "debtor_insolvent": Notice(
        lazy("A debtor of my company is insolvent"),
        lazy("{debtor} is insolvent: {amount_minor} of your invoices {effect}"),
        "alert-triangle", "danger", staff=False, client=True),
    "indemnity_paid": Notice(
        lazy("An unpaid invoice of my company is indemnified"),
        lazy("We bear {amount_minor} of {invoices} of {debtor} under your guarantee; your part, "
             "{own_minor}, is taken from your current account"), "shield-check", "info",
        staff=False, client=True),
    "transferred_back": Notice(
        lazy("An invoice is transferred back to my company"),
        lazy("{invoices} of {debtor} is yours to collect again: {amount_minor} is taken from your "
             "current account, which lowers what you can draw"), "alert-triangle", "attention",
        staff=False, client=True),
    "standing_refused": Notice(
        lazy("A drawdown of my standing instruction was refused"),
        lazy("Your standing instruction of {contract} would have drawn {amount_minor}, which was "
             "refused. {reasons}"), "cash-banknote", "danger",
        staff=False, client=True),
})  # fmt: skip

#: Fields whose values are codes with words of their own.
_SUBJECTS: dict[str, Lazy] = {
    "drawdown": lazy("Drawdown"), "limit_proposal": lazy("Limit to agree"),
    "due_date": lazy("Due date to agree"), "client_signatory": lazy("Signatory of a client"),
    "closed_month": lazy("Month to close"), "payout_outcome": lazy("Outcome of a payout"),
    **DEED_NAMES,
}  # fmt: skip
_DECISIONS: dict[str, Lazy] = {
    "approved": lazy("agreed"), "rejected": lazy("declined"), "void": lazy("withdrawn"),
    "granted": lazy("granted"), "partly": lazy("granted in part"), "refused": lazy("refused"),
}  # fmt: skip
#: What a debtor's insolvency does to what its clients can draw.
_EFFECTS: dict[str, Lazy] = {
    "out": lazy("no longer count in what you can draw; what is guaranteed is indemnified"),
    "in": lazy("count in what you can draw as before"),
}  # fmt: skip


def said(one: Notification) -> str:
    """The sentence of one line, its values written the reader's way."""
    notice = known_notices().get(one.code)
    if notice is None:
        return label(one.code)
    values = {name: _value(name, value, one.params) for name, value in one.params.items()}
    text = translated(notice.sentence.msgid).format_map(_Known(values)).strip(" :.")
    return text[:1].upper() + text[1:]


class _Known(dict[str, Any]):
    """A field that an older line lacks is empty, not an error on everybody's page."""

    def __missing__(self, name: str) -> str:
        return ""


def _value(name: str, value: Any, beside: Mapping[str, Any]) -> Any:
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        return shown(name, Money(value["minor"], value["currency"]), beside)
    if name == "reasons":
        return " ".join(ended(sentence(_refusal(one, beside))) for one in value)
    if name == "role":
        return label(Role(value))
    if name == "job":
        return job_name(str(value))
    if name == "subject":
        return subject_name(str(value))
    if name == "effect" and value in _EFFECTS:
        return str(_EFFECTS[value])
    if name in ("decision", "answer") and value in _DECISIONS:
        return str(_DECISIONS[value])
    return shown(name, value, beside)


def _refusal(one: Mapping[str, Any], beside: Mapping[str, Any]) -> RefusalReason:
    """Why a drawdown was refused, its amounts in the currency told beside."""
    said = {"currency": beside.get("currency", "EUR"), **one}
    return RefusalReason(RefusalCode(said.pop("code")), said)


def subject_name(kind: str) -> str:
    """What a kind of thing that needs two people is called."""
    return str(_SUBJECTS[kind]) if kind in _SUBJECTS else label(kind)


def icon_of(kind: str) -> str:
    """The icon of a kind."""
    notice = known_notices().get(kind)
    return notice.icon if notice else "bell"


def tone_of(kind: str) -> str:
    """The tone of a kind."""
    notice = known_notices().get(kind)
    return notice.tone if notice else "info"


def kinds_for(*, client: bool) -> list[tuple[str, Notice]]:
    """The kinds one of an application may hear of, by name."""
    fitting = [(kind, one) for kind, one in known_notices().items()
               if (one.client if client else one.staff)]  # fmt: skip
    return sorted(fitting, key=lambda pair: str(pair[1].title).casefold())


#: Where the pages of those begin who only read what a client shares.
GUEST = "/guest"


def write_mail(found: Digest, base: str, *, is_daily: bool) -> Mail:
    """The daily mail, or that of one thing at once, in its reader's language.

    ``base`` is our public address. What is always told says not how to stop it.
    """
    with use_language(found.language):
        [first, *_] = found.lines
        lines = [f"• {ended(said(one))}\n  {base}{one.href}" for one in found.lines]
        home = f"{base}/{'portal' if found.client_id else 'backoffice'}/notifications"
        count = len(lines)
        stop = None
        if is_daily or first.code not in ALWAYS_TOLD:
            stop = stop_url(f"{found.person_id}/{'' if is_daily else first.code}")
        text = [
            gettext("Hello {name},", name=found.name),
            *([ngettext("One thing since the last mail:", "{n} things since the last mail:",
                        count)] if is_daily else []),
            *lines,
        ]  # fmt: skip
        if not first.href.startswith(GUEST):  # a guest has no bell
            text += [
                gettext("Everything is under the bell, where you also choose what comes by mail:"),
                home,
            ]
        if stop is not None:
            text += [gettext("No more mails like this one, without signing in:"), stop]
        subject = (
            ngettext("Cessio: one thing to know", "Cessio: {n} things to know", count)
            if is_daily else gettext("Cessio: {what}", what=_title(first))
        )  # fmt: skip
        return Mail(found.email, subject, "\n\n".join(text) + "\n", stop=stop)


def _title(one: Notification) -> str:
    notice = known_notices().get(one.code)
    return label(one.code) if notice is None else str(notice.title)
