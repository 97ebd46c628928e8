"""The configuration, as FreeRADIUS itself reads it."""

import subprocess

import pytest

from gear.radius import freeradius, nas
from tests.gear.radius.conftest import SECRET, radius_settings


@pytest.fixture
def written(tmp_path):
    found = radius_settings((18120, 18130, 18140, 18150), 0)
    text = freeradius.write(found, nas.read(found))
    (tmp_path / "radiusd.conf").write_text(text)
    return text


def test_freeradius_finds_nothing_wrong_with_it(written, tmp_path):
    program = freeradius.find_program()
    if program is None:
        pytest.skip("FreeRADIUS is not installed (apt-get install freeradius freeradius-rest)")
    checked = subprocess.run(
        [program, "-C", "-x", "-d", tmp_path, "-l", "stdout"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout
    assert "forcing to" not in checked.stdout


def test_every_gateway_has_to_sign_its_questions(written):
    clients = written.count("\tipaddr = 127.0.0.1\n\t\tsecret") + written.count(SECRET)

    assert written.count("require_message_authenticator = yes") == clients == 2


def test_the_password_between_it_and_the_gate_is_another_with_other_secrets(written):
    found = radius_settings((1, 2, 3, 4), 0)
    others = found.model_copy(update={"secrets": {"ac1": type(found.secrets["ac1"])(SECRET * 2)}})

    passwords = {nas.service_password(nas.read(each)) for each in (found, others)}
    assert len(passwords) == 2
    assert SECRET not in "".join(passwords)
