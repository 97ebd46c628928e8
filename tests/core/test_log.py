import json
import logging

import pytest

from core import log
from core.mac import Mac
from core.phone_number import PhoneNumber


@pytest.fixture
def logged(capsys):
    """What our handler writes while `tell` runs; pytest's own handlers are put aside."""

    def lines(tell):
        before, logging.root.handlers[:] = logging.root.handlers[:], []
        log.configure("info")
        tell()
        logging.root.handlers[:] = before
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return lines


def test_a_line_is_one_json_object(logged):
    [line] = logged(lambda: log.Log("crm").info("batch sent", events=20))

    assert (line["part"], line["event"], line["events"]) == ("crm", "batch sent", 20)


def test_what_hides_when_printed_hides_here_too(logged):
    mac, phone = Mac.parse("3c:22:fb:9a:1b:c4"), PhoneNumber.from_e164("+8613800138000")

    [line] = logged(lambda: log.Log("x").info("seen", mac=mac, phone=phone))

    assert (line["mac"], line["phone"]) == ("Mac(hidden)", "PhoneNumber(hidden)")


def test_an_error_is_told_by_sort_and_place_not_by_its_words(logged):
    def fail():
        try:
            raise ValueError("13800138000 is not welcome")
        except ValueError:
            log.Log("x").exception("failed")

    [line] = logged(fail)

    assert line["error"] == "ValueError"
    assert "test_log.py" in line["where"]
    assert "138" not in json.dumps(line)
