import pytest

from backup.keys import BackupKeyError, PrivateKey, PublicKey

# Made by age-keygen.
PRIVATE = "AGE-SECRET-KEY-1CG9Z5LHJQX7G0MYUGY8K83DDTCQWQKT7EE9WTQGPWH8RWAFFE5WSRPZC5A"
PUBLIC = "age1ek508kpqcv8lwhcla6edup8mhh9x0z2j2sv0vhj530e3346pkgwq8aeztq"


def test_the_public_key_of_age_s_private_key_is_age_s():
    assert PrivateKey.parse(PRIVATE).public().text() == PUBLIC


def test_keys_are_read_as_they_are_written():
    key = PrivateKey.new()

    assert PrivateKey.parse(key.text()) == key
    assert PublicKey.parse(key.public().text()) == key.public()


def test_age_s_own_key_file_is_read():
    assert PrivateKey.parse(f"# created: today\n# public key: {PUBLIC}\n{PRIVATE}\n")


WRONG = {
    "mistyped": PRIVATE[:-1] + "Q",
    "a letter left out": PRIVATE[:30] + PRIVATE[31:],
    "two letters swapped": PRIVATE[:20] + PRIVATE[21] + PRIVATE[20] + PRIVATE[22:],
    "the public one": PUBLIC,
    "half of it in small letters": PRIVATE[:40] + PRIVATE[40:].lower(),
    "two of them": f"{PRIVATE}\n{PRIVATE}",
    "nothing": "",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_wrong_key_is_refused_and_not_repeated(text):
    with pytest.raises(BackupKeyError) as caught:
        PrivateKey.parse(text)

    assert not text or text not in str(caught.value)


def test_a_private_key_hides_itself():
    assert "SECRET" not in repr(PrivateKey.parse(PRIVATE)).upper()
