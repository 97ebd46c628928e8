import os
import subprocess
import sys

import click
import pytest

from appliance import cli


def doorman(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "appliance", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | variables,
    )


def test_help_names_every_command():
    result = doorman("--help")

    assert result.returncode == 0
    assert all(name in result.stdout for name in ("demo", "portal", "gate", "estimate", "doctor"))


@pytest.mark.parametrize("command", ["portal", "gate", "dashboard", "jobs", "migrate", "report"])
def test_a_wrong_setting_stops_the_start_and_is_named(command):
    result = doorman(command, DOORMAN_PORTAL__PORT="99999")

    assert result.returncode == 2
    assert "portal.port" in result.stderr
    assert "65535" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_gate_prints_the_rules_for_the_interfaces_set():
    result = doorman("gate", "--ruleset", DOORMAN_GATE__SHOPPER_INTERFACE="guests0")

    assert result.returncode == 0
    assert '"guests0"' in result.stdout


def test_the_gate_names_a_user_that_does_not_exist():
    result = doorman("gate", DOORMAN_GATE__ALLOWED_USERS='["nobody-of-that-name"]')

    assert result.returncode == 2
    assert "gate.allowed_users" in result.stderr


def test_migrate_says_where_it_came_from(tmp_path):
    first = doorman("migrate", DOORMAN_DATA_DIR=str(tmp_path))
    second = doorman("migrate", DOORMAN_DATA_DIR=str(tmp_path))

    assert "empty ->" in first.stdout
    assert "already at" in second.stdout


def commands_of(command, name="doorman"):
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            yield from commands_of(command.get_command(context, each), f"{name} {each}")


def test_help_says_what_each_command_and_each_option_is_for():
    commands = dict(commands_of(cli.doorman))
    options = [
        (name, option)
        for name, command in commands.items()
        for option in command.params
        if isinstance(option, click.Option)
    ]

    assert [name for name, command in commands.items() if not command.help] == []
    assert [(name, option.opts) for name, option in options if not option.help] == []
    assert len(options) > 50
