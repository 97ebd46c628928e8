import pytest
from werkzeug.security import generate_password_hash

from analytics.dashboard import passwords

PASSWORD = "correct horse battery"
OLD = generate_password_hash(PASSWORD, method="scrypt:1024:8:1")
WEAK = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"


def test_hashes_with_argon2id_and_salt():
    one, another = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)

    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != another
    assert len(one) <= 255
    assert not passwords.is_dated(one)


@pytest.mark.parametrize("known", [passwords.hashed(PASSWORD), OLD], ids=["argon2", "scrypt"])
def test_only_the_password_matches(known):
    assert passwords.matches(known, PASSWORD)
    assert not passwords.matches(known, PASSWORD + "x")
    assert not passwords.matches(known, "")


@pytest.mark.parametrize("known", [None, "", "$argon2id$nonsense"])
def test_nothing_matches_where_there_is_no_hash(known):
    assert not passwords.matches(known, PASSWORD)


def test_hashes_of_earlier_versions_are_dated():
    assert passwords.is_dated(OLD)
    assert passwords.is_dated(WEAK)
