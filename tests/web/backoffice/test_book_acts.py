"""What staff do on the pages of the book: shown before, done once, refused with its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lxml import html
from sqlalchemy.orm import Session

from cessio import house
from cessio.contracts import queries as contracts
from cessio.limits import effective_limits
from cessio.parties import ContactDetails
from cessio.parties.operations import add_contact
from cessio.plumbing.database import transaction
from cessio.plumbing.i18n import use_language
from cessio.receivables import queries
from cessio.receivables.rules import RemittanceState
from cessio.web import knowing
from cessio.web.words import said
from tests.people import SETUP
from tests.web.agreed import agree
from tests.web.backoffice.office import Office

#: Who is called back was known before the account was.
KNOWN_SINCE = timedelta(days=90)


def test_a_limit_is_decided_after_its_effect_was_shown(office: Office) -> None:
    people = office.book.people
    form = {"request": str(office.request), "contract": str(office.book.alpha),
            "debtor": str(people.mercier.id), "kind": "cover", "amount": "2 000,00"}  # fmt: skip
    with office.sits(people.chloe) as chloe:
        shown = chloe.post("/backoffice/limits/decide", data=form)
        assert shown.status_code == 200
        assert "F-3" in shown.text
        with transaction(office.engine) as session:
            assert _cover(session, office) == 500_00
        sent = {**_fields(shown.text, "/limits/decide"), "confirmed": ["yes"]}
        done = chloe.post("/backoffice/limits/decide", data=sent)
        assert done.status_code == 303
        again = chloe.post("/backoffice/limits/decide", data=sent)
    assert again.status_code == 422
    with transaction(office.engine) as session:
        assert _cover(session, office) == 2_000_00


def test_a_limit_cut_without_a_reason_is_refused_beside_its_field(office: Office) -> None:
    form = {"contract": str(office.book.alpha), "debtor": str(office.book.people.durand.id),
            "kind": "cover", "amount": "1", "confirmed": "yes"}  # fmt: skip
    with office.sits(office.book.people.chloe) as chloe:
        refused = chloe.post("/backoffice/limits/decide", data=form)
    assert refused.status_code == 422
    assert 'id="f-reason-error"' in refused.text


def test_terms_change_after_their_effect_was_shown(office: Office) -> None:
    path = f"/backoffice/contracts/{office.book.alpha}/terms"
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(f"{path}/edit").text
        shown = alice.post(path, data={**_fields(page), "retention_rate": ["20"]})
        assert shown.status_code == 200
        done = alice.post(path, data={**_fields(shown.text), "confirmed": ["yes"]})
        with office.sits(office.book.people.chloe) as chloe:
            agree(chloe, done)
    with transaction(office.engine) as session:
        history = contracts.term_history(session, office.book.alpha)
    assert [change.name for change in history[0].changes] == ["retention_rate"]


def test_a_remittance_is_accepted_but_for_the_line_left_out(office: Office) -> None:
    path = f"/backoffice/remittances/{office.waiting}"
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(path).text
        assert "Bravo Textile SARL" in page  # whose duplicate line 3 is
        done = alice.post(f"{path}/acceptance", data={"leave_out": ["2"]})
        assert done.status_code == 303
        assert alice.post(f"{path}/acceptance").status_code == 422
    with transaction(office.engine) as session:
        view = queries.remittance(session, office.waiting)
    assert view.remittance.state is RemittanceState.ASSIGNED
    assert (view.remittance.accepted_count, view.remittance.refused_count) == (1, 2)


def test_a_refusal_needs_a_reason_and_a_reversal_gives_back(office: Office) -> None:
    path = f"/backoffice/remittances/{office.waiting}"
    with office.sits(office.book.people.alice) as alice:
        assert alice.post(f"{path}/refusal", data={"refusal": ""}).status_code == 422
        assert alice.post(f"{path}/acceptance").status_code == 303
        with office.sits(office.book.people.chloe) as chloe:
            agree(chloe, alice.post(f"{path}/reversal", data={"reversal": "Wrong file"}))
        after = alice.get(path)
    assert "Wrong file" in after.text


def _name(office: Office, of: str, **named: object) -> None:
    with transaction(office.engine) as session:
        house.name_reason(
            session, by=office.book.people.eva.by, at=office.now,
            reason=house.NamedReason(list=house.ReasonList(of), **named),
            fixed=frozenset([str(named["code"])]),
        )  # fmt: skip
    knowing.forget()


def test_the_houses_own_reasons_are_offered_in_order_and_stay_readable(office: Office) -> None:
    slip = {"code": "slip", "label_fr": "Bon de livraison manquant",
            "label_en": "Delivery note missing"}  # fmt: skip
    for of in ("refusal", "limit_refusal"):
        _name(office, of, **slip, position=2)
        _name(office, of, code="early", label_fr="Avant livraison", label_en="Before delivery")
    path = f"/backoffice/remittances/{office.waiting}"
    limit = f"/backoffice/limits/decide?request={office.request}"
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(path).text
        chosen = '<option value="early">Avant livraison</option>'
        assert page.index(chosen) < page.index('<option value="slip">')
        assert page.count(chosen) == 2  # of the whole, and of lines left out
        assert alice.post(f"{path}/refusal", data={"refusal_of": "no"}).status_code == 422
        left = {"leave_out": ["2"], "left_out_of": "slip"}
        assert alice.post(f"{path}/acceptance", data=left).status_code == 303
        _name(office, "refusal", **slip, position=2, is_offered=False)
        told = alice.get(path).text
    assert "Votre gestionnaire a écarté cette ligne\u00a0: Bon de livraison manquant" in told
    assert '<option value="slip">' not in told
    with office.sits(office.book.people.chloe) as chloe:
        assert chosen in chloe.get(limit).text
        asked = {"contract": str(office.book.alpha), "debtor": str(office.book.people.mercier.id),
                 "request": str(office.request), "kind": "cover", "amount": "0",
                 "reason_of": "early", "reason": "ask in May", "confirmed": "yes"}  # fmt: skip
        assert chloe.post("/backoffice/limits/decide", data=asked).status_code == 303
        pair = f"{office.book.alpha}/{office.book.people.mercier.id}"
        answered = chloe.get(f"/backoffice/limits/pairs/{pair}").text
    assert "Avant livraison – ask in May" in answered
    with use_language("en"):
        assert said("Avant livraison – ask in May") == "Before delivery – ask in May"


def test_retired_reasons_of_fixed_lists_are_offered_nowhere(office: Office) -> None:
    retired = {"position": 0, "is_offered": False}
    _name(office, "hold", code="on_hold", label_fr="Suspendue", label_en="Held", **retired)
    _name(office, "dispute", code="price", label_fr="Prix", label_en="Price", **retired)
    _name(office, "outcome", code="agreed", label_fr="Accord", label_en="Deal", **retired)
    path = f"/backoffice/receivables/{office.id_of('F-2')}"
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(path).text
        assert '<option value="quality"' in page
        assert '<option value="price"' not in page
        assert '<option value="on_hold"' not in page
        opened = alice.post(f"{path}/disputes", data={"dispute_reason": "quality"})
        assert opened.status_code == 303
        page = alice.get(path).text
        listed = alice.get("/backoffice/disputes").text
    for shown in (page, listed):
        assert '<option value="withdrawn"' in shown
        assert '<option value="agreed"' not in shown
        assert '<option value="reversed"' not in shown


def test_an_invoice_is_disputed_held_and_released(office: Office) -> None:
    path = f"/backoffice/receivables/{office.id_of('F-1')}"
    with office.sits(office.book.people.alice) as alice:
        too_much = {"dispute_reason": "price", "dispute_amount": "99999"}
        assert alice.post(f"{path}/disputes", data=too_much).status_code == 422
        opened = alice.post(f"{path}/disputes", data={"dispute_reason": "price"})
        assert opened.status_code == 303
        held = {"hold_reason": "on_hold", "hold_comment": "Delivery note asked for"}
        assert alice.post(f"{path}/holds", data=held).status_code == 303
        with transaction(office.engine) as session:
            view = queries.receivable(session, office.id_of("F-1"))
        ended = {"dispute": str(view.disputes[0].id), "outcome": "withdrawn"}
        assert alice.post(f"{path}/disputes/end", data=ended).status_code == 303
        assert alice.post(f"{path}/holds/{view.holds[0].id}/end").status_code == 303
    with transaction(office.engine) as session:
        row = queries.receivable(session, office.id_of("F-1")).row
    assert row.disputed_minor == 0
    assert row.hold_reasons == ()


def test_every_fault_of_a_new_client_is_beside_its_field(office: Office) -> None:
    form = {"name": "Zeta", "country": "FR", "siren": "123456789", "post_code": "1"}
    with office.sits(office.book.people.alice) as alice:
        page = alice.post("/backoffice/clients", data=form)
        good = alice.post("/backoffice/clients",
                          data={"name": "Zeta", "country": "FR", "siren": "732829320"})  # fmt: skip
    assert page.status_code == 422
    assert 'id="f-siren-error"' in page.text
    assert 'id="f-post_code-error"' in page.text
    assert good.status_code == 303


def test_who_added_an_account_does_not_confirm_it(office: Office) -> None:
    company = office.book.people.bravo.company_id
    form = {"iban": "FR7630006000011234567890189", "is_payout": "yes"}
    with office.sits(office.book.people.alice) as alice:
        assert alice.post(f"/backoffice/companies/{company}/accounts",
                          data=form).status_code == 303  # fmt: skip
    with office.engine.connect() as connection:
        account = connection.exec_driver_sql("SELECT max(id) FROM party_account").scalar_one()
    with transaction(office.engine) as session:
        leroux = add_contact(
            session,
            company_id=company,
            by=SETUP,
            at=office.now - KNOWN_SINCE,
            contact=ContactDetails("M. Leroux", phone="02 40 11 22 33"),
        )
    with office.sits(office.book.people.ines) as ines:
        path = f"/backoffice/accounts/{account}/confirmation"
        assert ines.get(path).status_code == 200
        assert ines.post(path, data={"why": "Called him"}).status_code == 422
        called = {"why": "Called him", "contact": str(leroux)}
        assert ines.post(path, data=called).status_code == 303


def test_a_reserve_and_an_exclusion_are_set_and_ended(office: Office) -> None:
    path = f"/backoffice/contracts/{office.book.alpha}"
    people = office.book.people
    with office.sits(people.alice) as alice:
        reserve = {"kind": "urssaf", "amount": "50", "reason": "Certificate asked for"}
        assert alice.post(f"{path}/reserves", data=reserve).status_code == 303
        debtor = {"siren": people.leroy.firm.siren, "why": "Cash customer"}
        assert alice.post(f"{path}/exclusions", data=debtor).status_code == 303
        assert alice.post(f"{path}/exclusions", data=debtor).status_code == 422
        with transaction(office.engine) as session:
            kept = contracts.reserves(session, office.book.alpha)
        assert alice.post(f"{path}/reserves/{kept[0].id}/end").status_code == 303
        freed = {"debtor_id": str(people.leroy.id)}
        assert alice.post(f"{path}/exclusions/end", data=freed).status_code == 303


def test_access_is_given_and_closed(office: Office) -> None:
    form = {"name": "Zoé Neuve", "email": "zoe@cessio.example", "role": "collector",
            "language": "fr"}  # fmt: skip
    with office.sits(office.book.people.eva) as eva:
        assert eva.post("/backoffice/users", data=form).status_code == 303
        assert eva.post("/backoffice/users", data=form).status_code == 422
        jules = office.book.people.jules.id
        closed = eva.post(f"/backoffice/users/{jules}/access", data={"close": "yes"})
        assert closed.status_code == 303
        assert eva.get("/backoffice/users/roles").status_code == 200
        assert "Zoé Neuve" in eva.get("/backoffice/users").text


def _cover(session: Session, office: Office) -> int:
    return effective_limits(
        session, contract_id=office.book.alpha, debtor_id=office.book.people.mercier.id,
        on=office.now.date(),
    ).cover_minor  # fmt: skip


def _fields(page: str, action: str = "/terms") -> dict[str, list[str]]:
    """The fields of the form of an action as the page shows them."""
    document: Any = html.document_fromstring(page)
    form = next(one for one in document.forms if action in (one.action or ""))
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        if name != "csrf_token" and value:
            sent.setdefault(name, []).append(str(value))
    return sent
