"""`doorman health`, asked about programs that run and others that do not."""

import json

import pytest

from tests.appliance.box import Box

PROGRAMS = ("gate", "portal", "dashboard", "jobs")


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    return Box(tmp_path_factory.mktemp("box"))


def health(box, *arguments):
    answer = box.doorman("health", "--json", *arguments)
    told = json.loads(answer.stdout)
    assert told["ok"] == (answer.returncode == 0)
    return {each["program"]: each["ok"] for each in told["programs"]}


def test_says_of_each_program_whether_it_answers(box):
    with (
        box.running("gate"),
        box.running("portal"),
        box.running("dashboard"),
        box.running("jobs"),
    ):
        assert health(box, "--wait", "60") == {"database": True} | dict.fromkeys(PROGRAMS, True)
    assert health(box) == {"database": True} | dict.fromkeys(PROGRAMS, False)
