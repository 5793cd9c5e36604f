"""Telling a debtor that its invoices were assigned to us, and where to pay them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio.contracts import queries
from cessio.contracts.operations.agreements import ContractEnded
from cessio.contracts.rules import NotificationMode
from cessio.correspondence import (
    Addressee,
    Channel,
    Opens,
    TemplateKind,
    Text,
    Variable,
    print_letter,
    register,
)
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict
from cessio.parties import queries as parties
from cessio.plumbing import formats
from cessio.plumbing.i18n import lazy

NOTICE_OF_ASSIGNMENT = register(
    TemplateKind(
        "notice_of_assignment",
        lazy("Notice of assignment to a debtor"),
        (
            Variable("client", lazy("The client that sold the invoices"), "Alpha Métallerie SAS"),
            Variable("client_siren", lazy("SIREN of the client"), "812 340 016"),
            Variable("debtor", lazy("The debtor"), "Distribution Durand SA"),
            Variable("contract", lazy("Reference of the contract"), "CT-000012"),
            Variable("signed_on", lazy("Date of the contract"), date(2026, 1, 15)),
            Variable("iban", lazy("The account to pay to"), "FR76 3000 4008 1200 0101 2345 640"),
            Variable("bic", lazy("BIC of that account"), "BNPAFRPPXXX"),
            Variable("holder", lazy("Holder of that account"), "Cessio Factor"),
        ),
        Text(
            "Cession des créances de {client}",
            "Madame, Monsieur,\n\n"
            "Votre fournisseur {client}{?client_siren} (SIREN {client_siren}){/client_siren} a "
            "conclu avec nous un contrat d’affacturage. Il nous transfère, par subrogation "
            "(article 1346-1 du Code civil), les factures qu’il émet sur {debtor}.\n\n"
            "Pour être libératoire, le paiement de ces factures doit désormais nous être adressé "
            "à leur échéance, par virement :\n\n"
            "- IBAN : {iban}\n{?bic}\n- BIC : {bic}\n{/bic}\n- Titulaire : {holder}\n\n"
            "Merci de rappeler le numéro de chaque facture dans le libellé du virement, et de "
            "nous signaler sans attendre toute contestation, tout avoir ou toute retenue.\n\n"
            "Vos relations commerciales avec {client} ne changent pas.\n\n"
            "Nous vous prions d’agréer, Madame, Monsieur, l’expression de nos salutations "
            "distinguées.\n\n{factor}",
        ),
        Text(
            "Assignment of the receivables of {client}",
            "Dear Sir or Madam,\n\n"
            "Your supplier {client}{?client_siren} (SIREN {client_siren}){/client_siren} has "
            "signed a factoring contract with us. It transfers to us, by subrogation (article "
            "1346-1 of the French civil code), the invoices it issues to {debtor}.\n\n"
            "Only a payment made to us discharges you of these invoices. Please pay them when "
            "they fall due, by credit transfer:\n\n"
            "- IBAN: {iban}\n{?bic}\n- BIC: {bic}\n{/bic}\n- Holder: {holder}\n\n"
            "Please quote the number of each invoice with the transfer, and tell us without "
            "delay of any dispute, credit note or deduction.\n\n"
            "Your business with {client} does not change.\n\n"
            "Yours faithfully,\n\n{factor}",
        ),
        Channel.LETTER,
    )
)


class DebtorNotTold(Conflict):
    """Debtors of a confidential contract must not learn of it."""


@dataclass(frozen=True, slots=True)
class PayTo:
    """The account of ours that debtors of a contract pay to."""

    iban: str
    bic: str | None
    holder: str


def notify_debtor(
    session: Session, *, contract_id: int, debtor_id: int, pay_to: PayTo, by: str, at: datetime
) -> int:
    """Print the notice of assignment to a debtor; returns the message, its PDF beside.

    Once per contract, debtor, account and day. Raises ``DebtorNotTold``, ``ContractEnded``.
    """
    on = business_date(at)
    contract = queries.contract(session, contract_id)
    if contract.ended_on is not None and contract.ended_on <= on:
        raise ContractEnded(
            "contract_ended", "contract {reference} ended on {ended_on}",
            reference=contract.reference, ended_on=contract.ended_on.isoformat(),
        )  # fmt: skip
    mode = queries.terms_in_force(session, contract_id, on).notification_mode
    if mode is not NotificationMode.NOTIFIED:
        raise DebtorNotTold(
            "debtor_not_told", "debtors of contract {reference} are not told of it",
            reference=contract.reference,
        )  # fmt: skip
    company = parties.company(session, parties.company_of_debtor(session, debtor_id))
    client = parties.company(session, parties.company_of_client(session, contract.client_id))
    return print_letter(
        session, template=NOTICE_OF_ASSIGNMENT.code,
        to=Addressee(
            company.name, parties.address_of(company), "fr" if company.country == "FR" else "en"
        ),
        values={
            "client": client.name, "client_siren": formats.siren(client.siren or ""),
            "debtor": company.name, "contract": contract.reference,
            "signed_on": contract.signed_on, "iban": formats.iban(pay_to.iban),
            "bic": pay_to.bic, "holder": pay_to.holder,
        },
        subject_kind="debtor", subject_id=debtor_id, client_id=contract.client_id,
        key=f"notice_of_assignment/{contract_id}/{debtor_id}/{pay_to.iban}/{on}", by=by, at=at,
        opens=(Opens(debtor_id, contract_id, pay_to.iban, pay_to.bic, pay_to.holder),),
    )  # fmt: skip
