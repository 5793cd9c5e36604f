"""A list of invented people, and the one contact of the demonstration who resembles one of them."""

from __future__ import annotations

from cessio import screening
from cessio.demo.book import Book, instant
from cessio.kernel.paging import PageRequest
from cessio.parties import ContactDetails
from cessio.parties import queries as parties
from cessio.parties.operations import add_contact
from cessio.screening import ListSource, Verdict

#: Nobody is called so but by chance: names of no list of any authority.
LIST = """reference;type;name;aliases;born;countries;identifiers;programme
DEMO-001;person;Yusuf Karimzadeh-Torabani;Youssef Karimzade Torabani|Юсуф Каримзаде;1968-03-11;ZZ;;DEMO
DEMO-002;person;Orsolan Petrovitch Vaskrenko;Орсолан Васкренко;1971;ZZ;;DEMO
DEMO-003;entity;Mornaval Shipping & Trading LLC;Mornaval Maritime;;ZZ;HRB 999123;DEMO
DEMO-004;entity;Zarnoktan Petrochemical Company;Zarnoktan;;ZZ;;DEMO
DEMO-005;person;Abd al-Karim Zoubarani;Abdelkarim Zubarani;1959-12-02;ZZ;;DEMO
DEMO-006;entity;Société Kelvadour d’Import-Export;Kelvadour;;ZZ;;DEMO
"""  # noqa: E501
CONTACT = ContactDetails("Youssef Karimzadé Torabany", function="Directeur des achats",
                         phone="+33478000217")  # fmt: skip
TRADER = ContactDetails("Zoubarani Karim", function="Comptabilité", phone="+33478000218")
CLEARED = (
    ("chloe", "Né en 1991 selon sa carte d’identité, l’autre en 1959."),
    ("bruno", "Carte d’identité vue, nationalité française."),
)


def screen(book: Book) -> None:
    """Load the list; a debtor's buyer resembles an entry, another was cleared by two people."""
    at = instant(book.until, 17)
    with book.act() as session:
        for debtor, contact in ((book.debtors[3], CONTACT), (book.debtors[5], TRADER)):
            company = parties.company_of_debtor(session, debtor.id)
            add_contact(session, company_id=company, contact=contact, by=book.staff["alice"],
                        at=instant(book.until, 9))  # fmt: skip
        screening.load_list(
            session, source=ListSource.OWN, data=LIST.encode(), filename="liste_demo.csv",
            dated_on=book.until, by=book.staff["chloe"], at=at,
        )  # fmt: skip
        screening.screen_due(session, most=1_000_000, by="job:screening.due", at=at)
        for one in screening.alerts(session, PageRequest(50)).rows:
            for who, why in CLEARED if one.name == TRADER.name else ():
                screening.give_opinion(session, alert_id=one.id, verdict=Verdict.CLEAR,
                                       reason=why, by=book.staff[who], at=at)  # fmt: skip
