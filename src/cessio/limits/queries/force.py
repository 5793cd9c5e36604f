"""Limits in force: on a date, as known before an instant, for one pair or for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.queries import END_OF_TIME, parts_of_all, terms_of_all
from cessio.contracts.rules import FundingLimitRule, Terms
from cessio.limits.rules import LimitSource

#: A row per (contract, debtor) ever named by ``:on`` as recorded before ``:recorded_before``.
#: ``cover_named``: a cover decision was made, so the contract's blanket cover is not for it.
#: ``cover_minor`` and ``funding_minor`` are null when no decision of the kind holds. For the
#: set-based statements of the capabilities above, as a subquery; ``rules.limit_in_force`` is the
#: same rule for one pair.
LIMITS_IN_FORCE = """
    SELECT contract_id, debtor_id,
           bool_or(kind = 'cover') AS cover_named,
           max(amount_minor) FILTER (WHERE kind = 'cover' AND holds) AS cover_minor,
           (array_agg(id ORDER BY amount_minor DESC, id DESC)
              FILTER (WHERE kind = 'cover' AND holds))[1] AS cover_limit_id,
           max(id) FILTER (WHERE kind = 'cover') AS cover_decision_id,
           max(amount_minor) FILTER (WHERE kind = 'funding' AND holds) AS funding_minor
      FROM (SELECT id, contract_id, debtor_id, kind, amount_minor,
                   (valid_to IS NULL OR valid_to >= :on)
                     AND NOT coalesce(ended_on <= :on AND ended_at < :recorded_before, false)
                     AS holds
              FROM credit_limit
             WHERE valid_from <= :on AND decided_at < :recorded_before) AS started
     GROUP BY contract_id, debtor_id
"""

_EFFECTIVE = f"""
    SELECT force.contract_id, force.debtor_id, force.cover_named, force.cover_minor,
           force.cover_limit_id, force.funding_minor,
           held.is_temporary, held.cover_rate, held.valid_to
      FROM ({LIMITS_IN_FORCE}) AS force
      LEFT JOIN credit_limit AS held ON held.id = force.cover_limit_id
"""  # noqa: S608
_SOME = f"{_EFFECTIVE} WHERE force.contract_id = ANY(:contract_ids)"
_OF_DEBTORS = f"{_EFFECTIVE} WHERE force.debtor_id = ANY(:debtor_ids)"
_ONE = f"{_EFFECTIVE} WHERE force.contract_id = :contract_id AND force.debtor_id = :debtor_id"

#: What ``LIMITS_IN_FORCE`` says, amounts only: no sort, and no look at the decision in force.
_AMOUNTS = """
    SELECT contract_id, debtor_id, bool_or(kind = 'cover'),
           max(amount_minor) FILTER (WHERE kind = 'cover' AND holds),
           max(amount_minor) FILTER (WHERE kind = 'funding' AND holds)
      FROM (SELECT contract_id, debtor_id, kind, amount_minor,
                   (valid_to IS NULL OR valid_to >= :on)
                     AND NOT coalesce(ended_on <= :on AND ended_at < :recorded_before, false)
                     AS holds
              FROM credit_limit
             WHERE valid_from <= :on AND decided_at < :recorded_before
               AND contract_id = ANY(:contract_ids)) AS started
     GROUP BY contract_id, debtor_id
"""


class LimitTerms(Protocol):
    """What a contract's terms say of limits."""

    @property
    def blanket_cover_minor(self) -> int: ...
    @property
    def cover_rate_default(self) -> Decimal: ...
    @property
    def funding_limit_rule(self) -> FundingLimitRule: ...


class _Rules(NamedTuple):
    """The columns of the terms that ``LimitTerms`` names."""

    blanket_cover_minor: int
    cover_rate_default: Decimal
    funding_limit_rule: FundingLimitRule


class LimitAmounts(NamedTuple):
    """A debtor's cover limit under a contract, and its funding limit by name if one holds."""

    cover_minor: int
    named_funding_minor: int | None


@dataclass(frozen=True, slots=True)
class EffectiveLimits:
    """What one debtor may owe under one contract, and where each limit comes from.

    ``cover_rate`` is the quotité; ``named_funding_minor`` the decision on funding if one holds;
    ``funding_minor`` what the contract's rule makes of both, None for unlimited (the ramp of new
    debtors is applied above, where first assignments are known).
    """

    contract_id: int
    debtor_id: int
    cover_minor: int
    cover_source: LimitSource
    cover_limit_id: int | None
    cover_rate: Decimal
    cover_valid_to: date | None
    named_funding_minor: int | None
    funding_minor: int | None


def effective_limits(
    session: Session, *, contract_id: int, debtor_id: int, on: date,
    recorded_before: datetime | None = None, terms: Terms | None = None,
) -> EffectiveLimits:  # fmt: skip
    """The limits of one debtor under one contract on a date.

    ``terms`` evaluates with other terms than the contract's: what a change would make of it.
    """
    known = recorded_before or END_OF_TIME
    if terms is None:
        terms = terms_of_all(session, on, recorded_before=known, contract_ids=[contract_id]).get(
            contract_id, Terms()
        )
    facts = {"contract_id": contract_id, "debtor_id": debtor_id, **_known(on, known)}
    row = session.execute(text(_ONE), facts).mappings().one_or_none()
    return _effective(contract_id, debtor_id, row, terms)


def all_effective_limits(
    session: Session, *, on: date, recorded_before: datetime | None = None,
    pairs: Iterable[tuple[int, int]] = (), terms: Mapping[int, Terms] | None = None,
    contract_ids: Collection[int] | None = None,
) -> dict[tuple[int, int], EffectiveLimits]:  # fmt: skip
    """Limits by (contract, debtor): of every pair ever named, and of the ``pairs`` given.

    The latter may be debtors never named, which have their contract's blanket cover.
    ``contract_ids`` reads no other contracts.
    """
    known = recorded_before or END_OF_TIME
    by_contract = terms or terms_of_all(session, on, recorded_before=known)
    rows = {
        (row["contract_id"], row["debtor_id"]): row
        for row in session.execute(
            text(_EFFECTIVE if contract_ids is None else _SOME),
            {**_known(on, known), "contract_ids": sorted(contract_ids or ())},
        ).mappings()
    }
    return {
        pair: _effective(*pair, rows.get(pair), by_contract.get(pair[0], Terms()))
        for pair in sorted({*rows, *pairs})
    }


def limits_of_debtors(
    session: Session, *, debtor_ids: Collection[int], pairs: Iterable[tuple[int, int]], on: date
) -> dict[tuple[int, int], EffectiveLimits]:
    """The limits of some debtors by (contract, debtor), over all contracts of ``pairs``."""
    wanted = list(pairs)
    rules = _rules_of(session, on, {contract for contract, _ in wanted})
    facts = {**_known(on, END_OF_TIME), "debtor_ids": sorted(debtor_ids)}
    rows = {
        (row["contract_id"], row["debtor_id"]): row
        for row in session.execute(text(_OF_DEBTORS), facts).mappings().all()
    }
    return {pair: _effective(*pair, rows.get(pair), rules[pair[0]]) for pair in wanted}


def limit_amounts(
    session: Session, *, on: date, recorded_before: datetime | None = None,
    terms: Mapping[int, Terms],
) -> dict[tuple[int, int], LimitAmounts]:  # fmt: skip
    """The amounts of ``all_effective_limits`` for the pairs ever named of some contracts.

    A debtor that is not among them has its contract's blanket cover.
    """
    facts = {**_known(on, recorded_before or END_OF_TIME), "contract_ids": sorted(terms)}
    return {
        (contract, debtor): LimitAmounts(
            (cover or 0) if is_named else terms[contract].blanket_cover_minor, funding
        )
        for contract, debtor, is_named, cover, funding in session.execute(
            text(_AMOUNTS), facts
        ).all()
    }


def funding_by_rule(terms: LimitTerms, *, cover_minor: int, named_minor: int | None) -> int | None:
    """A debtor's funding limit, None for unlimited; a named one caps what the rule gives."""
    by_rule = {
        FundingLimitRule.EXPLICIT: named_minor or 0,
        FundingLimitRule.COVER_LIMIT: cover_minor,
        FundingLimitRule.UNLIMITED: None,
    }[terms.funding_limit_rule]
    return min((limit for limit in (by_rule, named_minor) if limit is not None), default=None)


def _known(on: date, recorded_before: datetime) -> dict[str, Any]:
    return {"on": on, "recorded_before": recorded_before}


def _rules_of(session: Session, on: date, contract_ids: Collection[int]) -> dict[int, LimitTerms]:
    """What the terms of contracts say of limits, without the rest of the terms."""
    found = parts_of_all(session, on, *_Rules._fields, contract_ids=contract_ids)
    defaults: dict[int, LimitTerms] = dict.fromkeys(contract_ids, Terms())
    return defaults | {
        contract: _Rules(blanket, rate, FundingLimitRule(rule))
        for contract, (blanket, rate, rule) in found.items()
    }


def _effective(
    contract_id: int, debtor_id: int, row: Any, terms: LimitTerms
) -> EffectiveLimits:  # fmt: skip
    if row is None or not row["cover_named"]:
        cover = terms.blanket_cover_minor
        source = LimitSource.BLANKET if cover else LimitSource.NONE
    else:
        cover = row["cover_minor"] or 0
        source = LimitSource.TEMPORARY if row["is_temporary"] else LimitSource.PERMANENT
        source = source if cover else LimitSource.NONE
    rate = None if row is None else row["cover_rate"]
    named = None if row is None else row["funding_minor"]
    return EffectiveLimits(
        contract_id=contract_id, debtor_id=debtor_id, cover_minor=cover, cover_source=source,
        cover_limit_id=None if row is None else row["cover_limit_id"],
        cover_rate=terms.cover_rate_default if rate is None else rate,
        cover_valid_to=None if row is None else row["valid_to"],
        named_funding_minor=named,
        funding_minor=funding_by_rule(terms, cover_minor=cover, named_minor=named),
    )  # fmt: skip
