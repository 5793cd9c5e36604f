"""Lists as they are published, with people nobody knows."""

from __future__ import annotations

EU = """<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-11-10T11:00:00.000+01:00">
  <sanctionEntity designationDate="2024-02-01" euReferenceNumber="EU.9001.1" logicalId="1">
    <regulation programme="XYZ" publicationDate="2024-02-02"/>
    <subjectType code="person" classificationCode="P"/>
    <nameAlias firstName="Ivan" middleName="Petrovitch" lastName="Zakharenko"
               wholeName="Ivan Petrovitch Zakharenko" strong="true"/>
    <nameAlias wholeName="Иван Захаренко" nameLanguage="RU"/>
    <birthdate birthdate="1961-04-28" year="1961" countryIso2Code="RU"/>
    <citizenship countryIso2Code="RU"/>
    <identification number="AB 12 34567" identificationTypeCode="passport"/>
  </sanctionEntity>
  <sanctionEntity euReferenceNumber="EU.9002.1" logicalId="2">
    <regulation programme="ABC"/><regulation programme="XYZ"/>
    <subjectType code="enterprise" classificationCode="E"/>
    <nameAlias wholeName="Mornaval Shipping LLC"/>
    <identification number="512345678" identificationTypeCode="regnumber"/>
  </sanctionEntity>
</export>
"""
FRANCE = """{"Publications": {"DatePublication": "2026-11-09T09:00:00", "PublicationDetail": [
 {"IdRegistre": 71, "Nature": "Personne physique", "Nom": "ZAKHARENKO", "RegistreDetail": [
   {"TypeChamp": "PRENOM", "Valeur": [{"Prenom": "Ivan"}]},
   {"TypeChamp": "ALIAS", "Valeur": [{"Alias": "Vania Zakharenko", "Commentaire": ""}]},
   {"TypeChamp": "DATE_DE_NAISSANCE", "Valeur": [{"Jour": "28", "Mois": "4", "Annee": "1961"}]},
   {"TypeChamp": "NATIONALITE", "Valeur": [{"Pays": "Russie"}]},
   {"TypeChamp": "FONDEMENT_JURIDIQUE", "Valeur": [{"FondementJuridique": "UE 269/2014"}]}]},
 {"IdRegistre": 72, "Nature": "Personne morale", "Nom": "MORNAVAL", "RegistreDetail": []}
]}}
"""
OWN = """reference;type;name;aliases;born;countries;identifiers;programme
H-1;person;Ivan Zakharenko;Vania Zakharenko|I. Zakharenko;1961;RU;;house
H-2;entity;Mornaval Shipping;;;;512345678;house
"""


def own(*names: str, start: int = 1) -> bytes:
    """A plain list of these names."""
    lines = [f"H-{number};{name}" for number, name in enumerate(names, start=start)]
    return "\n".join(["reference;name", *lines]).encode()
