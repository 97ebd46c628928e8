import datetime as dt

import pytest

from analytics.dashboard import accounts, second_factor, totp
from core.models import user as users
from core.models.user import User
from core.sealing import Sealer

STEP = dt.timedelta(seconds=totp.STEP_S)


@pytest.fixture
def alice(any_database, sealer, now):
    """The id of a user who has begun to set it up."""
    accounts.add(any_database, "alice", "correct horse battery", now)
    number = accounts.id_of(any_database, "alice")
    second_factor.begin(any_database, sealer, number)
    return number


@pytest.fixture
def code_at(any_database, sealer, alice):
    def make(moment):
        with any_database.reading() as session:
            sealed = session.get_one(User, alice).sealed_totp_secret
        secret = sealer.open(users.TOTP_SECRET, sealed)
        return totp.code(secret, int(moment.timestamp()) // totp.STEP_S)

    return make


@pytest.fixture
def check(any_database, sealer, alice):
    return lambda typed, at: second_factor.check(any_database, sealer, alice, typed, at)


def test_nothing_is_asked_for_before_a_code_has_confirmed_it(
    any_database, sealer, alice, code_at, now
):
    assert not second_factor.is_on(any_database, alice)
    assert not second_factor.confirm(any_database, sealer, alice, "000000x", now)
    assert not second_factor.is_on(any_database, alice)

    assert second_factor.confirm(any_database, sealer, alice, code_at(now), now)
    assert second_factor.is_on(any_database, alice)


def test_a_code_is_good_once_and_none_before_it_after(check, code_at, now):
    earlier, this = code_at(now - STEP), code_at(now)

    assert check(this, now)
    assert not check(this, now)
    assert not check(this, now + STEP)
    assert not check(earlier, now)
    assert check(code_at(now + STEP), now + STEP)


def test_the_secret_is_shown_until_it_is_confirmed_and_then_no_more(
    any_database, sealer, alice, code_at, now
):
    draft = second_factor.draft(any_database, sealer, alice, "Doorman")
    assert draft.address.startswith("otpauth://totp/Doorman%3Aalice?secret=")
    assert draft.printed.replace(" ", "") in draft.address
    assert draft.printed not in repr(draft)

    second_factor.confirm(any_database, sealer, alice, code_at(now), now)
    assert second_factor.draft(any_database, sealer, alice, "Doorman") is None


def test_a_secret_in_use_is_not_replaced_by_beginning_anew(
    any_database, sealer, alice, code_at, now
):
    second_factor.confirm(any_database, sealer, alice, code_at(now), now)
    before = code_at(now + STEP)
    second_factor.begin(any_database, sealer, alice)

    assert code_at(now + STEP) == before
    assert second_factor.is_on(any_database, alice)


def test_the_secret_lies_sealed_and_without_its_key_lets_nobody_in(
    any_database, alice, code_at, now
):
    other = Sealer(bytes(32))

    assert not second_factor.check(any_database, other, alice, code_at(now), now)
    assert second_factor.draft(any_database, other, alice, "Doorman") is None


def test_taken_off_it_is_as_if_it_had_never_been(any_database, sealer, alice, code_at, now):
    typed = code_at(now)
    second_factor.confirm(any_database, sealer, alice, typed, now)
    second_factor.take_off(any_database, alice)

    assert not second_factor.is_on(any_database, alice)
    assert not second_factor.check(any_database, sealer, alice, typed, now + STEP)
    assert second_factor.draft(any_database, sealer, alice, "Doorman") is None
