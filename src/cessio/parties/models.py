"""Companies and the parts they play: client, debtor, group member."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class CompanyGroup(Base):
    """Companies under one control, whose exposure is read together."""

    __tablename__ = "company_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Company(Base):
    """The legal identity of one company, whatever parts it plays."""

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint("siren IS NULL OR siren ~ '^[0-9]{9}$'", name="siren"),
        CheckConstraint(
            "siret IS NULL OR (siret ~ '^[0-9]{14}$' AND left(siret, 9) = siren)", name="siret"
        ),
        CheckConstraint(
            "siren IS NOT NULL OR vat_number IS NOT NULL OR registration_number IS NOT NULL",
            name="identified",
        ),
        Index(
            "uq_company_registration", "registration_number", "country", unique=True,
            postgresql_where=text("registration_number IS NOT NULL"),
        ),
        Index(
            "ix_company_name_trgm", "name_key", postgresql_using="gin",
            postgresql_ops={"name_key": "gin_trgm_ops"},
        ),
        Index(
            "ix_company_trade_trgm", "trade_key", postgresql_using="gin",
            postgresql_ops={"trade_key": "gin_trgm_ops"},
        ),
        Index(None, "name_key", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str]
    trade_name: Mapped[str | None]
    trade_key: Mapped[str | None]
    legal_form: Mapped[str | None]
    siren: Mapped[str | None] = mapped_column(unique=True)
    siret: Mapped[str | None]
    vat_number: Mapped[str | None] = mapped_column(unique=True)
    registration_number: Mapped[str | None]
    rcs_city: Mapped[str | None]
    activity_code: Mapped[str | None]
    founded_on: Mapped[date | None]
    share_capital_minor: Mapped[int | None]
    street: Mapped[str | None]
    post_code: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str] = mapped_column(server_default="FR")
    group_id: Mapped[int | None] = mapped_column(ForeignKey("company_group.id"), index=True)
    version: Mapped[int] = mapped_column(server_default="1")


class Client(Base):
    """A company that sells its invoices to the factor."""

    __tablename__ = "client"
    __table_args__ = (CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9-]{1,19}$'", name="code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    account_manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    collector_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    credit_analyst_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    segment: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class Debtor(Base):
    """A company that owes assigned invoices; one record for all clients."""

    __tablename__ = "debtor"
    __table_args__ = (
        CheckConstraint("segment IN ('regular', 'new', 'at_risk')", name="segment"),
        Index(None, "insolvent_on", postgresql_where=text("insolvent_on IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), unique=True)
    segment: Mapped[str] = mapped_column(server_default="new")
    payment_terms_days: Mapped[int | None]
    language: Mapped[str] = mapped_column(server_default="fr")
    insolvent_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class PartyAccount(Base):
    """A company's bank account; ended when it is no longer theirs, never deleted."""

    __tablename__ = "party_account"
    __table_args__ = (
        CheckConstraint("confirmed_by <> added_by", name="confirmed_by_another"),
        Index(
            "uq_party_account_open", "company_id", "iban", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "iban"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    iban: Mapped[str]
    bic: Mapped[str | None]
    holder: Mapped[str]
    is_payout: Mapped[bool] = mapped_column(server_default="false")
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class AccountCallback(Base):
    """A call to somebody known before an account was brought to us, in which it was read back."""

    __tablename__ = "account_callback"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("party_account.id"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    note: Mapped[str]
    called_at: Mapped[datetime]
    called_by: Mapped[str]


class AccountAgreement(Base):
    """A second person of the client wants the payout account that another of them asked for."""

    __tablename__ = "account_agreement"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("party_account.id"), unique=True)
    agreed_at: Mapped[datetime]
    agreed_by: Mapped[str]


class Contact(Base):
    """A person to write to or call at a company."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    name: Mapped[str]
    function: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    language: Mapped[str] = mapped_column(server_default="fr")
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class BeneficialOwner(Base):
    """A person who owns or controls a company in the end; ended, never changed.

    ``share_bp`` is in hundredths of a percent; without, control is by other means.
    """

    __tablename__ = "beneficial_owner"
    __table_args__ = (
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share"),
        CheckConstraint("since_on > born_on AND until_on >= since_on", name="dates"),
        CheckConstraint("(until_on IS NULL) = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    name: Mapped[str]
    born_on: Mapped[date]
    share_bp: Mapped[int | None] = mapped_column(SmallInteger)
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
