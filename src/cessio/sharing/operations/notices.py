"""What sharing writes: to the guest who is invited, and to the client's own signatories.

Nobody shares in silence: whoever gives or prolongs a share, each signatory of the client gets a
mail and a line under the bell.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import identity
from cessio.correspondence import Recipient, TemplateKind, Text, Variable, register, send
from cessio.identity import Permission
from cessio.identity.queries import people
from cessio.identity.rules import may
from cessio.notifications import notify
from cessio.plumbing.i18n import Lazy, lazy, use_language
from cessio.plumbing.mail import base_url
from cessio.sharing.queries import ShareView
from cessio.sharing.rules import Part

#: What a reader sees, in the words of whoever gives it.
SHOWN: dict[Part, Lazy] = {
    Part.STATEMENTS: lazy("Statements of account and their files"),
    Part.COSTS: lazy("Costs: fees and financing, month by month"),
    Part.INVOICES: lazy("Assigned invoices: debtor, amount, due date, what is open"),
    Part.TODAY: lazy("What can be drawn today, and why"),
    Part.DOCUMENTS: lazy("Subrogation receipts"),
    Part.ACCOUNTING: lazy("Journal, FEC file, and what debtors paid with its VAT"),
    Part.INDICATORS: lazy("How debtors pay: DSO, ages, delays, what is to come"),
}
_SHARED = (
    Variable("client", lazy("The client"), "Alpha Métallerie SAS"),
    Variable("shown", lazy("What can be read"), ("Statements of account and their files",)),
    Variable("until_on", lazy("Last day it can be read"), date(2027, 6, 30)),
)

SHARE_INVITATION = register(
    TemplateKind(
        "share_invitation",
        lazy("To an accountant or a banker: a client shares its book"),
        (
            *_SHARED,
            Variable("sign_in", lazy("Where a guest with a password signs in"),
                     "https://cessio.example/guest"),
            Variable("choose", lazy("Where a new guest chooses a password"),
                     "https://cessio.example/join/…"),
        ),
        Text(
            "{client} partage avec vous ses comptes d’affacturage",
            "Bonjour {recipient},\n\n"
            "{client} vous donne accès, en lecture seule et jusqu’au {until_on} inclus, à :\n\n"
            "{shown}\n\n"
            "{?choose}Choisissez d’abord un mot de passe à cette adresse, valable quatorze jours "
            "et une seule fois :\n\n{choose}{/choose}{?sign_in}Connectez-vous avec votre mot de "
            "passe :\n\n{sign_in}{/sign_in}\n\n"
            "Chaque page et chaque fichier que vous ouvrez est noté et montré à {client}.\n\n"
            "{factor}",
        ),
        Text(
            "{client} shares its factoring accounts with you",
            "Dear {recipient},\n\n"
            "{client} lets you read the following, until {until_on} included:\n\n"
            "{shown}\n\n"
            "{?choose}First choose a password at this address, which works for fourteen days and "
            "once only:\n\n{choose}{/choose}{?sign_in}Sign in with your password:\n\n{sign_in}"
            "{/sign_in}\n\n"
            "Each page and file you open is noted and shown to {client}.\n\n{factor}",
        ),
    )
)  # fmt: skip
SHARE_GIVEN = register(
    TemplateKind(
        "share_given",
        lazy("To a client's signatories: somebody may read its book"),
        (
            *_SHARED,
            Variable("reader", lazy("Who may read"), "Paul Renaud, Cabinet Renaud"),
            Variable("given_by", lazy("Who gave it"), "Fanny Dubois"),
            Variable("is_link", lazy("Said when it is a link"), None),
        ),
        Text(
            "{reader} peut lire vos comptes d’affacturage jusqu’au {until_on}",
            "Bonjour {recipient},\n\n"
            "{given_by} a donné accès, en lecture seule et jusqu’au {until_on} inclus, à {reader}"
            "{?is_link}, par un lien qui s’ouvre sans mot de passe{/is_link}. Peuvent être lus :"
            "\n\n{shown}\n\n"
            "Si cela vous surprend, mettez-y fin dès maintenant dans votre espace, à la page "
            "« Partage », et prévenez-nous. Vous y voyez aussi tout ce qui est ouvert.\n\n{factor}",
        ),
        Text(
            "{reader} can read your factoring accounts until {until_on}",
            "Dear {recipient},\n\n"
            "{given_by} lets {reader} read the following until {until_on} included{?is_link}, by "
            "a link that opens without a password{/is_link}:\n\n{shown}\n\n"
            "If this surprises you, end it now in your portal, on the page “Sharing”, and tell "
            "us. There you also see everything that is opened.\n\n{factor}",
        ),
    )
)


def invite_by_mail(
    session: Session, share: ShareView, *, token: str | None, by: str, at: datetime
) -> None:
    """Tell the guest; a new one gets the address at which a password is chosen."""
    send(
        session, template=SHARE_INVITATION.code,
        to=Recipient(share.email or "", share.name, share.language),
        values={
            "client": share.client_name, "shown": shown(share, share.language),
            "until_on": share.until_on,
            "choose": f"{base_url()}/join/{token}" if token is not None else None,
            "sign_in": f"{base_url()}/guest" if token is None else None,
        },
        secret=frozenset({"choose"}), subject_kind="shared_book", subject_id=share.id,
        client_id=share.client_id, key=f"share_invitation/{share.id}/{at.isoformat()}", by=by,
        at=at,
    )  # fmt: skip


def tell_signatories(session: Session, share: ShareView, *, by: str, at: datetime) -> None:
    """Tell each of the client's people who may share that somebody may now read."""
    signatories = [
        one for one in people(session, client_id=share.client_id)
        if may(one.role, Permission.OWN_SHARE)
    ]  # fmt: skip
    reader = ", ".join(filter(None, (share.name, share.firm)))
    for one in signatories:
        send(
            session, template=SHARE_GIVEN.code,
            to=Recipient(one.email, one.name, one.language),
            values={
                "client": share.client_name, "shown": shown(share, one.language),
                "until_on": share.until_on, "reader": reader,
                "given_by": identity.actor_names(session, [by])[by],
                "is_link": "1" if share.email is None else None,
            },
            subject_kind="shared_book", subject_id=share.id, client_id=share.client_id,
            key=f"share_given/{share.id}/{one.id}/{at.isoformat()}", by=by, at=at,
        )  # fmt: skip
    notify(
        session, person_ids=[one.id for one in signatories], kind="share_given",
        values={"reader": reader, "until_on": share.until_on},
        href=f"/portal/sharing/{share.id}", at=at, key=f"share_given/{share.id}/{at.isoformat()}",
    )  # fmt: skip


def shown(share: ShareView, language: str) -> tuple[str, ...]:
    """What a share shows, a line each."""
    with use_language(language):
        return tuple(f"– {SHOWN[part]}" for part in share.parts)
