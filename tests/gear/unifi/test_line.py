"""Logins, keys, certificates and faults of the console."""

import contextlib
import logging
import time

import pytest
import trustme
from pydantic import SecretStr

from core.settings import SettingsError
from gate.shape import GateFailedError, Limits
from gear.unifi.line import ConsoleRefusesError, ConsoleSilentError, Line
from tests.fakes.crm.server import BREAK_BEFORE, Reply
from tests.fakes.unifi import KEY, PASSWORD, FakeConsole
from tests.gear.conftest import ALICE

NO_LIMITS = Limits()


def test_logs_in_once_for_many_questions(gate_of, any_console):
    gate = gate_of(any_console)
    for _ in range(3):
        gate.read()
        gate.admit(ALICE, 60, NO_LIMITS)

    assert any_console.logins == 1


def test_a_login_that_is_over_is_renewed(gate, any_console, gate_of):
    gate = gate_of(any_console)
    gate.read()
    any_console.restart()
    gate.admit(ALICE, 60, NO_LIMITS)

    assert any_console.is_open(ALICE)
    assert any_console.logins == 2


def test_a_token_that_was_renewed_behind_our_back_is_renewed_here_too(gate, console):
    console.sessions = dict.fromkeys(console.sessions, "another")
    gate.admit(ALICE, 60, NO_LIMITS)

    assert console.is_open(ALICE)


def test_with_a_key_nobody_logs_in(gate_of, console):
    gate = gate_of(console, api_key=SecretStr(KEY), username="", password=SecretStr(""))
    gate.read()
    gate.admit(ALICE, 60, NO_LIMITS)

    assert console.is_open(ALICE)
    assert console.logins == 0


@pytest.mark.parametrize("key", ["wrong", KEY], ids=["wrong", "not-taken"])
def test_a_key_that_is_refused_says_what_to_do(gate_of, console, key):
    console.takes_keys = False
    gate = gate_of(console, api_key=SecretStr(key))

    with pytest.raises(ConsoleRefusesError, match=r"unifi\.username"):
        gate.read()


def test_a_wrong_password_is_not_tried_until_the_console_shuts_us_out(gate_of, any_console):
    gate = gate_of(any_console, password=SecretStr("wrong-secret"))
    for _ in range(10):
        with pytest.raises(ConsoleRefusesError) as caught:
            gate.admit(ALICE, 60, NO_LIMITS)
        assert "wrong-secret" not in str(caught.value)

    assert any_console.failures == 1


def test_a_console_of_another_authority_gets_no_password(gate_of, console, tmp_path):
    path = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(path))

    with pytest.raises(ConsoleSilentError, match=r"unifi\.ca_file"):
        gate_of(console, ca_file=str(path)).read()
    assert console.requests == []


@pytest.mark.parametrize(
    ("others", "named"),
    [
        pytest.param({"password": SecretStr("")}, "unifi.api_key", id="no-password"),
        pytest.param({"username": ""}, "unifi.api_key", id="nobody"),
        pytest.param({"ca_file": "/nowhere.pem"}, "unifi.ca_file", id="no-certificates"),
        pytest.param(
            {"console": "standalone", "api_key": SecretStr(KEY)}, "unifi.console", id="key"
        ),
    ],
)
def test_what_is_missing_is_named_at_start(settings_of, console, others, named):
    with pytest.raises(SettingsError, match=named):
        Line(settings_of(console, **others))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(BREAK_BEFORE, ConsoleSilentError, id="breaks"),
        pytest.param(Reply(503, b"<html>starting"), ConsoleSilentError, id="starts"),
        pytest.param(Reply(429, {}), ConsoleSilentError, id="too-often"),
        pytest.param(Reply(200, b"<html>a login page"), ConsoleSilentError, id="a-page"),
        pytest.param(Reply(200, []), ConsoleSilentError, id="a-list"),
        pytest.param(Reply(302, b"", {"Location": "/login"}), ConsoleSilentError, id="led-on"),
        pytest.param(
            Reply(200, {"meta": {"rc": "error", "msg": "api.err.Invalid"}, "data": []}),
            ConsoleRefusesError,
            id="refuses",
        ),
        pytest.param(
            Reply(400, {"meta": {"rc": "error", "msg": ALICE}, "data": []}),
            ConsoleRefusesError,
            id="repeats-us",
        ),
    ],
)
def test_a_fault_of_the_console_is_a_failure_and_names_nobody(gate, console, fault, error):
    console.order(fault)

    with pytest.raises(error) as caught:
        gate.admit(ALICE, 60, NO_LIMITS)
    assert ALICE not in str(caught.value)
    assert gate.find(ALICE) is None
    gate.admit(ALICE, 60, NO_LIMITS)
    assert console.is_open(ALICE)


def test_a_site_that_is_not_there_is_named(gate_of, authority):
    with FakeConsole(authority, site="shop7") as console:
        gate = gate_of(console)
        with pytest.raises(ConsoleRefusesError, match=r"unifi\.site"):
            gate.read()


def test_gives_up_before_the_gates_caller_does(gate, console):
    with console.lock:
        begun = time.monotonic()
        with pytest.raises(ConsoleSilentError, match="in time"):
            gate.admit(ALICE, 60, NO_LIMITS)

    assert time.monotonic() - begun < 2 + 1


def test_what_was_said_to_have_failed_does_not_come_true_later(settings_of, console):
    line = Line(settings_of(console))
    with contextlib.closing(line), pytest.raises(ConsoleSilentError):
        line.ask("POST", "cmd/stamgr", time.monotonic(), {"cmd": "authorize-guest", "mac": ALICE})

    assert console.asked("cmd/stamgr") == []
    assert not console.is_open(ALICE)


def test_a_user_who_may_log_in_and_not_read_is_not_logged_in_each_time(gate, console):
    for _ in range(4):
        console.faults.clear()
        # A look, a new login, and the look once more.
        console.order(Reply(403, {}), None, Reply(403, {}))
        with pytest.raises(ConsoleRefusesError):
            gate.read()

    assert len(console.asked("auth/login")) == 2


def test_no_secret_and_no_phone_in_any_log(gate, console, caplog):
    caplog.set_level(logging.DEBUG)
    gate.admit(ALICE, 60, NO_LIMITS)
    console.order(Reply(500, {}))
    with pytest.raises(GateFailedError):
        gate.revoke(ALICE)

    written = "".join(record.getMessage() for record in caplog.records if record.name == "gate")
    assert PASSWORD not in written
    assert ALICE not in written
    assert PASSWORD not in repr(gate._console.line._settings)
