import datetime as dt
import multiprocessing
import os
import stat

import pytest

from core import secret_file
from core.sealing import KeyMissingError, SealBrokenError, Sealer

# As it was written before field keys had numbers.
OLD_FILE = "".join(
    f'{name} = "{digit * 64}"\n'
    for name, digit in (("field_key", "1"), ("code_key", "2"), ("form_key", "3"), ("crm_key", "4"))
)


def mode(folder):
    return stat.S_IMODE((folder / secret_file.NAME).stat().st_mode)


def rotate(folder, now):
    secret_file.replace(folder, secret_file.load(folder).with_new_field_key(now))


@pytest.fixture
def old_folder(tmp_path):
    path = tmp_path / secret_file.NAME
    path.touch(0o600)
    path.write_text(OLD_FILE)
    return tmp_path


def test_makes_secrets_once_and_only_for_its_owner(tmp_path):
    first = secret_file.load_or_create(tmp_path)

    assert mode(tmp_path) == 0o600
    assert secret_file.load_or_create(tmp_path) == first
    field_key = first.field_keys[0].key
    every = {field_key, first.lookup_key, first.code_key, first.form_key, first.crm_key}
    assert len(every) == 5


def test_two_appliances_share_no_secret(tmp_path):
    one = secret_file.load_or_create(tmp_path / "one")

    assert secret_file.load_or_create(tmp_path / "two") != one


def test_refuses_a_file_that_others_can_read(tmp_path):
    secret_file.load_or_create(tmp_path)
    (tmp_path / secret_file.NAME).chmod(0o644)

    with pytest.raises(secret_file.SecretFileError, match="chmod 600"):
        secret_file.load_or_create(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("not toml", id="no TOML"),
        pytest.param('field_key = "ab"\n', id="a short key"),
        pytest.param(OLD_FILE.replace("crm_key", "other"), id="a key missing"),
        pytest.param(OLD_FILE.replace("field_key", "lookup_key"), id="no field key"),
        pytest.param("field_keys = 5\n", id="a number for keys"),
        pytest.param("field_keys = []\n" + OLD_FILE.replace("field_key", "lookup_key"), id="none"),
    ],
)
def test_refuses_a_damaged_file_rather_than_making_a_new_one(tmp_path, text):
    secret_file.load_or_create(tmp_path)
    (tmp_path / secret_file.NAME).write_text(text)

    with pytest.raises(secret_file.SecretFileError, match="restore"):
        secret_file.load_or_create(tmp_path)


@pytest.mark.parametrize("number", ["0", "256", "1", '"2"'])
def test_refuses_a_number_that_is_none_or_given_twice(tmp_path, now, number):
    secret_file.load_or_create(tmp_path)
    rotate(tmp_path, now)
    path = tmp_path / secret_file.NAME
    path.write_text(path.read_text().replace("number = 2", f"number = {number}"))

    with pytest.raises(secret_file.SecretFileError, match="restore"):
        secret_file.load(tmp_path)


def test_programs_that_start_at_once_agree(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(_field_key, [tmp_path] * 8)

    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [secret_file.NAME]


def _field_key(folder):
    return secret_file.load_or_create(folder).field_keys[0].key


def test_shows_nothing_when_printed(tmp_path):
    found = secret_file.load_or_create(tmp_path)

    assert repr(found) == "Secrets(hidden)"
    assert repr(found.field_keys[0]) == "FieldKey(1, hidden)"


def test_a_file_from_before_keys_had_numbers_is_read_as_key_1(old_folder):
    found = secret_file.load(old_folder)

    assert [(each.number, each.key) for each in found.field_keys] == [(1, b"\x11" * 32)]
    # What one key alone made of it then: every blind index stays as it is.
    then = Sealer(b"\x11" * 32)
    now = secret_file.open_sealer(old_folder)
    assert now.lookup("phone", b"+8613800138000") == then.lookup("phone", b"+8613800138000")
    assert then.lookup("phone", b"+8613800138000").hex() == "b8af57043b3cbb7fb1adbdd4a904c4b6"


def test_a_new_key_goes_beside_the_earlier_ones_and_changes_no_other(old_folder, now):
    before = secret_file.load(old_folder)
    rotate(old_folder, now)
    after = secret_file.load(old_folder)

    assert [each.number for each in after.field_keys] == [1, 2]
    assert after.field_keys[1].made_at == now
    assert after.field_keys[0].key == before.field_keys[0].key != after.field_keys[1].key
    assert after.lookup_key == before.lookup_key
    assert after.code_key == before.code_key
    assert mode(old_folder) == 0o600
    assert [path.name for path in old_folder.iterdir()] == [secret_file.NAME]


def test_the_file_keeps_its_owner_when_root_puts_a_key_in(tmp_path, now):
    secret_file.load_or_create(tmp_path)
    path = tmp_path / secret_file.NAME
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    before = path.stat()
    rotate(tmp_path, now)
    after = path.stat()

    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


def test_a_number_is_never_given_twice(tmp_path, now):
    secret_file.load_or_create(tmp_path)
    rotate(tmp_path, now)
    secret_file.replace(tmp_path, secret_file.load(tmp_path).with_field_keys({2}))
    rotate(tmp_path, now)

    assert [each.number for each in secret_file.load(tmp_path).field_keys] == [2, 3]


def test_there_is_an_end_of_numbers(tmp_path):
    full = secret_file.load_or_create(tmp_path)
    for _ in range(254):
        full = full.with_new_field_key(dt.datetime.now(dt.UTC))

    with pytest.raises(secret_file.SecretFileError, match="255"):
        full.with_new_field_key(dt.datetime.now(dt.UTC))


def test_a_running_sealer_learns_of_new_keys_and_loses_forgotten_ones(tmp_path, now):
    sealer = secret_file.open_sealer(tmp_path)
    first = sealer.seal("a", b"value")
    rotate(tmp_path, now)

    assert sealer.seal("a", b"value")[0] == 2
    assert sealer.open("a", first) == b"value"
    secret_file.replace(tmp_path, secret_file.load(tmp_path).with_field_keys({2}))
    sealer.seal("a", b"value")
    with pytest.raises(SealBrokenError, match="key 1"):
        sealer.open("a", first)


def test_without_its_file_a_running_sealer_seals_nothing_and_opens_what_it_can(tmp_path):
    sealer = secret_file.open_sealer(tmp_path)
    sealed = sealer.seal("a", b"value")
    (tmp_path / secret_file.NAME).unlink()

    assert sealer.open("a", sealed) == b"value"
    with pytest.raises(KeyMissingError, match="key 2"):
        sealer.open("a", b"\x02" + sealed[1:])
    with pytest.raises(secret_file.SecretFileError, match="restore"):
        sealer.seal("a", b"value")


def test_one_process_at_a_time_changes_keys(tmp_path):
    with (
        secret_file.changing(tmp_path),
        pytest.raises(secret_file.SecretFileError, match="wait"),
        secret_file.changing(tmp_path),
    ):
        pass
    with secret_file.changing(tmp_path):
        pass
