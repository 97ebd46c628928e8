"""The rules are tested in tests/core/test_one_member.py; here, that the database follows them."""

import datetime as dt

import pytest

from core.models.consent import Consent, Purpose
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from portal.members import membership
from portal.members.membership import Proof

KINDS = {"+": IdentityKind.PHONE, "u": IdentityKind.UNIONID, "a": IdentityKind.OPENID}


class Register:
    """Proofs come in; whose are they?"""

    def __init__(self, database, sealer, noon):
        self.database, self.sealer, self.noon = database, sealer, noon

    def claim(self, proof, hour=0, *, enrols=True):
        """`proof` is written like "+1 u1"; the result: (member's id, is new, absorbed)."""
        keys = {KINDS[word[0]]: word for word in proof.split()}
        at = self.noon + dt.timedelta(hours=hour)
        with self.database.writing() as session:
            claim = membership.claim(
                session, self.sealer, Proof(keys, at), language="zh", enrols=enrols, now=at
            )
            return claim and (claim.member.public_id, claim.is_new, list(claim.absorbed))

    def find(self, proof, hour=0):
        """As `claim`, but changes nothing; the member's id."""
        keys = {KINDS[word[0]]: word for word in proof.split()}
        at = self.noon + dt.timedelta(hours=hour)
        with self.database.reading() as session:
            found = membership.find(session, self.sealer, Proof(keys, at))
            return found and found.public_id

    def members(self):
        with self.database.reading() as session:
            sets = {}
            for row in session.query(Identity):
                value = self.sealer.open("identities.sealed_value", row.sealed_value).decode()
                sets.setdefault(row.member_id, []).append(value)
            assert set(sets) == {row.id for row in session.query(Member)}
            return {" ".join(sorted(each)) for each in sets.values()}


@pytest.fixture
def register(any_database, sealer, now):
    return Register(any_database, sealer, now)


def test_nobody_becomes_a_member_without_asking(register):
    assert register.claim("+1", enrols=False) is None
    assert register.members() == set()


def test_who_is_one_is_known_again(register):
    first, is_new, _ = register.claim("+1")
    assert is_new
    assert register.claim("+1", hour=1, enrols=False) == (first, False, [])


@pytest.mark.parametrize(
    ("proofs", "members"),
    [
        pytest.param(["+1", "u1 +1"], {"+1 u1"}, id="a number gets its WeChat"),
        pytest.param(["u1", "+1", "u1 +1"], {"+1 u1"}, id="two turn out to be one"),
        pytest.param(["u1 +1", "u1 +2"], {"+1 +2 u1"}, id="a second number"),
        pytest.param(["u1 +1", "u2 +1"], {"u1", "+1 u2"}, id="a number of a stranger"),
        pytest.param(["a:1 +1", "a:1 u1", "u1 +2"], {"+1 +2 a:1 u1"}, id="openid, then unionid"),
    ],
)
def test_examples(register, proofs, members):
    for hour, proof in enumerate(proofs):
        register.claim(proof, hour)

    assert register.members() == members


@pytest.mark.parametrize(
    ("proof", "whose"),
    [
        pytest.param("+1", "u1 +1", id="a number, whoever has it now"),
        pytest.param("u1", "u1 +1", id="a WeChat account"),
        pytest.param("u1 +9", "u1 +1", id="with a number that nobody has"),
        pytest.param("u2 +1", "u2", id="with a stranger's old number"),
        pytest.param("u9 +1", None, id="new, with a stranger's old number"),
        pytest.param("u9 +3", "+3", id="new, with a number of no WeChat account"),
    ],
)
def test_found_is_whom_a_claim_would_find(register, proof, whose):
    members = {each: register.claim(each)[0] for each in ("u1 +1", "u2", "+3")}

    assert register.find(proof, hour=1) == members.get(whose)
    claimed = register.claim(proof, hour=1, enrols=False)
    assert (claimed and claimed[0]) == members.get(whose)


def test_late_news_takes_no_number_away(register):
    register.claim("u1 +1", hour=5)
    register.claim("u2 +1", hour=3)

    assert register.members() == {"+1 u1", "u2"}


def test_the_first_to_enrol_stays_and_says_who_is_gone(register):
    old, *_ = register.claim("u1", hour=0)
    young, *_ = register.claim("+1", hour=1)

    assert register.claim("u1 +1", hour=2) == (old, False, [young])


def test_what_was_agreed_to_goes_with_the_person(register, any_database, now):
    register.claim("u1")
    register.claim("+1", hour=1)
    with any_database.writing() as session:
        young = session.query(Member).order_by(Member.id.desc()).first()
        session.add(
            Consent(
                account_lookup=bytes(16),
                member_id=young.id,
                purpose=Purpose.MARKETING,
                wording_version="w",
                language="zh",
                given_at=now,
            )
        )
    register.claim("u1 +1", hour=2)

    with any_database.reading() as session:
        [member] = session.query(Member)
        [consent] = session.query(Consent)
        assert consent.member_id == member.id


def test_every_column_that_names_a_member_is_taken_along():
    named = {f"{table.name}.{column.name}" for table, column in membership._belongings()}

    assert {"identities.member_id", "consents.member_id", "grants.member_id"} <= named


def test_a_proof_hides_its_keys():
    proof = Proof({IdentityKind.PHONE: "+8613800138000"}, dt.datetime.now(dt.UTC))
    assert "138" not in repr(proof)
