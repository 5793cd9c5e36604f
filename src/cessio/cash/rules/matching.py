"""From a bank line and its candidates to proposals, the surest first.

What the payer wrote decides before what the amounts say: a reference is an instruction, an equal
amount a coincidence until the payer confirms it. A combination of amounts alone never posts by
itself (``SURE`` is out of its reach).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from cessio.cash.rules.facts import (
    Allocation,
    AllocationKind,
    Candidate,
    LineFacts,
    MatchReason,
    Proposal,
    ReasonCode,
)
from cessio.cash.rules.kept import in_kept_order
from cessio.cash.rules.references import Said
from cessio.cash.rules.subsets import oldest_first, subset_of

#: From here on a proposal may apply by itself, unless the factor asks for more.
SURE = Decimal("0.95")

#: How sure it is that the very numbers the payer wrote are paid, to the cent.
CERTAIN = Decimal("0.99")

#: An early-payment discount is at most this share of the invoices, and agreed in such steps.
DISCOUNT_MAX, DISCOUNT_STEP = Decimal("0.03"), Decimal("0.0025")
#: Below every threshold the factor may choose: what is missing costs the client, so a person looks.
DISCOUNT_LESS = Decimal("0.20")

#: A reason names so many documents.
NUMBERS_MAX = 6

Reasons = tuple[MatchReason, ...]


def propose(
    line: LineFacts, candidates: Sequence[Candidate], *, tolerance_minor: int = 0
) -> tuple[Proposal, ...]:
    """Proposals for a line, surest first, at most five; empty when nothing speaks for any.

    ``candidates`` are the receivables the line mentions and all open ones of its possible payers.
    """
    found = sorted(
        _all(line, candidates, tolerance_minor), key=lambda p: (-p.confidence, p.rest_minor)
    )
    distinct: dict[frozenset[Allocation], Proposal] = {}
    for proposal in found:
        distinct.setdefault(frozenset(proposal.allocations), proposal)
    return tuple(distinct.values())[:5]


def _all(
    line: LineFacts, candidates: Sequence[Candidate], tolerance_minor: int
) -> Iterator[Proposal]:
    named = [candidate for candidate in candidates if candidate.mentioned]
    if named:
        yield from _by_reference(line, named, candidates, tolerance_minor)
        return
    for debtor_id in sorted(line.payers):
        own = [candidate for candidate in candidates if candidate.debtor_id == debtor_id]
        proposals = _by_payer(line, own)
        order = line.order.get(debtor_id)
        if order:
            proposals = in_kept_order(line, order, *_known(line), proposals)
        yield from proposals
    if not line.payers:
        yield from _by_amount(line, candidates)


def _by_reference(
    line: LineFacts, named: list[Candidate], candidates: Sequence[Candidate], tolerance_minor: int
) -> Iterator[Proposal]:
    chosen, ambiguous = _one_per_number(line, named)
    reasons = _reference_reasons(chosen)
    base = CERTAIN
    if ambiguous:
        reasons = (*reasons, MatchReason(ReasonCode.AMBIGUOUS_NUMBER))
        base = Decimal("0.70")
    elif line.payers and not line.payers & {candidate.debtor_id for candidate in chosen}:
        reasons = (*reasons, MatchReason(ReasonCode.PAYER_DIFFERS))
        base = Decimal("0.90")
    total = sum(candidate.open_minor for candidate in chosen)
    short = total - line.amount_minor
    if short == 0:
        code = ReasonCode.EXACT_AMOUNT if len(chosen) == 1 else ReasonCode.SUM_OF_INVOICES
        yield _whole(chosen, line, base, (*reasons, MatchReason(code)))
    elif 0 < short <= tolerance_minor:
        reason = MatchReason(ReasonCode.TOLERATED, {"short_minor": short})
        yield _with_difference(chosen, line, base - Decimal("0.02"), (*reasons, reason))
    elif short > 0:
        yield from _short(line, chosen, candidates, short, base, reasons)
    else:
        yield from _over(line, chosen, candidates, -short, base, reasons)


def _one_per_number(line: LineFacts, named: list[Candidate]) -> tuple[list[Candidate], bool]:
    """The receivables meant, when several carry the number that was written.

    The payer's own come first; then the one whose open amount is the line's.
    """
    by_text: dict[str, list[Candidate]] = {}
    for candidate in named:
        by_text.setdefault(candidate.mentioned or "", []).append(candidate)
    chosen, ambiguous = [], False
    for group in by_text.values():
        own = [candidate for candidate in group if candidate.debtor_id in line.payers]
        exact = [c for c in own or group if c.open_minor == line.amount_minor]
        best = own if len(own) == 1 else exact or own or group
        ambiguous = ambiguous or len(best) > 1
        chosen.append(min(best, key=lambda c: c.order))
    return sorted(set(chosen), key=lambda c: c.order), ambiguous


def _reference_reasons(chosen: Sequence[Candidate]) -> Reasons:
    structured = all(candidate.structured for candidate in chosen)
    code = ReasonCode.STRUCTURED_REFERENCE if structured else ReasonCode.REFERENCE
    return (MatchReason(code, {"numbers": _numbers(chosen), "count": len(chosen)}),)


def _short(
    line: LineFacts, chosen: list[Candidate], candidates: Sequence[Candidate], short: int,
    base: Decimal, reasons: Reasons,
) -> Iterator[Proposal]:  # fmt: skip
    """Less came than the named invoices are open for."""
    netted = _credits_for(chosen, candidates, short)
    if netted:
        reason = MatchReason(ReasonCode.CREDIT_NOTES_NETTED, {"numbers": _numbers(netted)})
        yield _whole([*chosen, *netted], line, base - Decimal("0.03"), (*reasons, reason))
    total = sum(candidate.open_minor for candidate in chosen)
    confidence = base - Decimal("0.06" if len(chosen) == 1 else "0.15")
    if Decimal(short) <= DISCOUNT_MAX * total:
        reason = MatchReason(
            ReasonCode.DISCOUNT,
            {
                "short_minor": short,
                "rate": str((Decimal(short) / total).quantize(Decimal("0.0001"))),
            },
        )
        discount = base - DISCOUNT_LESS
        yield _with_difference(chosen, line, discount, (*reasons, reason))
        if _means_discount(line, short, total):
            confidence = discount - Decimal("0.02")
    reason = MatchReason(
        ReasonCode.PARTIAL if len(chosen) == 1 else ReasonCode.SHORT, {"short_minor": short}
    )
    allocations = _fill(chosen, line.amount_minor)
    yield Proposal(allocations, 0, confidence, (*reasons, reason))


def _means_discount(line: LineFacts, short: int, total: int) -> bool:
    """What the payer calls it decides; else a rate such as people agree on, to the cent."""
    if line.said is not None:
        return line.said is Said.DISCOUNT
    steps = (Decimal(short) / total / DISCOUNT_STEP).to_integral_value(ROUND_HALF_UP)
    return steps > 0 and abs(short - total * steps * DISCOUNT_STEP) <= 1


def _over(
    line: LineFacts, chosen: list[Candidate], candidates: Sequence[Candidate], over: int,
    base: Decimal, reasons: Reasons,
) -> Iterator[Proposal]:  # fmt: skip
    """More came than the named receivables are open for."""
    debtors = {candidate.debtor_id for candidate in chosen}
    others = [
        candidate for candidate in candidates
        if candidate.debtor_id in debtors and candidate not in chosen
    ]  # fmt: skip
    more = oldest_first(others, over)
    if more:
        reason = MatchReason(ReasonCode.OLDEST_FIRST, {"numbers": _numbers(more)})
        yield _whole([*chosen, *more], line, base - Decimal("0.12"), (*reasons, reason))
    reason = MatchReason(ReasonCode.OVER, {"over_minor": over})
    allocations = tuple(Allocation(c.receivable_id, c.open_minor) for c in chosen)
    yield Proposal(allocations, over, base - Decimal("0.10"), (*reasons, reason))


def _by_payer(line: LineFacts, own: list[Candidate]) -> Iterator[Proposal]:
    """No reference, but the payer is known."""
    known, doubt = _known(line)
    exact = [candidate for candidate in own if candidate.open_minor == line.amount_minor]
    if len(exact) == 1:
        reason = MatchReason(ReasonCode.EXACT_AMOUNT)
        yield _whole(exact, line, Decimal("0.96") - doubt, (*known, reason))
    elif exact:
        reason = MatchReason(ReasonCode.SEVERAL_SAME_AMOUNT, {"count": len(exact)})
        oldest = [min(exact, key=lambda c: c.order)]
        yield _whole(oldest, line, Decimal("0.80") - doubt, (*known, reason))
    if len(own) > 1 and sum(candidate.open_minor for candidate in own) == line.amount_minor:
        reason = MatchReason(ReasonCode.WHOLE_BALANCE, {"count": len(own)})
        yield _whole(own, line, Decimal("0.95") - doubt, (*known, reason))
    run = oldest_first(own, line.amount_minor)
    if run and len(run) > 1:
        reason = MatchReason(ReasonCode.OLDEST_FIRST, {"numbers": _numbers(run)})
        yield _whole(list(run), line, Decimal("0.90") - doubt, (*known, reason))
    combination = None if exact or run else subset_of(own, line.amount_minor)
    if combination:
        chosen, only = combination
        code = ReasonCode.ONLY_COMBINATION if only else ReasonCode.SOME_COMBINATION
        reason = MatchReason(code, {"numbers": _numbers(chosen)})
        confidence = Decimal("0.80") if only else Decimal("0.50")
        yield _whole(list(chosen), line, confidence - doubt, (*known, reason))
    invoices = [candidate for candidate in own if candidate.open_minor > 0]
    if invoices:
        reason = MatchReason(ReasonCode.PAYER_ONLY)
        allocations = _fill(sorted(invoices, key=lambda c: c.order), line.amount_minor)
        used = sum(allocation.amount_minor for allocation in allocations)
        rest = line.amount_minor - used
        yield Proposal(allocations, rest, Decimal("0.40") - doubt, (*known, reason))


def _known(line: LineFacts) -> tuple[Reasons, Decimal]:
    """How the payer is known, and what that takes off the confidence."""
    by_iban = bool(line.by_iban)
    known = MatchReason(ReasonCode.PAYER_IBAN if by_iban else ReasonCode.PAYER_NAME)
    doubt = Decimal(0) if by_iban else Decimal("0.08")
    if len(line.payers) == 1:
        return (known,), doubt
    shared = MatchReason(ReasonCode.PAYER_SHARED, {"count": len(line.payers)})
    return (known, shared), doubt + Decimal("0.10")


def _by_amount(line: LineFacts, candidates: Sequence[Candidate]) -> Iterator[Proposal]:
    """Neither reference nor payer: an equal amount is worth a look, no more."""
    exact = [candidate for candidate in candidates if candidate.open_minor == line.amount_minor]
    for candidate in sorted(exact, key=lambda c: c.order)[:3]:
        confidence = Decimal("0.35") if len(exact) == 1 else Decimal("0.15")
        reason = MatchReason(ReasonCode.AMOUNT_ONLY, {"count": len(exact)})
        yield _whole([candidate], line, confidence, (reason,))


def _whole(
    chosen: Sequence[Candidate], line: LineFacts, confidence: Decimal, reasons: Reasons
) -> Proposal:
    allocations = tuple(Allocation(c.receivable_id, c.open_minor) for c in chosen)
    rest = line.amount_minor - sum(allocation.amount_minor for allocation in allocations)
    return Proposal(allocations, rest, confidence, reasons)


def _with_difference(
    chosen: Sequence[Candidate], line: LineFacts, confidence: Decimal, reasons: Reasons
) -> Proposal:
    """Settle the chosen with the money, and what is missing with the client's account."""
    paid = _fill(sorted(chosen, key=lambda c: c.order), line.amount_minor)
    left = {c.receivable_id: c.open_minor for c in chosen}
    for allocation in paid:
        left[allocation.receivable_id] -= allocation.amount_minor
    missing = tuple(
        Allocation(receivable_id, amount, AllocationKind.DIFFERENCE)
        for receivable_id, amount in left.items()
        if amount > 0
    )
    return Proposal((*paid, *missing), 0, confidence, reasons)


def _fill(ordered: Sequence[Candidate], amount_minor: int) -> tuple[Allocation, ...]:
    """Spend an amount on receivables in order; credits among them add to what can be spent."""
    owed = [c for c in ordered if c.open_minor < 0]
    left = amount_minor - sum(c.open_minor for c in owed)
    found = [Allocation(c.receivable_id, c.open_minor) for c in owed]
    for candidate in ordered:
        if candidate.open_minor <= 0 or left <= 0:
            continue
        part = min(candidate.open_minor, left)
        found.append(Allocation(candidate.receivable_id, part))
        left -= part
    return tuple(found)


def _credits_for(
    chosen: Sequence[Candidate], candidates: Sequence[Candidate], short: int
) -> tuple[Candidate, ...]:
    """Open credits of the same debtors and contracts that make up exactly for what is missing."""
    homes = {(candidate.contract_id, candidate.debtor_id) for candidate in chosen}
    owed = [
        candidate for candidate in candidates
        if candidate.open_minor < 0 and candidate not in chosen
        and (candidate.contract_id, candidate.debtor_id) in homes
    ]  # fmt: skip
    exact = [credit for credit in owed if -credit.open_minor == short]
    if exact:
        return (min(exact, key=lambda c: c.order),)
    run = oldest_first(owed, -short)
    return run or ()


def _numbers(chosen: Sequence[Candidate]) -> str:
    """The first numbers, and a sign that there are more."""
    shown = [candidate.number for candidate in chosen[:NUMBERS_MAX]]
    return ", ".join(shown if len(chosen) <= NUMBERS_MAX else [*shown, "…"])
