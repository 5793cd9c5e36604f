"""What the house decides for itself and money depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from cessio import cash, collections, contracts, house
from cessio.agreeing.deeds.base import Deed, changed, deed
from cessio.banking import queries as bank
from cessio.banking.operations import open_account
from cessio.collections.queries import planned
from cessio.contracts.formats.fixings import receive_fixings
from cessio.contracts.queries import fixings
from cessio.contracts.rules.options import IndexName
from cessio.correspondence import set_identity
from cessio.correspondence.queries import factor_identity
from cessio.funding import queries as funding
from cessio.funding.operations import set_payout_limits
from cessio.house import Act
from cessio.identity import Permission
from cessio.kernel.errors import Conflict


class OfSettings(Deed):
    """A setting of the house: an administrator asks, another one or the auditor agrees."""

    __slots__ = ()
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.MANAGE_SETTINGS,)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_SETTINGS


@deed
@dataclass(frozen=True, slots=True)
class SetAuthority(OfSettings):
    """Who decides an act up to how much."""

    kind: ClassVar[str] = "authority"

    act: Act
    up_to_minor: dict[str, int | None]
    second_from_minor: int | None = None

    def subject(self) -> int:
        """The act's place."""
        return list(Act).index(self.act)

    def state(self, session: Session) -> Mapping[str, Any]:
        """The amounts that hold."""
        held = house.queries.authority(session)
        amounts = {role: held.limit(self.act, role) for role in self.up_to_minor}
        return {**amounts, "second_person_from": held.second_from_minor.get(self.act)}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Which act."""
        return {"act": self.act.value}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Amounts that differ."""
        after = {**self.up_to_minor, "second_person_from": self.second_from_minor}
        return [(f"{name}_minor", was, now) for name, was, now in changed(state, after)]

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Set them."""
        house.set_authority(session, act=self.act, up_to_minor=self.up_to_minor,
                            second_from_minor=self.second_from_minor, by=by, at=at)  # fmt: skip
        return None


@deed
@dataclass(frozen=True, slots=True)
class SetPayoutLimits(OfSettings):
    """What one payout, account, person and order may carry, and the cooling-off."""

    kind: ClassVar[str] = "payout_limits"

    per_payout_minor: int | None
    per_payee_day_minor: int | None
    per_person_day_minor: int | None
    per_order_minor: int | None
    cooling_hours: int

    def subject(self) -> int:
        """There is one set."""
        return 0

    def state(self, session: Session) -> Mapping[str, Any]:
        """The limits that hold."""
        return asdict(funding.limits_now(session))

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Limits that differ."""
        return changed(state, asdict(self))

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Set them; what was signed under the former ones is given up."""
        if not self.pairs(self.state(session)):
            raise Conflict("limits_unchanged", "nothing changes")
        set_payout_limits(session, **asdict(self), by=by, at=at)
        return None


@deed
@dataclass(frozen=True, slots=True)
class SetIdentity(OfSettings):
    """Who the house says it is, on every document from then on."""

    kind: ClassVar[str] = "house_identity"

    name: str
    legal: str
    siren: str
    street: str
    post_code: str
    city: str

    def subject(self) -> int:
        """There is one house."""
        return 0

    def state(self, session: Session) -> Mapping[str, Any]:
        """What documents carry now; nothing while nobody named us."""
        held = factor_identity(session)
        return {} if held is None else {name: getattr(held, name) for name in asdict(self)}

    def told(self, session: Session) -> Mapping[str, Any]:
        """The name."""
        return {"name": self.name}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """What differs."""
        return changed(state, asdict(self))

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Say it."""
        if not self.pairs(self.state(session)):
            raise Conflict("identity_unchanged", "nothing changes")
        set_identity(session, **asdict(self), by=by, at=at)
        return None


@deed
@dataclass(frozen=True, slots=True)
class OpenAccount(OfSettings):
    """A bank account of the house, where debtors pay and payouts may leave from."""

    kind: ClassVar[str] = "own_account"

    name: str
    iban: str
    bic: str
    holder: str
    currency: str
    is_payout: bool

    def state(self, session: Session) -> Mapping[str, Any]:
        """The accounts of the house."""
        return {"accounts": sorted(one.iban for one in bank.accounts(session))}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Its name."""
        return {"name": self.name}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Everything is new."""
        return changed({}, asdict(self))

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Register it."""
        open_account(session, **asdict(self), by=by, at=at)
        return None


@deed
@dataclass(frozen=True, slots=True)
class SetMatching(Deed):
    """How sure is sure enough to apply a receipt, and which difference is let go."""

    kind: ClassVar[str] = "matching"
    asked_with: ClassVar[tuple[Permission, ...]] = (
        Permission.MANAGE_SETTINGS,
        Permission.SETTLE,
    )
    agreed_with: ClassVar[Permission] = Permission.APPROVE_SETTINGS

    auto_apply_from: Decimal
    tolerance_minor: int

    def subject(self) -> int:
        """There is one set."""
        return 0

    def state(self, session: Session) -> Mapping[str, Any]:
        """What holds."""
        held = cash.queries.matching_settings(session)
        return {"auto_apply_from": held.auto_apply_from, "tolerance_minor": held.tolerance_minor}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """What differs."""
        before = {**state, "auto_apply_from": Decimal(state["auto_apply_from"])}
        return changed(before, asdict(self))

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Set it."""
        if not self.pairs(self.state(session)):
            raise Conflict("matching_unchanged", "nothing changes")
        cash.set_matching(session, **asdict(self), by=by, at=at)
        return None


@deed
@dataclass(frozen=True, slots=True)
class RecordFixings(Deed):
    """Published values of a reference rate, which interest is computed from."""

    kind: ClassVar[str] = "rate_fixing"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.SETTLE,)
    agreed_with: ClassVar[Permission] = Permission.SETTLE

    content: bytes
    index: IndexName | None = None
    source: str | None = None

    def state(self, session: Session) -> Mapping[str, Any]:
        """What is known of the days it speaks of."""
        lines, _faults = receive_fixings(self.content, index=self.index, source=self.source)
        known: dict[str, str] = {}
        for index in sorted({line.index for line in lines}):
            days = [line.fixed_on for line in lines if line.index is index]
            known |= {f"{index.value} {one.fixed_on}": str(one.rate) for one in
                      fixings(session, index, from_on=min(days), to_on=max(days))}  # fmt: skip
        return {"known": known}

    def told(self, session: Session) -> Mapping[str, Any]:
        """The source."""
        lines, _faults = receive_fixings(self.content, index=self.index, source=self.source)
        return {"name": " · ".join(sorted({line.source for line in lines})[:3])}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """The values, a hundred at most, beside those known."""
        lines, _faults = receive_fixings(self.content, index=self.index, source=self.source)
        found = []
        for line in lines[:100]:
            was = state["known"].get(f"{line.index.value} {line.fixed_on}")
            found.append((f"{line.index.value} {line.fixed_on}",
                          None if was is None else Decimal(was), line.rate))  # fmt: skip
        return found

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Record them."""
        done = contracts.import_fixings(session, content=self.content, index=self.index,
                                        source=self.source, by=by, at=at)  # fmt: skip
        if not done.recorded:
            raise Conflict("fixings_known", "these values are known already")
        return None


@deed
@dataclass(frozen=True, slots=True)
class SwitchPlan(Deed):
    """A dunning plan is used in a version from a day on, or not at all."""

    kind: ClassVar[str] = "dunning_switch"
    asked_with: ClassVar[tuple[Permission, ...]] = (
        Permission.COLLECT,
        Permission.MANAGE_SETTINGS,
    )
    agreed_with: ClassVar[Permission] = Permission.COLLECT

    plan_id: int
    version_id: int | None
    effective_from: date
    note: str | None = None

    def subject(self) -> int:
        """The plan."""
        return self.plan_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """The version used on that day, and the latest one."""
        plan = planned.plan(session, self.plan_id)
        held = plan.in_force(self.effective_from)
        chosen = None if self.version_id is None else plan.version(self.version_id).version
        return {"version": None if held is None else held.version, "chosen": chosen}

    def told(self, session: Session) -> Mapping[str, Any]:
        """The plan's name."""
        return {"name": planned.plan(session, self.plan_id).name}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """The version, and from when."""
        return [("version", state["version"], state["chosen"]),
                ("effective_from", None, self.effective_from)]  # fmt: skip

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Switch it."""
        who: dict[str, Any] = {"plan_id": self.plan_id, "effective_from": self.effective_from,
                               "note": self.note, "by": by, "at": at}  # fmt: skip
        if self.version_id is None:
            collections.switch_off(session, **who)
        else:
            collections.switch_on(session, version_id=self.version_id, **who)
        return None
