from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.kernel.ids import (
    ActorKind,
    ActorUnreadable,
    actor,
    canonical,
    creditor_reference,
    fingerprint,
    is_creditor_reference,
    lock_key,
    reference,
)

parts = st.lists(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary(), st.dates()),
    max_size=5,
)


def test_an_actor_is_a_kind_and_a_name():
    person = actor("person:12")
    assert (person.kind, person.person_id, str(person)) == (ActorKind.PERSON, 12, "person:12")
    assert actor("job:settlement.daily").person_id is None
    assert actor("token:3").name == "3"


@pytest.mark.parametrize(
    "by", ["", "alice", "person:", "person:alice", "token:x", "god:1", "person:12\n", "job:A b"]
)
def test_what_does_not_name_an_actor_is_refused(by):
    with pytest.raises(ActorUnreadable):
        actor(by)


def test_references_are_padded():
    assert reference("CT", 42) == "CT-000042"
    assert reference("CT", 12345678) == "CT-12345678"


@given(parts, parts)
def test_different_parts_have_different_bytes(left, right):
    same = [type(p) for p in left] == [type(p) for p in right] and left == right
    assert (canonical(*left) == canonical(*right)) is same


def test_parts_cannot_slide_into_each_other():
    assert canonical("ab", "c") != canonical("a", "bc")
    assert canonical(1) != canonical(True) != canonical("1")


def test_equal_decimals_have_equal_bytes_and_floats_none():
    assert canonical(Decimal("1.10")) == canonical(Decimal("1.1"))
    with pytest.raises(TypeError):
        canonical(1.1)  # type: ignore[arg-type]


def test_a_fingerprint_never_changes_between_releases():
    digest = fingerprint("552100554", "FA1", date(2026, 1, 31), 12_000_00, None, True).hex()
    assert digest == "f0f7d16af0f2e35fe12fc17f64f03a9ff6d7e49ee50b9c49453fe4d0cdd9322a"


def test_lock_keys_fit_postgres_and_depend_on_their_namespace():
    assert -(2**63) <= lock_key("payout", 1) < 2**63
    assert lock_key("payout", 1) != lock_key("remittance", 1)


def test_creditor_reference_of_the_standard():
    assert creditor_reference("539007547034") == "RF18539007547034"
    assert is_creditor_reference("RF18 5390 0754 7034")
    assert not is_creditor_reference("RF18 5390 0754 7043")
    assert not is_creditor_reference("FR18")
    with pytest.raises(ValueError, match="capital"):
        creditor_reference("a-b")


@given(st.from_regex(r"[0-9A-Z]{1,21}", fullmatch=True), st.data())
def test_a_creditor_reference_detects_any_single_wrong_digit(body, data):
    text = creditor_reference(body)
    assert is_creditor_reference(text)
    place = data.draw(st.integers(2, len(text) - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    if text[place].isdigit() and text[place] != wrong:
        assert not is_creditor_reference(text[:place] + wrong + text[place + 1 :])
