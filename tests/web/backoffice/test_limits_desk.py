"""The credit analyst's desk: the queue, the decision, the second person, groups, rules, watch."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from cessio import house
from cessio.house import Act
from cessio.limits import effective_limits, operations
from cessio.limits import queries as limits
from cessio.limits.operations import NewGroupLimit
from cessio.limits.queries import EffectiveLimits
from cessio.parties.operations import join_group
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.people import SettledDebtor
from tests.web.agreed import agree
from tests.web.backoffice.office import MOST_STATEMENTS, Office

DECIDE = "/backoffice/limits/decide"


def asked(office: Office, debtor: SettledDebtor, minor: int, days_ago: int = 0) -> int:
    with transaction(office.engine) as session:
        return operations.ask_for_limit(
            session, contract_id=office.book.alpha, debtor_id=debtor.id, amount_minor=minor,
            by=office.book.people.fanny.by, at=office.now - timedelta(days=days_ago),
        )  # fmt: skip


def form(office: Office, debtor: SettledDebtor, amount: str, **more: str) -> dict[str, str]:
    return {"contract": str(office.book.alpha), "debtor": str(debtor.id), "kind": "cover",
            "amount": amount, **more}  # fmt: skip


def held(office: Office, debtor: SettledDebtor) -> EffectiveLimits:
    with transaction(office.engine) as session:
        return effective_limits(session, contract_id=office.book.alpha, debtor_id=debtor.id,
                                on=office.now.date())  # fmt: skip


def capped(office: Office, minor: int) -> int:
    people = office.book.people
    with office.engine.connect() as connection:
        companies = [
            connection.execute(
                text("SELECT company_id FROM debtor WHERE id = :id"), {"id": one.id}
            ).scalar_one()
            for one in (people.durand, people.mercier)
        ]
    with transaction(office.engine) as session:
        group = join_group(session, company_ids=companies, name="Groupe Durand",
                           by=people.alice.by, at=office.now)  # fmt: skip
        operations.decide_group_limit(
            session, limit=NewGroupLimit(group_id=group, amount_minor=minor), by=people.chloe.by,
            at=office.now,
        )  # fmt: skip
    return group


def ruled(office: Office, alone: int) -> None:
    with transaction(office.engine) as session:
        house.set_authority(session, act=Act.GRANT_LIMIT, up_to_minor={},
                            second_from_minor=alone + 1, by="system:setup",
                            at=office.now)  # fmt: skip


def test_late_answers_come_first_and_deciding_opens_the_next(office: Office) -> None:
    people = office.book.people
    late = asked(office, people.leroy, 500_00, days_ago=10)
    with office.sits(people.chloe) as chloe:
        with counted(office.engine) as statements:
            page = chloe.get("/backoffice/limits").text
        assert len(statements) <= 20
        order = re.findall(r"<tr><th scope=\"row\"><a href=\"[^\"]*request=(\d+)", page)
        assert order == [str(late), str(office.request)]
        assert re.search(r"en retard de \d jours ouvrés", page)
        first = chloe.get("/backoffice/limits/next").headers["location"]
        assert first == f"{DECIDE}?request={late}&desk=1"
        shown = chloe.get(first).text
        assert f"/backoffice/limits/next?after={late}" in shown
        sent = {**form(office, people.leroy, "500,00"), "request": str(late)}
        preview = chloe.post(f"{DECIDE}?desk=1", data=sent)
        assert f'action="{DECIDE}?desk=1"' in preview.text
        done = chloe.post(f"{DECIDE}?desk=1", data={**sent, "confirmed": "yes"})
        assert done.headers["location"] == "/backoffice/limits/next"
        second = chloe.get("/backoffice/limits/next").headers["location"]
        assert f"request={office.request}&" in second
        answered = chloe.get("/backoffice/limits?state=answered").text
        assert "Leroy" in answered or people.leroy.firm.name in answered
    assert held(office, people.leroy).cover_minor == 500_00


def test_a_request_is_refused_with_one_key_and_a_reason(office: Office) -> None:
    people = office.book.people
    sent = {**form(office, people.mercier, "2 000,00"), "request": str(office.request),
            "refuse": "yes"}  # fmt: skip
    with office.sits(people.chloe) as chloe:
        missing = chloe.post(DECIDE, data=sent)
        assert missing.status_code == 422
        preview = chloe.post(DECIDE, data={**sent, "reason": "too young"})
        assert 'name="amount" value="0"' in preview.text
        done = chloe.post(DECIDE, data={
            **form(office, people.mercier, "0"), "request": str(office.request),
            "reason": "too young", "confirmed": "yes",
        })  # fmt: skip
        assert done.status_code == 303
    with transaction(office.engine) as session:
        assert limits.request(session, office.request).answer == "refused"


def test_the_queue_is_filtered_and_exported_as_it_is_shown(office: Office) -> None:
    people = office.book.people
    asked(office, people.leroy, 500_00, days_ago=10)
    with office.sits(people.chloe) as chloe:
        late = chloe.get("/backoffice/limits?due=late&format=csv").text
        assert people.leroy.firm.name in late
        assert people.mercier.firm.name not in late
        everything = chloe.get("/backoffice/limits?sort=-amount").text
        assert formats.money(2_500_00, "EUR", code="fr") in everything


def test_beyond_authority_a_second_person_decides_what_was_shown(office: Office) -> None:
    people = office.book.people
    ruled(office, 1_000_00)
    sent = {**form(office, people.mercier, "2 000,00"), "request": str(office.request)}
    with office.sits(people.chloe) as chloe:
        assert "Une personne seule décide" in chloe.post(DECIDE, data=sent).text
        done = chloe.post(DECIDE, data={**sent, "confirmed": "yes"})
        path = done.headers["location"]
        assert path.startswith("/backoffice/limits/proposals/")
        shown = chloe.get(path).text
        assert "quelqu’un d’autre décide" in shown
        seen = digest(office, path)
        own = chloe.post(f"{path}/decision", data={"answer": "approve", "seen": seen})
        assert own.status_code == 422
    assert held(office, people.mercier).cover_minor == 500_00, "the contract's blanket, as before"
    with office.sits(people.bruno) as bruno:
        assert path in bruno.get("/backoffice/approvals").text
        assert path in bruno.get("/backoffice").text
        with counted(office.engine) as statements:
            bruno.get(path)
        assert len(statements) <= MOST_STATEMENTS
        stale = bruno.post(f"{path}/decision", data={"answer": "approve", "seen": "00"})
        assert stale.status_code == 422
        agreed = bruno.post(f"{path}/decision", data={"answer": "approve", "seen": seen})
        assert agreed.status_code == 303
        assert bruno.get(path).status_code == 200
    assert held(office, people.mercier).cover_minor == 2_000_00
    with transaction(office.engine) as session:
        assert limits.request(session, office.request).answer == "granted"


def digest(office: Office, path: str) -> str:
    with transaction(office.engine) as session:
        row = limits.proposal(session, int(path.rsplit("/", 1)[1]))
        return operations.proposal_hash(row).hex()


def test_a_proposal_refused_leaves_the_request_waiting(office: Office) -> None:
    people = office.book.people
    ruled(office, 1_000_00)
    sent = {**form(office, people.mercier, "2 000,00"), "request": str(office.request)}
    with office.sits(people.chloe) as chloe:
        path = chloe.post(DECIDE, data={**sent, "confirmed": "yes"}).headers["location"]
        assert chloe.get("/backoffice/limits/next").headers["location"] == "/backoffice/limits"
    with office.sits(people.ines) as ines:
        answer = {"answer": "reject", "seen": digest(office, path)}
        assert ines.post(f"{path}/decision", data=answer).status_code == 422
        answer["reason"] = "too much on one debtor"
        assert ines.post(f"{path}/decision", data=answer).status_code == 303
    with transaction(office.engine) as session:
        assert limits.request(session, office.request).answer is None


def test_beyond_the_cap_of_the_group_a_reason_and_a_second_person_are_needed(
    office: Office,
) -> None:
    people = office.book.people
    group = capped(office, 2_500_00)
    with office.sits(people.chloe) as chloe:
        shown = chloe.post(DECIDE, data=form(office, people.mercier, "2 000,00")).text
        assert "Groupe Durand" in shown
        assert formats.money(1_000_00, "EUR", code="fr") in shown, "1 000 + 500 + 2 000 of 2 500"
        bare = {**form(office, people.mercier, "2 000,00"), "confirmed": "yes"}
        assert chloe.post(DECIDE, data=bare).status_code == 422
        proposed = chloe.post(DECIDE, data={**bare, "reason": "Insurer agreed in writing"})
        assert "/proposals/" in proposed.headers["location"]
        fits = chloe.post(DECIDE, data={**form(office, people.mercier, "900,00"),
                                        "confirmed": "yes"})  # fmt: skip
        assert "/pairs/" in fits.headers["location"]
    assert held(office, people.mercier).cover_minor == 900_00
    with transaction(office.engine) as session:
        assert not limits.open_proposals(session), "the decision took the proposal's place"
        assert limits.group_limits(session, group_ids=[group])


GROUP_OWED = """
SELECT sum(entry.amount_minor) FROM ledger_entry AS entry
  JOIN receivable ON receivable.id = entry.receivable_id
 WHERE receivable.debtor_id = ANY(:debtors)
"""


def test_a_group_owes_what_its_companies_owe_in_the_ledger(office: Office) -> None:
    people = office.book.people
    group = capped(office, 1_000_00)
    with office.engine.connect() as connection:
        debtors = [people.durand.id, people.mercier.id]
        owed = connection.execute(text(GROUP_OWED), {"debtors": debtors}).scalar_one()
    with office.sits(people.chloe) as chloe:
        for path in (f"/backoffice/groups/{group}", "/backoffice/groups"):
            with counted(office.engine) as statements:
                page = chloe.get(path).text
            assert len(statements) <= 25
            assert formats.money(int(owed), "EUR", code="fr") in page, path
        assert "Groupe Durand" in chloe.get("/backoffice/groups?show=beyond").text
        csv = chloe.get(f"/backoffice/groups/{group}?format=csv")
        assert csv.text.count("\n") >= 3


def test_a_cap_is_decided_and_lifted_on_the_page_of_the_group(office: Office) -> None:
    group = capped(office, 1_000_00)
    path = f"/backoffice/groups/{group}/limit"
    facts: dict[str, Any] = {"kind": "cover", "amount": "9 000,00", "insurer": "Coface"}
    with office.sits(office.book.people.chloe) as chloe:
        assert chloe.get(path).status_code == 200
        assert chloe.post(path, data={**facts, "amount": "x"}).status_code == 422
        assert chloe.post(path, data=facts).status_code == 303
        with transaction(office.engine) as session:
            (cap,) = limits.group_limits(session, group_ids=[group])
        assert (cap.amount_minor, cap.insurer) == (9_000_00, "Coface")
        chloe.post(f"/backoffice/groups/limits/{cap.id}/end", data={})
    with transaction(office.engine) as session:
        assert not limits.group_limits(session, group_ids=[group])


def test_the_rules_of_the_desk_are_set_by_those_who_may(office: Office) -> None:
    people = office.book.people
    answers = {"from_0": "0", "days_0": "1", "from_1": "50 000,00", "days_1": "4"}
    with office.sits(people.chloe) as chloe:
        assert chloe.get("/backoffice/limits/rules").status_code == 200
        assert chloe.post("/backoffice/limits/rules/answers", data=answers).status_code == 303
        refused = chloe.post(
            "/backoffice/limits/rules/answers", data={"from_0": "5", "days_0": "1"}
        )
        assert refused.status_code == 422
        own = {"notice_days": "20"}
        assert chloe.post("/backoffice/limits/rules/authority", data=own).status_code == 403
    with office.sits(people.eva) as eva:
        done = eva.post("/backoffice/limits/rules/authority",
                        data={"notice_days": "20"})  # fmt: skip
        assert done.status_code == 303
        amounts = {"second": "75 000,00"}
        with office.sits(people.karine) as karine:
            agree(karine, eva.post("/backoffice/settings/authority/grant_limit", data=amounts))
        assert "75\u202f000,00" in eva.get("/backoffice/limits/rules").text
    with transaction(office.engine) as session:
        assert [one.band.business_days for one in limits.promises(session)] == [1, 4]
        policy = limits.policy(session)
    assert policy.notice_days == 20


def test_the_watch_says_when_the_client_was_told(office: Office) -> None:
    people, on = office.book.people, office.now.date()
    sent = form(office, people.mercier, "3 000,00", valid_to=(on + timedelta(days=10)).isoformat(),
                confirmed="yes")  # fmt: skip
    with office.sits(people.chloe) as chloe:
        chloe.post(DECIDE, data=sent)
        with transaction(office.engine) as session:
            operations.announce_endings(session, on=on, by="job:limits.day", at=office.now)
        page = chloe.get("/backoffice/limits/watch").text
    told = page.split("Client prévenu")[1]
    assert formats.date(office.now, code="fr") in told
