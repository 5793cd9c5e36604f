"""Bank accounts and contacts: what is checked, and in which spelling they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cessio.kernel.errors import Invalid

if TYPE_CHECKING:
    from schwifty import IBAN

#: Where the national check digits inside an IBAN are one published rule that every bank follows;
#: elsewhere only the length, the structure and the international check digits are judged.
_NATIONAL_CHECK = frozenset({"FR", "MC", "BE", "ES", "IT", "PT"})
LANGUAGES = ("fr", "en")
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"[^\s@<>\",;:()\[\]\\]{{1,64}}@(?:{_LABEL}\.)+[a-z]{{2,63}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """A bank account as it is kept: IBAN and BIC in electronic form, without spaces."""

    iban: str
    bic: str | None
    holder: str


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """Somebody to write to or call."""

    name: str
    function: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str = "fr"


def iban_key(text: str) -> str:
    """An IBAN without spaces, in capitals; not checked (for looking one up)."""
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def checked_account(
    iban: str, bic: str | None, holder: str
) -> tuple[AccountDetails, list[Invalid]]:
    """The account in its kept spelling and every fault. A BIC left out is read off the IBAN."""
    problems: list[Invalid] = []
    parsed = _iban(iban, problems)
    code = _bic(bic, problems) if bic and bic.strip() else None
    if code is None and parsed is not None and not problems:
        known = parsed.bic
        code = None if known is None else str(known)
    name = " ".join(holder.split())
    if not 1 <= len(name) <= 140:
        problems.append(Invalid("holder_missing", "An account has a holder", field="holder"))
    kept = str(parsed) if parsed is not None else iban_key(iban)
    return AccountDetails(kept, code, name), problems


def bank_of(iban: str) -> str | None:
    """The name of the bank that holds an account, if the registry of banks has it."""
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    try:
        return IBAN(iban, allow_invalid=True).bank_name or None
    except (SchwiftyException, ValueError):
        return None


def _iban(text: str, problems: list[Invalid]) -> IBAN | None:
    from schwifty import IBAN  # loads the registry of banks: only who checks an account pays for it
    from schwifty.exceptions import SchwiftyException

    key = iban_key(text)
    try:
        return IBAN(key, validate_bban=key[:2] in _NATIONAL_CHECK)
    except (SchwiftyException, ValueError):
        problems.append(
            Invalid("iban_invalid", "{value} is not a valid IBAN", field="iban", value=text[:40])
        )
        return None


def _bic(text: str, problems: list[Invalid]) -> str | None:
    from schwifty import BIC
    from schwifty.exceptions import SchwiftyException

    try:
        return str(BIC(iban_key(text)))
    except (SchwiftyException, ValueError):
        problems.append(
            Invalid("bic_invalid", "{value} is not a valid BIC", field="bic", value=text[:20])
        )
        return None


def checked_contact(details: ContactDetails) -> tuple[ContactDetails, list[Invalid]]:
    """The contact in its kept spelling and every fault."""
    problems: list[Invalid] = []
    kept = ContactDetails(
        name=" ".join(details.name.split()),
        function=" ".join((details.function or "").split()) or None,
        email=(details.email or "").strip() or None,
        phone=_phone(details.phone, problems),
        language=details.language,
    )
    if not 1 <= len(kept.name) <= 120:
        problems.append(Invalid("name_missing", "A contact has a name", field="name"))
    if kept.email is not None and not (len(kept.email) <= 254 and _EMAIL.fullmatch(kept.email)):
        problems.append(
            Invalid("email_unreadable", "{email} is not an e-mail address", field="email",
                    email=kept.email[:100])
        )  # fmt: skip
    if kept.language not in LANGUAGES:
        problems.append(
            Invalid("language_unknown", "{language} is not a language of these screens",
                    field="language", language=kept.language[:20])
        )  # fmt: skip
    if kept.email is None and kept.phone is None and not problems:
        problems.append(
            Invalid("contact_unreachable", "A contact has an e-mail address or a telephone number",
                    field="email")
        )  # fmt: skip
    return kept, problems


def _phone(text: str | None, problems: list[Invalid]) -> str | None:
    """Digits with an optional leading plus; spaces, dots and dashes are dropped."""
    if text is None or not text.strip():
        return None
    compact = re.sub(r"[\s.\-()/]", "", text)
    if re.fullmatch(r"\+?[0-9]{6,15}", compact):
        return compact
    problems.append(
        Invalid("phone_unreadable", "{value} is not a telephone number", field="phone",
                value=text[:40])
    )  # fmt: skip
    return None
