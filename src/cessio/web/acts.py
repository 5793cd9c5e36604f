"""What an audited act is called, and how the values it changed are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cessio.audit import Change, Event
from cessio.contracts.rules import FeeKind, IndexName, IneligibleReason, Product, ReserveKind
from cessio.funding.rules import StandingMode
from cessio.house import Act, Counted
from cessio.house.rules import Place
from cessio.identity import Role, Scope
from cessio.limits.rules import LimitKind, RequestAnswer
from cessio.parties.rules import Segment
from cessio.plumbing import formats
from cessio.plumbing.i18n import Lazy, gettext, lazy
from cessio.receivables.rules import DisputeOutcome, DisputeReason, Reason, RemittanceState
from cessio.receivables.rules.verification import Answer, VerificationMethod, VerificationReason
from cessio.vigilance.rules import Outcome, SignalKind
from cessio.web.words import label, sentence
from cessio.web.words.registry import day_said

#: By verb, or by ``subject.verb`` where one verb says different things of different subjects.
_ACTS: dict[str, Lazy] = {
    "sanctions_list.load_sanctions_list": lazy("Sanctions list loaded"),
    "screening_settings.set_screening": lazy("Screening set otherwise"),
    "screening_alert.screening.look": lazy("Screening alert looked at"),
    "payee_check.verify_payee": lazy("Payee verified with its bank"),
    "payee_check.accept_payee": lazy("Payee accepted though its bank does not recognise it"),
    "company.register": lazy("Company registered"),
    "company.change": lazy("Company changed"),
    "client.register": lazy("Client registered"),
    "client.change": lazy("Client changed"),
    "client.note": lazy("Note on the client"),
    "client.end_note": lazy("Note on the client ended"),
    "client.ask_todo": lazy("Something to do about the client"),
    "client.finish_todo": lazy("Done about the client"),
    "debtor.note": lazy("Note on the debtor"),
    "debtor.end_note": lazy("Note on the debtor ended"),
    "debtor.ask_todo": lazy("Something to do about the debtor"),
    "debtor.finish_todo": lazy("Done about the debtor"),
    "debtor.register": lazy("Debtor registered"),
    "mail_stop.lift": lazy("Mail goes to an address again"),
    "dunning.on_paper": lazy("Mails that came back written on paper"),
    "debtor.change": lazy("Debtor changed"),
    "person.add": lazy("Person added"),
    "person.change": lazy("Person changed"),
    "person.disable": lazy("Access closed"),
    "person.enable": lazy("Access opened again"),
    "person.set_password": lazy("Password set"),
    "person.change_password": lazy("Password changed"),
    "client_signatory.ask": lazy("Asked that somebody sign for the client"),
    "client_signatory.approved": lazy("New signatory agreed to"),
    "client_signatory.rejected": lazy("New signatory declined"),
    "link_provider": lazy("Account at the provider of single sign-on linked"),
    "add_passkey": lazy("Passkey added"),
    "end_passkey": lazy("Passkey taken away"),
    "passkey_counter_back": lazy("Passkey refused: it was copied, its counter went back"),
    "set_up_factor": lazy("Second factor set up"),
    "end_factor": lazy("Second factor switched off"),
    "reset_factor": lazy("Second factor reset by another"),
    "renew_recovery_codes": lazy("Recovery codes made anew"),
    "use_recovery_code": lazy("Recovery code used"),
    "require_factor": lazy("Second factor required of everybody"),
    "stop_requiring_factor": lazy("Second factor no longer required"),
    "shared_book.give": lazy("Reading allowed to an outsider"),
    "shared_book.prolong": lazy("Last day of a share changed"),
    "shared_book.end": lazy("Share ended"),
    "shared_book.invite": lazy("Guest invited again"),
    "reply.say": lazy("Said by a debtor"),
    "reply.accept": lazy("Debtor's reply accepted"),
    "reply.refuse": lazy("Debtor's reply refused"),
    "letter_code.revoke": lazy("Code of a letter revoked"),
    "token.issue": lazy("API token issued"),
    "token.end": lazy("API token ended"),
    "contract.sign": lazy("Contract signed"),
    "contract.end": lazy("Contract ended"),
    "add_account": lazy("Bank account added"),
    "agree_to_account": lazy("Bank account agreed to by a second person of the client"),
    "give_certificate": lazy("Certificate of a bank account given"),
    "confirm_account": lazy("Bank account confirmed"),
    "end_account": lazy("Bank account ended"),
    "add_contact": lazy("Contact added"),
    "add_owner": lazy("Beneficial owner recorded"),
    "end_owner": lazy("Beneficial owner ended"),
    "end_contact": lazy("Contact ended"),
    "join_group": lazy("Group joined"),
    "leave_group": lazy("Group left"),
    "change_terms": lazy("Terms changed"),
    "set_reserve": lazy("Reserve set"),
    "end_reserve": lazy("Reserve given back"),
    "exclude_debtor": lazy("Debtor excluded"),
    "end_exclusion": lazy("Debtor funded again"),
    "record_fixing": lazy("Index fixing recorded"),
    "ask_for_limit": lazy("Limit asked for"),
    "announce_ending_limit": lazy("Client told of a limit that ends"),
    "decide_group_limit": lazy("Limit of a group decided"),
    "end_group_limit": lazy("Limit of a group lifted"),
    "set_promises": lazy("Answer times set"),
    "set_limit_policy": lazy("Rules of the limits desk set"),
    "limit_proposal.ask": lazy("Limit proposed to a second person"),
    "answer_request": lazy("Limit request answered"),
    "grant_limit": lazy("Limit granted"),
    "raise_limit": lazy("Limit raised"),
    "reduce_limit": lazy("Limit reduced"),
    "renew_limit": lazy("Limit renewed"),
    "cancel_limit": lazy("Limit cancelled"),
    "refuse_limit": lazy("Limit refused"),
    "end_limit": lazy("Limit ended"),
    "announce_idle_approval": lazy("Unused limit announced"),
    "receivable.paper": lazy("Document of an invoice sent by its client"),
    "unpaid.settle": lazy("Unpaid invoice indemnified or given back"),
    "unpaid.undo": lazy("Indemnity or transfer back undone"),
    "receivable.hand_over": lazy("Handed over for legal recovery"),
    "receivable.recovery_ended": lazy("Legal recovery ended"),
    "insolvency.declare": lazy("Insolvency declared"),
    "insolvency.change": lazy("More said of insolvency proceedings"),
    "insolvency.claim_written": lazy("Declaration of claims written"),
    "insolvency.claimed": lazy("Claims declared"),
    "insolvency.end": lazy("Insolvency proceedings ended"),
    "claim.declare": lazy("Loss declared to the insurer"),
    "claim.answer": lazy("Insurer’s answer noted"),
    "claim.withdraw": lazy("Claim on the insurer withdrawn"),
    "loss.insurer": lazy("Money from or to the insurer booked"),
    "loss.recovery": lazy("Late recovery booked"),
    "dispute.open": lazy("Dispute opened"),
    "dispute.end": lazy("Dispute ended"),
    "dispute.put_off": lazy("Dispute given more time"),
    "receivable.give": lazy("Invoice given to a person"),
    "receivable.due_date": lazy("Due date moved"),
    "due_date.ask": lazy("New due date asked of a second person"),
    "set_due_date_policy": lazy("Rule of due dates set"),
    "hold.place": lazy("Invoice held"),
    "hold.lift": lazy("Hold lifted"),
    "promise.note": lazy("Promise to pay noted"),
    "promise.end": lazy("Promise to pay ended"),
    "debtor.call": lazy("Debtor called"),
    "dunning.batch": lazy("Letters taken for the printer"),
    "dunning_plan.add": lazy("Dunning plan written"),
    "dunning_plan.change": lazy("Dunning plan changed"),
    "dunning_plan.switch_on": lazy("Dunning plan switched on"),
    "dunning_plan.switch_off": lazy("Dunning plan switched off"),
    "dunning_plan.choose": lazy("Dunning plan chosen"),
    "dunning_plan.end_choice": lazy("Choice of a dunning plan ended"),
    "set_off.make": lazy("Credit set off"),
    "set_off.undo": lazy("Set-off undone"),
    "remittance.draft": lazy("Remittance prepared"),
    "remittance.check": lazy("Remittance checked"),
    "remittance.map": lazy("Columns of a file told"),
    "remittance.submit": lazy("Remittance confirmed"),
    "remittance.assign": lazy("Remittance assigned"),
    "remittance.accept": lazy("Remittance accepted"),
    "remittance.refuse": lazy("Remittance refused"),
    "remittance.withdraw": lazy("Remittance withdrawn"),
    "remittance.reverse": lazy("Remittance reversed"),
    "ask": lazy("Second approval asked for"),
    "approved": lazy("Agreed by a second person"),
    "rejected": lazy("Declined by a second person"),
    "drawdown_requested": lazy("Drawdown requested"),
    "drawdown_granted": lazy("Drawdown granted"),
    "drawdown_refused": lazy("Drawdown refused"),
    "drawdown_ordered": lazy("Drawdown sent to the bank"),
    "drawdown_paid": lazy("Drawdown paid"),
    "drawdown_rejected": lazy("Drawdown rejected by the bank"),
    "drawdown_cancelled": lazy("Drawdown cancelled"),
    "applied_cash": lazy("Receipt applied"),
    "undid_cash": lazy("Application undone"),
    "imported_statement": lazy("Bank statement imported"),
    "sealed_payment_order": lazy("Payment order sealed"),
    "signed_payment_order": lazy("Payment order signed"),
    "restored_book": lazy("Book restored from an older copy"),
    "gave_up_payment_order": lazy("Payment order given up"),
    "verification.require": lazy("Verification required"),
    "verification.ask": lazy("Debtor asked to confirm an invoice"),
    "verification.answer": lazy("Invoice verified"),
    "signal.look": lazy("Signal looked at"),
    "sent_payment_order": lazy("Payment order handed to the bank"),
    "recorded_bank_answer": lazy("Bank's answer read"),
    "contract.instruct": lazy("Standing instruction given"),
    "add_offer": lazy("Product set up"),
    "change_offer": lazy("Terms of a product changed"),
    "retire_offer": lazy("Product no longer signed"),
    "offer_again": lazy("Product signed again"),
    "add_fee_grid": lazy("Fee grid set up"),
    "change_fee_grid": lazy("Fees of a grid changed"),
    "add_team": lazy("Team set up"),
    "end_team": lazy("Team ended"),
    "join_team": lazy("Joined a team"),
    "leave_team": lazy("Left a team"),
    "set_absence": lazy("Absence set"),
    "end_absence": lazy("Absence ended"),
    "lend_rights": lazy("Rights lent to a colleague"),
    "end_delegation": lazy("Rights taken back"),
    "close_house_day": lazy("A day closed by the house"),
    "open_house_day": lazy("A day opened again"),
    "name_reason": lazy("Reason named"),
    "set_cut_off": lazy("Cut-off set"),
    "set_authority": lazy("Amounts of a decision set"),
    "change_wording": lazy("Words of a text changed"),
    "restore_wording": lazy("Words of the house restored"),
    "set_identity": lazy("Identity of the factor set"),
    "opened_account": lazy("Account of the factor registered"),
    "set_matching": lazy("Settings of matching changed"),
    "added_alias": lazy("Payer entered"),
    "ended_alias": lazy("Payer forgotten"),
    "close_day": lazy("A day was closed"),
    "seal_day": lazy("The books were sealed"),
    "close_month": lazy("A month was closed"),
    "contract.set_statements": lazy("Changed how often statements are made"),
    "open_recipient": lazy("A folder was opened for files"),
    "end_recipient": lazy("A folder gets no more files"),
    "set_reports": lazy("Changed how often a report is sent"),
    "issue_report": lazy("A portfolio report was issued"),
    "begin_demonstration": lazy("Demonstration begun"),
    "end_demonstration": lazy("Demonstration told to its end"),
}

#: Fields whose own name would not do.
_FIELDS: dict[str, Lazy] = {
    "bic": lazy("BIC"), "iban": lazy("IBAN"), "siren": lazy("SIREN"), "siret": lazy("SIRET"),
    "email": lazy("E-mail"), "vat_number": lazy("VAT number"), "city": lazy("Town"),
    "rcs_city": lazy("Trade register (town)"), "post_code": lazy("Post code"),
    "street": lazy("Street"), "legal_form": lazy("Legal form"), "trade_name": lazy("Trade name"),
    "activity_code": lazy("Activity code (NAF)"), "founded_on": lazy("Founded on"),
    "share_capital_minor": lazy("Share capital"), "holder": lazy("Holder"),
    "is_payout": lazy("Receives payouts"), "segment": lazy("Segment"), "code": lazy("Code"),
    "insolvent_on": lazy("Insolvency judgment of"), "function": lazy("Function"),
    "payment_terms_days": lazy("Payment terms (days)"), "group": lazy("Group"),
    "registration_number": lazy("Registration number abroad"), "sha256": lazy("Fingerprint"),
    "receipt_number": lazy("Subrogation receipt"), "hold_reasons": lazy("Why it waits"),
    "vat_minor": lazy("VAT"), "retention_minor": lazy("Retention fund"),
    "commission_minor": lazy("Factoring commission"), "refused_count": lazy("Lines refused"),
    "document_count": lazy("Documents"), "is_temporary": lazy("Temporary"),
    "insurer_reference": lazy("Insurer's reference"), "ended_on": lazy("Ended on"),
    "valid_from": lazy("Valid from"), "valid_to": lazy("Valid until"),
    "payments": lazy("Payouts"), "message_id": lazy("Order"), "on": lazy("Day"),
    "entries": lazy("Entries"), "until": lazy("Until"), "answer": lazy("Answer"),
    "counted": lazy("What"), "cut_off": lazy("Cut-off"), "place": lazy("Clock"),
    "body": lazy("Text"), "label": lazy("Name"), "team": lazy("Team"), "person": lazy("Person"),
    "method": lazy("How"), "total_minor": lazy("Total"), "due_on": lazy("Due date"),
    "effective_from": lazy("Valid from"), "name_fr": lazy("Name in French"),
    "name_en": lazy("Name in English"), "act": lazy("Decision"), "outcome": lazy("Outcome"),
    "cancels_on": lazy("Ends on"), "cover_rate": lazy("Cover rate"), "source": lazy("Source"),
    "alone_upto_minor": lazy("Decided alone up to"), "notice_days": lazy("Days of notice"),
    "label_fr": lazy("French"), "label_en": lazy("English"), "is_offered": lazy("Offered"),
    "position": lazy("Place"), "mode": lazy("Drawn by itself"), "weekdays": lazy("On"),
    "above_minor": lazy("When more can be drawn than"), "reserve_minor": lazy("Kept available"),
    "minimum_minor": lazy("Not less than"), "paused_until": lazy("Paused until"),
}  # fmt: skip

#: Values that are a word of ours, by what the change is of and the field.
_CODED: dict[tuple[str, str], type[StrEnum]] = {
    ("remittance", "state"): RemittanceState, ("dispute", "reason"): DisputeReason,
    ("dispute", "outcome"): DisputeOutcome, ("hold", "reason"): IneligibleReason,
    ("contract", "kind"): ReserveKind, ("contract", "product"): Product,
    ("offer", "kind"): Product, ("fee_grid", "kind"): FeeKind,
    ("limit", "kind"): LimitKind, ("limit_request", "answer"): RequestAnswer,
    ("index_fixing", "index_name"): IndexName, ("person", "role"): Role,
    ("debtor", "segment"): Segment, ("token", "scopes"): Scope,
    ("house_authority", "act"): Act, ("house_calendar", "counted"): Counted,
    ("house_calendar", "place"): Place, ("signal", "kind"): SignalKind,
    ("signal", "outcome"): Outcome, ("verification", "reason"): VerificationReason,
    ("contract", "mode"): StandingMode,
    ("verification", "answer"): Answer, ("verification", "method"): VerificationMethod,
}  # fmt: skip
#: Plain values that people write in a way of their own.
_WRITTEN: dict[str, Callable[[str], str]] = {
    "iban": formats.iban, "siren": formats.siren, "siret": formats.siren,
    "country": formats.country, "language": formats.language_name,
    "rate": lambda value: formats.percent(Decimal(value), exact=True),
    "cover_rate": lambda value: formats.percent(Decimal(value), exact=True),
    "sha256": lambda value: f"{value[:12]}…",
}  # fmt: skip
#: Numbers of our own rows, and what is told elsewhere.
_INTERNAL = frozenset({"approval", "transactions", "terms", "summary", "key", "bands", "template"})
#: Colleagues, who are told by name where the page knows them.
_COLLEAGUES: dict[str, Lazy] = {
    "account_manager_id": lazy("Account manager"), "collector_id": lazy("Collector"),
    "credit_analyst_id": lazy("Credit analyst"),
}  # fmt: skip
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def act(event: Event) -> str:
    """The words of an act; one that nobody named is its verb."""
    for key in (f"{event.subject_kind}.{event.verb}", event.verb):
        if key in _ACTS:
            return str(_ACTS[key])
    return label(event.verb.replace(".", " "))


def shown_change(change: Change, kind: str = "") -> tuple[str, str, str]:
    """Field, before and after, as people read them; ``kind`` is what the change is of."""
    field = change.field
    name = str(_FIELDS[field]) if field in _FIELDS else label(field.removesuffix("_minor"))
    return name, _shown(kind, field, change.before), _shown(kind, field, change.after)


def shown_changes(
    event: Event, people: Mapping[int, str] | None = None
) -> list[tuple[str, str | None, str]]:
    """What an act changed: names, values before (None: there was none) and after.

    Numbers of rows, which say nothing to people, and empty values are left out; of colleagues
    among ``people`` the name is told.
    """
    told: list[tuple[str, str | None, str]] = []
    for change in event.changes:
        if people and change.field in _COLLEAGUES:
            before, after = (people.get(one, "–") for one in (change.before, change.after))
            told.append((str(_COLLEAGUES[change.field]), before, after))
            continue
        if change.field in _INTERNAL or change.field.endswith("_id"):
            continue
        if change.before in _EMPTY and change.after in _EMPTY:
            continue
        if event.subject_kind == "house_reason" and change.field == "reason":
            continue  # its code, which nobody is shown: its words follow
        name, was, now = shown_change(change, event.subject_kind)
        told.append((name, None if change.before is None else was, now))
    return told


def _shown(kind: str, field: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return label("yes" if value else "no")
    if isinstance(value, list):
        told = [_shown(kind, field, one) for one in value]
        return (" " if field == "hold_reasons" else ", ").join(told) or "–"
    if isinstance(value, dict) and kind == "fee_grid":
        return _fee(value)
    if isinstance(value, dict):
        return ", ".join(_shown(kind, name, one) for name, one in value.items())
    if isinstance(value, int) and field == "weekdays":
        return formats.weekday_name(value)
    if isinstance(value, int) and field.endswith("_minor"):
        return formats.money(value, "EUR")
    return _shown_text(kind, field, str(value))


def _fee(line: dict[str, Any]) -> str:
    """A line of a fee grid: what is charged, from which amount, how much."""
    parts = [_shown_text("fee_grid", "kind", str(line["kind"]))]
    if line["from_minor"]:
        parts.append(gettext("from {amount}", amount=formats.money(line["from_minor"], "EUR")))
    if line["flat_minor"]:
        parts.append(formats.money(line["flat_minor"], "EUR"))
    if Decimal(line["rate"]):
        parts.append(formats.percent(Decimal(line["rate"]), exact=True))
    return " ".join(parts)


def _shown_text(kind: str, field: str, value: str) -> str:
    coded = _CODED.get((kind, field))
    if coded is not None and value in set(coded):
        return label(coded(value))
    if field == "hold_reasons":
        return sentence(Reason(value))
    if _DAY.fullmatch(value):
        return day_said(value)
    if field in _WRITTEN:
        return _WRITTEN[field](value)
    return value
