"""After an indemnity: what the insurer owes of it, and whose each euro recovered later is."""

from __future__ import annotations

from dataclasses import dataclass

from cessio.kernel.errors import Invalid
from cessio.kernel.money import allocate


@dataclass(frozen=True, slots=True)
class Borne:
    """Who bears a covered loss, in minor units: us, our insurer, the client for its own share."""

    factor_minor: int
    insurer_minor: int
    client_minor: int

    @property
    def total_minor(self) -> int:
        """The whole loss."""
        return self.factor_minor + self.insurer_minor + self.client_minor


def borne_by(indemnity_minor: int, own_share_minor: int, insured_minor: int = 0) -> Borne:
    """Who bears a loss once the insurer agreed to reimburse part of the indemnity."""
    insured = min(insured_minor, indemnity_minor)
    return Borne(indemnity_minor - insured, insured, own_share_minor)


def split_recovery(
    amount_minor: int, borne: Borne, *, before_minor: int = 0, currency: str = "EUR"
) -> Borne:
    """Whose money a late recovery is: in the proportion in which each bears the loss.

    Several recoveries give together what one of their sum would, to the cent. Raises ``Invalid``
    for more than was lost: what is beyond it was never indemnified.
    """
    if not 0 < amount_minor <= borne.total_minor - before_minor:
        raise Invalid(
            "recovery_above_loss", "{left_minor} of this loss can still be recovered",
            field="amount", left_minor=borne.total_minor - before_minor,
            currency=currency,
        )  # fmt: skip
    before, after = _whose(before_minor, borne), _whose(before_minor + amount_minor, borne)
    return Borne(
        after.factor_minor - before.factor_minor, after.insurer_minor - before.insurer_minor,
        after.client_minor - before.client_minor,
    )  # fmt: skip


def _whose(total_minor: int, borne: Borne) -> Borne:
    """Split twice between two: no part ever shrinks while the total grows, as of three it might."""
    ours, clients = allocate(
        total_minor, [borne.factor_minor + borne.insurer_minor, borne.client_minor]
    )
    factors, insurers = allocate(ours, [borne.factor_minor, borne.insurer_minor])
    return Borne(factors, insurers, clients)
