"""Reading how a file or a program names a debtor: SIREN, SIRET, or VAT number."""

from __future__ import annotations

import re

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module

_SEPARATORS = re.compile(r"[\s.\-_/\u00a0\u202f\u2009]+")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
#: La Poste gives its SIRETs a digit sum divisible by five instead of Luhn's check.
_LA_POSTE = "356000000"


_DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}


def read_siren(text: str) -> str | None:
    """The SIREN of a SIREN, a SIRET or a French VAT number, separators aside; ``None`` if wrong.

    Eight digits (or thirteen) are one whose leading zero a spreadsheet dropped.
    """
    compact = text
    if not (text.isascii() and text.isdigit()):
        compact = _SEPARATORS.sub("", text).upper().removesuffix(",0")
    if compact.startswith("FR") and len(compact) == 13:
        compact = compact[4:]
    if not _DIGITS.fullmatch(compact):
        return None
    if len(compact) in (8, 13):
        compact = "0" + compact
    if len(compact) == 14:
        siren = compact[:9]
        sound = _luhn(compact) or (siren == _LA_POSTE and sum(map(int, compact)) % 5 == 0)
        return siren if sound and _luhn(siren) else None
    sound = len(compact) == 9 and int(compact) > 0 and _luhn(compact)
    return compact if sound else None


def _luhn(digits: str) -> bool:
    """Luhn's check; a file names thousands of debtors, so it is done without a detour."""
    doubled = sum(_DOUBLED[digit] for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + doubled) % 10 == 0


def read_vat_number(text: str) -> str | None:
    """A VAT number in its compact form, prefix included (``DE136695976``); ``None`` if wrong."""
    compact = _SEPARATORS.sub("", text).upper()
    country = {"EL": "gr", "XI": "gb"}.get(compact[:2], compact[:2].lower())
    try:
        if country in eu_vat.MEMBER_STATES or country == "gr":
            return str(eu_vat.validate(compact))
        module = get_cc_module(country, "vat") if country.isalpha() else None
        return compact if module is not None and module.is_valid(compact[2:]) else None
    except (ValidationError, ImportError):
        return None
