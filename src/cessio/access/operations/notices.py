"""What is written to somebody whose door was touched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import identity
from cessio.correspondence import Recipient, TemplateKind, Text, Variable, register, send
from cessio.identity.queries import PersonView
from cessio.plumbing.i18n import lazy

_WHEN = Variable("on", lazy("When it was done"), datetime.fromisoformat("2026-11-18T09:30Z"))
_ALARM_FR = (
    "Si ce n’est pas vous, changez votre mot de passe et appelez-nous tout de suite au numéro que "
    "vous connaissez.\n\n{factor}"
)
_ALARM_EN = (
    "If this was not you, change your password and call us at once on the number you know."
    "\n\n{factor}"
)

FACTOR_SET_UP = register(
    TemplateKind(
        "second_factor_set_up",
        lazy("To somebody with access: a second factor was set up"),
        (_WHEN,),
        Text(
            "Un second facteur protège votre accès",
            "Bonjour {recipient},\n\n"
            "Depuis le {on}, un code de votre application d’authentification est demandé avec "
            "votre mot de passe. Vos autres navigateurs sont déconnectés.\n\n" + _ALARM_FR,
        ),
        Text(
            "A second factor protects your access",
            "Dear {recipient},\n\n"
            "Since {on}, a code of your authenticator application is asked besides your password. "
            "Your other browsers are signed out.\n\n" + _ALARM_EN,
        ),
    )
)
FACTOR_ENDED = register(
    TemplateKind(
        "second_factor_ended",
        lazy("To somebody with access: the second factor was switched off or reset"),
        (
            _WHEN,
            Variable("reset_by", lazy("Who reset it, if not the person"), "Fanny Dubois"),
            Variable("why", lazy("Why"), "Téléphone perdu"),
        ),
        Text(
            "Le second facteur de votre accès est désactivé",
            "Bonjour {recipient},\n\n"
            "Le {on}, le second facteur de votre accès a été désactivé{?reset_by} par {reset_by} "
            "(« {why} »){/reset_by}. À la prochaine connexion, il peut vous être demandé d’en "
            "installer un autre ; vos autres navigateurs sont déconnectés.\n\n" + _ALARM_FR,
        ),
        Text(
            "The second factor of your access is switched off",
            "Dear {recipient},\n\n"
            "On {on} the second factor of your access was switched off{?reset_by} by {reset_by} "
            "(“{why}”){/reset_by}. You may be asked to set up another when you next sign in; your "
            "other browsers are signed out.\n\n" + _ALARM_EN,
        ),
    )
)

_PASSKEY = Variable("passkey", lazy("What its person calls the passkey"), "Téléphone")
PASSKEY_ADDED = register(
    TemplateKind(
        "passkey_added",
        lazy("To somebody with access: a passkey was added"),
        (_WHEN, _PASSKEY),
        Text(
            "Une clé d’accès ouvre désormais votre accès",
            "Bonjour {recipient},\n\n"
            "Depuis le {on}, la clé d’accès «\u00a0{passkey}\u00a0» permet de se "
            "connecter en votre nom. Vos autres navigateurs sont déconnectés.\n\n" + _ALARM_FR,
        ),
        Text(
            "A passkey now opens your access",
            "Dear {recipient},\n\n"
            "Since {on}, the passkey “{passkey}” signs in in your name. Your other browsers are "
            "signed out.\n\n" + _ALARM_EN,
        ),
    )
)
PASSKEY_ENDED = register(
    TemplateKind(
        "passkey_ended",
        lazy("To somebody with access: a passkey was taken away"),
        (_WHEN, _PASSKEY),
        Text(
            "Une clé d’accès ne vous ouvre plus",
            "Bonjour {recipient},\n\n"
            "Depuis le {on}, la clé d’accès «\u00a0{passkey}\u00a0» ne permet plus de "
            "se connecter. Vos autres navigateurs sont déconnectés.\n\n" + _ALARM_FR,
        ),
        Text(
            "A passkey no longer opens your access",
            "Dear {recipient},\n\n"
            "Since {on}, the passkey “{passkey}” no longer signs in. Your other browsers are "
            "signed out.\n\n" + _ALARM_EN,
        ),
    )
)

INVITATION = register(
    TemplateKind(
        "client_invitation",
        lazy("To somebody of a client: the portal is open to you"),
        (
            Variable("client", lazy("The client"), "Alpha Métallerie SAS"),
            Variable("invited_by", lazy("Who invites"), "Fanny Dubois"),
            Variable("choose", lazy("Where a first password is chosen"),
                     "https://cessio.example/join/…"),
        ),
        Text(
            "Votre accès au portail de {client}",
            "Bonjour {recipient},\n\n"
            "{invited_by} vous donne accès au portail d’affacturage de {client}. Choisissez votre "
            "mot de passe à cette adresse, valable quatorze jours et une seule fois\u00a0:\n\n"
            "{choose}\n\n{factor}",
        ),
        Text(
            "Your access to the portal of {client}",
            "Dear {recipient},\n\n"
            "{invited_by} gives you access to the factoring portal of {client}. Choose your "
            "password at this address, which works for fourteen days and once only:\n\n"
            "{choose}\n\n{factor}",
        ),
    )
)  # fmt: skip

STAFF_INVITATION = register(
    TemplateKind(
        "staff_invitation",
        lazy("To a new colleague: how to choose a first password"),
        (Variable("choose", lazy("Where a first password is chosen"),
                  "https://cessio.example/join/…"),),
        Text(
            "Votre accès à Cessio",
            "Bonjour {recipient},\n\n"
            "Deux personnes de la maison vous ont donné accès. Choisissez votre mot de passe à "
            "cette adresse, valable quatorze jours et une seule fois\u00a0; personne d’autre ne "
            "le connaît\u00a0:\n\n{choose}\n\n{factor}",
        ),
        Text(
            "Your access to Cessio",
            "Dear {recipient},\n\n"
            "Two people of the house gave you access. Choose your password at this address, which "
            "works for fourteen days and once only; nobody else knows it:\n\n"
            "{choose}\n\n{factor}",
        ),
    )
)  # fmt: skip

PASSWORD_RESET = register(
    TemplateKind(
        "password_reset",
        lazy("To somebody who forgot the password: how to choose another"),
        (Variable("choose", lazy("Where another password is chosen"),
                  "https://cessio.example/reset/…"),),
        Text(
            "Choisir un nouveau mot de passe",
            "Bonjour {recipient},\n\n"
            "Un nouveau mot de passe a été demandé pour votre accès. Choisissez-le à cette "
            "adresse, valable une heure et une seule fois\u00a0:\n\n{choose}\n\n"
            "Si ce n’est pas vous, ne faites rien\u00a0: votre mot de passe reste ce qu’il est."
            "\n\n{factor}",
        ),
        Text(
            "Choose another password",
            "Dear {recipient},\n\n"
            "Another password was asked for your access. Choose it at this address, which works "
            "for one hour and once only:\n\n{choose}\n\n"
            "If this was not you, do nothing: your password stays what it is.\n\n{factor}",
        ),
    )
)  # fmt: skip
PASSWORD_CHANGED = register(
    TemplateKind(
        "password_chosen_anew",
        lazy("To somebody with access: the forgotten password was chosen anew"),
        (_WHEN,),
        Text(
            "Votre mot de passe a changé",
            "Bonjour {recipient},\n\n"
            "Votre mot de passe a été choisi à nouveau le {on}\u00a0; tous vos navigateurs sont "
            "déconnectés.\n\n" + _ALARM_FR,
        ),
        Text(
            "Your password has changed",
            "Dear {recipient},\n\n"
            "Your password was chosen anew on {on}; every browser of yours is signed out.\n\n"
            + _ALARM_EN,
        ),
    )
)


def write_to(
    session: Session, kind: TemplateKind, person: PersonView, *, by: str, at: datetime,
    secret: frozenset[str] = frozenset(), **values: str | datetime | None,
) -> None:  # fmt: skip
    """One mail to somebody about their own access."""
    send(
        session, template=kind.code, to=Recipient(person.email, person.name, person.language),
        values=values, secret=secret, subject_kind="person", subject_id=person.id,
        client_id=person.client_id, key=f"{kind.code}/{person.id}/{at.isoformat()}", by=by, at=at,
    )  # fmt: skip


def name_of(session: Session, actor: str) -> str:
    """Who an actor is, for a mail."""
    return identity.actor_names(session, [actor])[actor]
