"""The companies that owe: plausible French names, trades and towns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from cessio.demo.numbers import company_numbers
from cessio.parties import CompanyDetails

#: What a trade's companies are called, its activity code (NAF) among the usual ones.
TRADES: dict[str, tuple[str, tuple[str, ...]]] = {
    "bâtiment": ("41.20B", ("Constructions {}", "{} Bâtiment", "Charpentes {}", "Façades {}",
                            "{} Travaux Publics", "Maçonnerie {} Frères")),
    "industrie": ("28.29B", ("Mécanique {}", "Ateliers {}", "{} Industries", "Chaudronnerie {}",
                             "Fonderies {}", "{} Équipements")),
    "distribution": ("46.90Z", ("{} Distribution", "Comptoir {}", "Centrale {}", "Quincaillerie {}",
                                "Magasins {}", "{} et Compagnie")),
    "alimentaire": ("46.39B", ("Supermarchés {}", "Primeurs {}", "Boulangeries {}", "Traiteur {}",
                               "Épiceries {}", "Caves {}")),
    "services": ("81.10Z", ("{} Services", "Cabinet {}", "{} Conseil", "Immobilière {}",
                            "Gestion {}", "{} Facilities")),
    "santé": ("86.10Z", ("Clinique {}", "Laboratoires {}", "Résidence {}", "Pharmacies {}",
                         "{} Médical", "Optique {}")),
    "transport": ("49.41A", ("Transports {}", "{} Logistique", "Messageries {}", "{} Fret",
                             "Entrepôts {}", "Affrètement {}")),
    "hôtellerie": ("55.10Z", ("Hôtels {}", "Brasserie {}", "Restaurants {}", "Domaine {}",
                              "Campings {}", "Auberge {}")),
    "automobile": ("45.20A", ("Garages {}", "Carrosserie {}", "{} Automobiles", "Pneus {}",
                              "Pièces Auto {}", "{} Poids Lourds")),
    "maison": ("47.59A", ("Meubles {}", "{} Décoration", "Cuisines {}", "Jardineries {}",
                          "Literie {}", "{} Habitat")),
}  # fmt: skip

_SURNAMES = """
Vasseur Delaunay Marchand Perrin Lefort Gauthier Chevallier Rousselot Bonnard Lacombe Pasquier
Guillemin Barbier Fontenay Maurel Castaing Verdier Lambertin Charrier Morvan Kerouac Quéméner
Bourdon Tissier Valentin Renaudin Descamps Vanhoutte Lemaître Dufresne Carpentier Hennequin
Schmitt Muller Wagner Klein Rigaud Estève Ferrand Sabatier Cazenave Larrieu Etcheverry Dubosc
Labarthe Peyron Garrigues Roumieu Chastel Montagne Bérard Collomb Gachet Ravier Brunel
Thévenet Jacquemin Prudhomme Gaudin Poitevin Rabouin Moreteau Desnoyers Courtois Blanchet
Roussillon Aubertin Mercadier Faucheux Villeneuve Santoni Leonetti Guérin Salomon
"""
SURNAMES = tuple(_SURNAMES.split())

#: Town, post code, and town of its commercial court.
TOWNS = tuple(
    tuple(line.split("|"))
    for line in """Lyon|69003|Lyon
Villeurbanne|69100|Lyon
Vénissieux|69200|Lyon
Saint-Étienne|42000|Saint-Étienne
Grenoble|38000|Grenoble
Annecy|74000|Annecy
Clermont-Ferrand|63000|Clermont-Ferrand
Marseille|13002|Marseille
Aix-en-Provence|13100|Aix-en-Provence
Nice|06000|Nice
Toulon|83000|Toulon
Montpellier|34000|Montpellier
Nîmes|30000|Nîmes
Perpignan|66000|Perpignan
Toulouse|31000|Toulouse
Colomiers|31770|Toulouse
Pau|64000|Pau
Bayonne|64100|Bayonne
Bordeaux|33000|Bordeaux
Mérignac|33700|Bordeaux
La Rochelle|17000|La Rochelle
Poitiers|86000|Poitiers
Limoges|87000|Limoges
Nantes|44000|Nantes
Saint-Herblain|44800|Nantes
Angers|49000|Angers
Le Mans|72000|Le Mans
Rennes|35000|Rennes
Vannes|56000|Vannes
Lorient|56100|Lorient
Brest|29200|Brest
Quimper|29000|Quimper
Caen|14000|Caen
Rouen|76000|Rouen
Le Havre|76600|Le Havre
Amiens|80000|Amiens
Lille|59000|Lille
Roubaix|59100|Lille
Tourcoing|59200|Lille
Dunkerque|59140|Dunkerque
Arras|62000|Arras
Reims|51100|Reims
Troyes|10000|Troyes
Metz|57000|Metz
Nancy|54000|Nancy
Strasbourg|67000|Strasbourg
Mulhouse|68100|Mulhouse
Besançon|25000|Besançon
Dijon|21000|Dijon
Chalon-sur-Saône|71100|Chalon-sur-Saône
Orléans|45000|Orléans
Tours|37000|Tours
Blois|41000|Blois
Chartres|28000|Chartres
Nanterre|92000|Nanterre
Boulogne-Billancourt|92100|Nanterre
Créteil|94000|Créteil
Montreuil|93100|Bobigny
Cergy|95000|Pontoise
Paris|75011|Paris""".splitlines()
)

STREETS = (
    "rue de la République", "avenue Jean Jaurès", "rue Victor Hugo", "boulevard Gambetta",
    "rue des Frères Lumière", "zone industrielle Nord", "rue de l'Industrie", "quai des Docks",
    "avenue de l'Europe", "rue Pasteur", "chemin des Vignes", "rue du Commerce",
    "allée des Platanes", "rue Denis Papin", "place du Marché", "route Nationale",
)  # fmt: skip
FORMS = ("SAS", "SAS", "SARL", "SARL", "SA", "SASU")


@dataclass(frozen=True, slots=True)
class Firm:
    """A company that owes, and the account it pays from."""

    details: CompanyDetails
    trade: str
    iban: str
    bic: str

    @property
    def name(self) -> str:
        return self.details.name

    @property
    def bank_name(self) -> str:
        """Its name as its bank writes it: capitals, no accents, 35 signs at most."""
        return plain(self.details.name).upper()[:35]


def plain(text: str) -> str:
    """Text without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def firms(rng: Random, count: int) -> tuple[Firm, ...]:
    """So many companies, every one with a name and numbers of its own."""
    found: list[Firm] = []
    sirens: set[str] = set()
    for trade, activity, name in _names(rng, count):
        numbers = company_numbers(rng)
        while numbers.siren in sirens:
            numbers = company_numbers(rng)
        sirens.add(numbers.siren)
        city, post_code, court = rng.choice(TOWNS)
        details = CompanyDetails(
            name=name, legal_form=name.rpartition(" ")[2], siren=numbers.siren,
            siret=numbers.siret, vat_number=numbers.vat_number, rcs_city=court,
            activity_code=activity, street=f"{rng.randrange(1, 180)} {rng.choice(STREETS)}",
            post_code=post_code, city=city,
        )  # fmt: skip
        found.append(Firm(details, trade, numbers.iban, numbers.bic))
    return tuple(found)


def _names(rng: Random, count: int) -> Iterator[tuple[str, str, str]]:
    """Trade, activity code and name, no name twice; trades take turns."""
    trades = list(TRADES.items())
    seen: set[str] = set()
    for place in range(count):
        trade, (activity, patterns) = trades[place % len(trades)]
        while True:
            surname = rng.choice(SURNAMES)
            base = rng.choice(patterns).format(surname)
            if len(seen) > 3_000:  # a large book: a town makes the name its own
                base = f"{base} {rng.choice(TOWNS)[0]}"
            if base not in seen:
                break
        seen.add(base)
        yield trade, activity, f"{base} {rng.choice(FORMS)}"
