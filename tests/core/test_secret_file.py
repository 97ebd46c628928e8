import multiprocessing
import stat

import pytest

from core import secret_file


def test_makes_secrets_once_and_only_for_its_owner(tmp_path):
    first = secret_file.load_or_create(tmp_path)

    mode = (tmp_path / secret_file.NAME).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert secret_file.load_or_create(tmp_path) == first
    assert len({first.field_key, first.code_key, first.form_key, first.crm_key}) == 4


def test_two_appliances_share_no_secret(tmp_path):
    one = secret_file.load_or_create(tmp_path / "one")

    assert secret_file.load_or_create(tmp_path / "two") != one


def test_refuses_a_file_that_others_can_read(tmp_path):
    secret_file.load_or_create(tmp_path)
    (tmp_path / secret_file.NAME).chmod(0o644)

    with pytest.raises(secret_file.SecretFileError, match="chmod 600"):
        secret_file.load_or_create(tmp_path)


@pytest.mark.parametrize("text", ["", "not toml", 'field_key = "ab"\n'])
def test_refuses_a_damaged_file_rather_than_making_a_new_one(tmp_path, text):
    secret_file.load_or_create(tmp_path)
    (tmp_path / secret_file.NAME).write_text(text)

    with pytest.raises(secret_file.SecretFileError, match="restore"):
        secret_file.load_or_create(tmp_path)


def test_programs_that_start_at_once_agree(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(_field_key, [tmp_path] * 8)

    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [secret_file.NAME]


def _field_key(folder):
    return secret_file.load_or_create(folder).field_key


def test_shows_nothing_when_printed(tmp_path):
    assert repr(secret_file.load_or_create(tmp_path)) == "Secrets(hidden)"
