"""The identity of a company: what is checked, in which spelling it is kept, and what finds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren as fr_siren
from stdnum.fr import siret as fr_siret
from stdnum.fr import tva as fr_tva
from stdnum.util import get_cc_module

from cessio.kernel.errors import Invalid

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
#: ISO 3166-1 alpha-2.
COUNTRIES = frozenset(_CODES.split())
#: Where companies carry a SIREN: metropolitan France and the overseas parts of the same register.
SIREN_COUNTRIES = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF", "PM"})
_VAT_PREFIXES = {"GR": "EL", "MC": "FR", **dict.fromkeys(SIREN_COUNTRIES, "FR")}
_LENGTHS = {
    "name": 200, "trade_name": 200, "legal_form": 60, "rcs_city": 80, "street": 200,
    "post_code": 16, "city": 100, "registration_number": 40,
}  # fmt: skip
_NAF = re.compile(r"[0-9]{2}\.[0-9]{2}[A-Z]")


@dataclass(frozen=True, slots=True)
class CompanyDetails:
    """A company as somebody describes it; ``checked`` gives the spelling that is kept.

    ``registration_number`` is the register's number of a company without SIREN. Amounts of share
    capital are in minor units of euro.
    """

    name: str
    country: str = "FR"
    siren: str | None = None
    siret: str | None = None
    vat_number: str | None = None
    registration_number: str | None = None
    trade_name: str | None = None
    legal_form: str | None = None
    rcs_city: str | None = None
    activity_code: str | None = None
    founded_on: date | None = None
    share_capital_minor: int | None = None
    street: str | None = None
    post_code: str | None = None
    city: str | None = None


def checked(details: CompanyDetails) -> tuple[CompanyDetails, list[Invalid]]:
    """The details in their kept spelling, and every fault with the field it is in.

    What is empty becomes ``None``; a SIREN missing is read off the SIRET or the French VAT number.
    """
    problems: list[Invalid] = []
    kept = _tidied(details, problems)
    kept = _with_french_numbers(kept, problems)
    kept = replace(kept, vat_number=_vat(kept, problems))
    if not {problem.field for problem in problems} & {"siren", "siret", "vat_number"}:
        problems.extend(_identity_problems(kept))
    problems.extend(_other_problems(kept))
    return kept, problems


def _tidied(details: CompanyDetails, problems: list[Invalid]) -> CompanyDetails:
    values: dict[str, Any] = {}
    for field, longest in _LENGTHS.items():
        text = _text(getattr(details, field))
        values[field] = text
        if text is not None and len(text) > longest:
            problems.append(
                Invalid("text_too_long", "This text is longer than {length} characters",
                        field=field, length=longest)
            )  # fmt: skip
    if values["name"] is None:
        problems.append(Invalid("name_missing", "A company has a name", field="name"))
    values["name"] = values["name"] or ""
    values["registration_number"] = (values["registration_number"] or "").upper() or None
    values["country"] = (_text(details.country) or "FR").upper()
    activity = (_text(details.activity_code) or "").replace(" ", "").upper()
    if re.fullmatch(r"[0-9]{4}[A-Z]", activity):
        activity = f"{activity[:2]}.{activity[2:]}"
    values["activity_code"] = activity or None
    return replace(details, **values)


def _text(value: str | None) -> str | None:
    """Words single-spaced, control characters away; ``None`` for nothing."""
    if not value:
        return None
    if not value.isprintable():
        value = "".join(each if each.isprintable() else " " for each in value)
    return " ".join(value.split()) or None


def _with_french_numbers(details: CompanyDetails, problems: list[Invalid]) -> CompanyDetails:
    siren = _number("siren", details.siren, fr_siren.validate, problems)
    siret = _number("siret", details.siret, fr_siret.validate, problems)
    if siret is not None and siren is not None and siret[:9] != siren:
        problems.append(
            Invalid("siret_of_other_siren", "This SIRET belongs to the company {siren}",
                    field="siret", siren=siret[:9])
        )  # fmt: skip
    if not _text(details.siren):
        siren = siret[:9] if siret is not None else _siren_in_vat(details)
    return replace(details, siren=siren, siret=siret)


def _number(
    field: str, value: str | None, validate: Callable[[str], str], problems: list[Invalid]
) -> str | None:
    text = _text(value)
    if text is None:
        return None
    try:
        return str(validate(text))
    except ValidationError:
        problems.append(_wrong(field, text[:40]))
        return None


def _wrong(field: str, value: str) -> Invalid:
    if field == "siren":
        return Invalid("siren_invalid", "{value} is not a valid SIREN", field=field, value=value)
    if field == "siret":
        return Invalid("siret_invalid", "{value} is not a valid SIRET", field=field, value=value)
    return Invalid(
        "vat_number_invalid", "{value} is not a valid VAT number", field=field, value=value
    )


def _siren_in_vat(details: CompanyDetails) -> str | None:
    if details.country not in SIREN_COUNTRIES or not details.vat_number:
        return None
    try:
        return str(fr_tva.to_siren(fr_tva.validate(details.vat_number)))
    except ValidationError:
        return None


def _vat(details: CompanyDetails, problems: list[Invalid]) -> str | None:
    text = _text(details.vat_number)
    if text is None or details.country not in COUNTRIES:
        return None
    prefix = _VAT_PREFIXES.get(details.country, details.country)
    compact = re.sub(r"[\s.\-/]", "", text).upper()
    if re.match(r"[A-Z]{2}", compact) and compact[:2] != prefix:
        return _foreign_prefix(details, compact, problems)
    full = compact if compact.startswith(prefix) else prefix + compact
    number = _number("vat_number", full, lambda each: _validated_vat(prefix, each), problems)
    of_siren = number[4:] if number is not None and prefix == "FR" else details.siren
    if details.siren is not None and of_siren != details.siren:
        problems.append(
            Invalid("vat_of_other_siren", "This VAT number belongs to the company {siren}",
                    field="vat_number", siren=of_siren)
        )  # fmt: skip
    return number


def _foreign_prefix(details: CompanyDetails, text: str, problems: list[Invalid]) -> str | None:
    """Two letters that are not the country's: Northern Ireland, part of the number, or wrong."""
    if details.country == "GB" and text[:2] == "XI":
        return _number("vat_number", text, lambda each: _validated_vat("XI", each), problems)
    prefix = _VAT_PREFIXES.get(details.country, details.country)
    try:
        return _validated_vat(prefix, prefix + text)
    except ValidationError:
        problems.append(
            Invalid("vat_of_other_country", "{value} is not a VAT number of {country}",
                    field="vat_number", value=text[:40], country=details.country)
        )  # fmt: skip
        return None


def _validated_vat(prefix: str, number: str) -> str:
    if prefix.lower() in eu_vat.MEMBER_STATES or prefix == "EL":
        return str(eu_vat.validate(number))
    module = get_cc_module(prefix.lower(), "vat")
    if module is None:
        if re.fullmatch(r"[A-Z0-9]{4,24}", number):
            return number
        raise ValidationError
    try:
        valid = str(module.validate(number))
    except ValidationError:
        valid = str(module.validate(number.removeprefix(prefix)))
    return valid if valid.startswith(prefix) else prefix + valid


def _identity_problems(details: CompanyDetails) -> list[Invalid]:
    problems = []
    if details.country not in COUNTRIES:
        problems.append(
            Invalid("country_unknown", "{country} is not a country", field="country",
                    country=details.country[:10])
        )  # fmt: skip
    elif details.country in SIREN_COUNTRIES:
        if details.siren is None:
            problems.append(
                Invalid("siren_missing", "A French company is known by its SIREN", field="siren")
            )
    elif details.siren is not None and details.country != "MC":
        problems.append(
            Invalid("siren_of_foreign", "Only a French company has a SIREN", field="siren")
        )
    elif not (details.siren or details.vat_number or details.registration_number):
        problems.append(
            Invalid("identity_missing",
                    "A foreign company is known by its VAT number or its registration number",
                    field="vat_number")
        )  # fmt: skip
    return problems


def _other_problems(details: CompanyDetails) -> list[Invalid]:
    problems = []
    french = details.country in SIREN_COUNTRIES
    if french and details.activity_code and not _NAF.fullmatch(details.activity_code):
        problems.append(
            Invalid("activity_code_invalid", "{value} is not an activity code (NAF)",
                    field="activity_code", value=details.activity_code[:20])
        )  # fmt: skip
    if french and details.post_code and not re.fullmatch(r"[0-9]{5}", details.post_code):
        problems.append(
            Invalid("post_code_invalid", "A French post code has five digits", field="post_code")
        )
    if details.share_capital_minor is not None and details.share_capital_minor < 0:
        problems.append(
            Invalid("share_capital_negative", "A share capital is not negative",
                    field="share_capital_minor")
        )  # fmt: skip
    return problems
