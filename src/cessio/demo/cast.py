"""Who is in the demonstration: the factor's people, its twelve clients and their contracts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from cessio.contracts import Product
from cessio.contracts.rules import (
    CommissionTiming,
    ConcentrationBase,
    FundingLimitRule,
    FundingMode,
    IndexName,
    ReserveKind,
    RetentionBuildUp,
)
from cessio.identity import Role

FACTOR = "Cessio Factor"
#: Everybody's in the demonstration, and nowhere else.
PASSWORD = "un cheval violet sur le toit"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who signs in."""

    key: str
    name: str
    role: Role

    def email(self, house: str) -> str:
        return f"{self.key}@{house}.example"


STAFF = (
    Actor("alice", "Alice Martin", Role.ACCOUNT_MANAGER),
    Actor("marc", "Marc Lefèvre", Role.ACCOUNT_MANAGER),
    Actor("chloe", "Chloé Bernard", Role.CREDIT_ANALYST),
    Actor("denis", "Denis Moreau", Role.CASH_CLERK),
    Actor("ines", "Inès Garcia", Role.TREASURY),
    Actor("bruno", "Bruno Petit", Role.TREASURY),
    Actor("jules", "Jules Robert", Role.COLLECTOR),
    Actor("karine", "Karine Simon", Role.AUDITOR),
    Actor("eva", "Eva Laurent", Role.ADMIN),
)


#: Reads for clients what they share; a guest of theirs, at an address of its own.
ACCOUNTANT = Actor("paul", "Paul Renaud", Role.GUEST)
ACCOUNTANT_FIRM, ACCOUNTANT_HOUSE = "Cabinet Renaud", "renaud"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCast:
    """A client, what it sells and to whom, and its contract.

    ``weekly`` invoices of about ``typical_minor``, due ``days`` after issue; ``draws`` is the
    share of the payable amount it usually asks for, in percent. ``joins`` counts months after the
    start of the history. ``numbering`` has ``y`` (year), ``yy`` and ``n`` (its own count).
    """

    code: str
    name: str
    form: str
    activity: str
    founded: date
    capital_minor: int
    street: str
    post_code: str
    city: str
    court: str
    product: Product
    terms: dict[str, Any]
    trades: tuple[str, ...]
    debtors: int
    weekly: int
    typical_minor: int
    days: int
    numbering: str
    draws: int
    manager: str
    users: tuple[Actor, ...]
    remits_on: int  # weekday
    every: int = 2  # weeks between two remittances
    joins: int = 0
    reserve: tuple[ReserveKind, int, str] | None = None
    direct_percent: int = 0  # payments that reach the client instead of us
    limit_percent: int = 160  # cover limit against the usual outstanding of a debtor
    tags: frozenset[str] = field(default_factory=frozenset)


def _signs(key: str, name: str) -> Actor:
    return Actor(key, name, Role.SIGNATORY)


def _prepares(key: str, name: str) -> Actor:
    return Actor(key, name, Role.OPERATOR)


CLIENTS: tuple[ClientCast, ...] = (
    ClientCast(
        code="ALPHA", name="Alpha Métallerie SAS", form="SAS", activity="25.11Z",
        founded=date(2009, 3, 2), capital_minor=25_000_000, street="14 rue des Forges",
        post_code="69007", city="Lyon", court="Lyon", product=Product.FULL,
        terms={"facility_limit_minor": 90_000_000, "interest_margin": Decimal("0.0110"),
               "payout_approval_threshold_minor": 10_000_000,
               "auto_accept_max_minor": 15_000_000, "cover_rate_default": Decimal("0.95"),
               "concentration_rate": Decimal("0.35")},
        trades=("bâtiment", "industrie", "distribution"), debtors=18, weekly=12,
        typical_minor=520_000, days=45, numbering="FA-{y}-{n:05d}", draws=85, manager="alice",
        users=(_signs("fanny", "Fanny Dubois"), _prepares("gilles", "Gilles Roux")), remits_on=1,
        joins=0, every=1,
    ),
    ClientCast(
        code="BRAVO", name="Bravo Textile SARL", form="SARL", activity="13.20Z",
        founded=date(2014, 9, 15), capital_minor=5_000_000, street="3 quai des Tisserands",
        post_code="59100", city="Roubaix", court="Lille", product=Product.FULL,
        terms={"facility_limit_minor": 40_000_000, "retention_rate": Decimal("0.08"),
               "retention_min_minor": 1_500_000, "concentration_rate": Decimal("0.40"),
               "commission_rate": Decimal("0.0075"), "commission_minimum_minor": 300,
               "payout_approval_threshold_minor": 5_000_000},
        trades=("maison", "distribution", "hôtellerie"), debtors=15, weekly=9,
        typical_minor=280_000, days=60, numbering="BT{yy}{n:05d}", draws=100, manager="alice",
        users=(_signs("helene", "Hélène Fontaine"),), remits_on=2,
        joins=0, limit_percent=120,
    ),
    ClientCast(
        code="GARONNE", name="Transports Garonne SAS", form="SAS", activity="49.41A",
        founded=date(1998, 5, 11), capital_minor=80_000_000, street="zone de fret, rue des Quais",
        post_code="31100", city="Toulouse", court="Toulouse", product=Product.RECOURSE,
        terms={"facility_limit_minor": 60_000_000, "recourse_days": 90,
               "payout_approval_threshold_minor": 8_000_000,
               "interest_margin": Decimal("0.0145"), "auto_accept_max_minor": 12_000_000},
        trades=("distribution", "industrie", "alimentaire", "transport"), debtors=20, weekly=15,
        typical_minor=190_000, days=30, numbering="{y}/{n:05d}", draws=90, manager="marc",
        users=(_signs("patrick", "Patrick Lacoste"), _prepares("sonia", "Sonia Benali")),
        remits_on=0,
        joins=0, every=1,
    ),
    ClientCast(
        code="ATLANTIS", name="Atlantis Intérim SASU", form="SASU", activity="78.20Z",
        founded=date(2016, 1, 4), capital_minor=10_000_000, street="22 rue de Strasbourg",
        post_code="44000", city="Nantes", court="Nantes", product=Product.FULL,
        terms={"facility_limit_minor": 120_000_000, "retention_rate": Decimal("0.12"),
               "retention_build_up": RetentionBuildUp.IMMEDIATE,
               "commission_rate": Decimal("0.0048"), "new_debtor_days": 60,
               "new_debtor_limit_minor": 4_000_000,
               "payout_approval_threshold_minor": 12_000_000},
        trades=("bâtiment", "industrie", "transport", "santé"), debtors=19, weekly=16,
        typical_minor=430_000, days=30, numbering="ITM{y}{n:06d}", draws=100, manager="marc",
        users=(_signs("nadia", "Nadia Haddad"),), remits_on=1,
        joins=1, every=1,
        reserve=(ReserveKind.URSSAF, 4_500_000, "cotisations du trimestre"),
    ),
    ClientCast(
        code="LEON", name="Conserverie du Léon SA", form="SA", activity="10.20Z",
        founded=date(1962, 6, 1), capital_minor=150_000_000, street="port de Bloscon",
        post_code="29680", city="Roscoff", court="Brest", product=Product.CONFIDENTIAL,
        terms={"facility_limit_minor": 80_000_000, "interest_margin": Decimal("0.0095"),
               "payout_approval_threshold_minor": 10_000_000},
        trades=("alimentaire", "hôtellerie", "distribution"), debtors=16, weekly=9,
        typical_minor=610_000, days=45, numbering="CL-{n:06d}", draws=70, manager="alice",
        users=(_signs("yann", "Yann Le Bihan"), _prepares("maelle", "Maëlle Corre")), remits_on=3,
        joins=2,
        direct_percent=30,
    ),
    ClientCast(
        code="BATISUD", name="Bâtisseurs du Sud SARL", form="SARL", activity="43.99C",
        founded=date(2005, 10, 3), capital_minor=20_000_000, street="48 chemin du Mas",
        post_code="34070", city="Montpellier", court="Montpellier", product=Product.RECOURSE,
        terms={"facility_limit_minor": 45_000_000, "verification_min_minor": 3_000_000,
               "dispute_days_before_defunding": 20, "retention_rate": Decimal("0.15"),
               "interest_margin": Decimal("0.0190"), "payout_approval_threshold_minor": 4_000_000},
        trades=("bâtiment", "services", "hôtellerie"), debtors=13, weekly=6,
        typical_minor=880_000, days=45, numbering="SIT-{yy}-{n:04d}", draws=100, manager="marc",
        users=(_signs("rachid", "Rachid Amrani"),), remits_on=4,
        joins=3,
        reserve=(ReserveKind.SUBCONTRACTING, 2_000_000, "paiement direct des sous-traitants"),
    ),
    ClientCast(
        code="AUGUSTINS", name="Imprimerie des Augustins SARL", form="SARL", activity="18.12Z",
        founded=date(1987, 2, 16), capital_minor=4_000_000, street="9 rue des Augustins",
        post_code="37000", city="Tours", court="Tours", product=Product.FULL,
        terms={"facility_limit_minor": 15_000_000, "commission_rate": Decimal("0.0095"),
               "commission_minimum_minor": 500, "annual_minimum_minor": 800_000,
               "blanket_cover_minor": 300_000, "payout_approval_threshold_minor": 3_000_000},
        trades=("services", "santé", "distribution", "maison"), debtors=17, weekly=7,
        typical_minor=120_000, days=30, numbering="{n:06d}", draws=80, manager="alice",
        users=(_signs("claire", "Claire Aubry"),), remits_on=3,
        joins=4,
    ),
    ClientCast(
        code="DELMAS", name="Maison Delmas et Fils SAS", form="SAS", activity="46.34Z",
        founded=date(1954, 9, 20), capital_minor=60_000_000, street="17 cours des Chartrons",
        post_code="33000", city="Bordeaux", court="Bordeaux", product=Product.FULL,
        terms={"facility_limit_minor": 50_000_000, "reserve_dilution_rate": Decimal("0.03"),
               "interest_index": IndexName.ESTR, "interest_margin": Decimal("0.0135"),
               "payout_approval_threshold_minor": 7_000_000},
        trades=("hôtellerie", "alimentaire", "distribution"), debtors=17, weekly=7,
        typical_minor=340_000, days=60, numbering="VD{yy}-{n:04d}", draws=60, manager="alice",
        users=(_signs("edouard", "Édouard Delmas"),), remits_on=2,
        joins=5,
    ),
    ClientCast(
        code="SIGMA", name="Sigma Électronique SAS", form="SAS", activity="26.12Z",
        founded=date(2011, 4, 18), capital_minor=120_000_000, street="3 allée de l'Innovation",
        post_code="38000", city="Grenoble", court="Grenoble", product=Product.ABL,
        terms={"facility_limit_minor": 100_000_000, "interest_index": IndexName.ESTR,
               "interest_margin": Decimal("0.0165"), "payout_approval_threshold_minor": 15_000_000},
        trades=("industrie", "automobile", "santé"), debtors=14, weekly=8,
        typical_minor=760_000, days=60, numbering="SE-{y}{n:05d}", draws=75, manager="marc",
        users=(_signs("laurent", "Laurent Vidal"), _prepares("emma", "Emma Fischer")), remits_on=0,
        joins=6, every=4,
    ),
    ClientCast(
        code="NETOUEST", name="Net'Ouest Propreté SARL", form="SARL", activity="81.21Z",
        founded=date(2018, 11, 5), capital_minor=3_000_000, street="6 rue du Moulin Vert",
        post_code="35000", city="Rennes", court="Rennes", product=Product.SPOT,
        terms={"facility_limit_minor": 12_000_000, "funding_mode": FundingMode.AUTOMATIC,
               "commission_timing": CommissionTiming.POST_COUNTED,
               "minimum_drawdown_minor": 100_000, "payout_approval_threshold_minor": 3_000_000},
        trades=("services", "santé", "hôtellerie", "transport"), debtors=12, weekly=6,
        typical_minor=140_000, days=30, numbering="NO{n:05d}", draws=100, manager="marc",
        users=(_signs("sylvie", "Sylvie Guyader"),), remits_on=1,
        joins=8,
    ),
    ClientCast(
        code="KERBRAT", name="Menuiserie Kerbrat SARL", form="SARL", activity="43.32A",
        founded=date(2001, 7, 9), capital_minor=6_000_000, street="zone de Kergaradec",
        post_code="29850", city="Gouesnou", court="Brest", product=Product.FULL,
        terms={"facility_limit_minor": 22_000_000, "interest_index": IndexName.ECB_REFI,
               "interest_margin": Decimal("0.0125"), "retention_max_minor": 2_500_000,
               "payout_approval_threshold_minor": 3_000_000},
        trades=("bâtiment", "maison", "services"), debtors=12, weekly=5,
        typical_minor=310_000, days=45, numbering="K{yy}{n:04d}", draws=90, manager="alice",
        users=(_signs("gwenola", "Gwenola Kerbrat"),), remits_on=4,
        joins=10,
    ),
    ClientCast(
        code="CARTONOR", name="Cartonnages du Nord SA", form="SA", activity="17.21A",
        founded=date(1979, 3, 26), capital_minor=90_000_000, street="zone de la Pilaterie",
        post_code="59650", city="Villeneuve-d'Ascq", court="Lille", product=Product.RECOURSE,
        terms={"facility_limit_minor": 55_000_000, "funding_limit_rule": FundingLimitRule.UNLIMITED,
               "concentration_rate": Decimal("0.30"),
               "concentration_base": ConcentrationBase.OUTSTANDING,
               "interest_margin": Decimal("0.0130"), "payout_approval_threshold_minor": 9_000_000},
        trades=("alimentaire", "distribution", "industrie"), debtors=16, weekly=8,
        typical_minor=360_000, days=60, numbering="CN{n:07d}", draws=80, manager="marc",
        users=(_signs("thierry", "Thierry Wallaert"),), remits_on=2,
        joins=12,
    ),
)  # fmt: skip
