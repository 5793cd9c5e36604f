"""Company, tax and bank numbers with right check digits, made up from a generator.

They are drawn at random: a number that belongs to somebody does so by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from stdnum import luhn

#: Bank code of the French register and the BIC that goes with it.
BANKS = (
    ("30004", "BNPAFRPPXXX"), ("30003", "SOGEFRPPXXX"), ("30002", "CRLYFRPPXXX"),
    ("30006", "AGRIFRPPXXX"), ("10278", "CMCIFR2AXXX"), ("20041", "PSSTFRPPXXX"),
    ("30066", "CMCIFRPPXXX"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one company."""

    siren: str
    siret: str
    vat_number: str
    iban: str
    bic: str


def company_numbers(rng: Random) -> Numbers:
    """Numbers of a French company: SIREN, SIRET, VAT, and the account it pays from."""
    siren = with_check_digit(f"{rng.randrange(30_000_000, 95_000_000):08d}")
    iban, bic = french_account(rng)
    return Numbers(
        siren=siren,
        siret=with_check_digit(f"{siren}{rng.choice((1, 1, 1, 2, 3, 4)):04d}"),
        vat_number=f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}",
        iban=iban,
        bic=bic,
    )


def with_check_digit(digits: str) -> str:
    """Digits followed by their Luhn check digit (INSEE's rule for SIREN and SIRET)."""
    return digits + str(luhn.calc_check_digit(digits))


def french_account(rng: Random) -> tuple[str, str]:
    """IBAN and BIC of a French account, with the RIB key and the IBAN check digits."""
    bank, bic = rng.choice(BANKS)
    branch, number = f"{rng.randrange(1, 4000):05d}", f"{rng.randrange(10**10, 10**11):011d}"
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(number)) % 97
    bban = f"{bank}{branch}{number}{key:02d}"
    return f"FR{98 - int(bban + '152700') % 97:02d}{bban}", bic
