import json
import logging
import os

import pytest

from core import log
from core.mac import Mac
from core.phone_number import PhoneNumber
from gate import log as gate_log


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
    assert "13800138000" not in json.dumps(line)


@pytest.mark.parametrize("configure", [log.configure, gate_log.configure], ids=["core", "gate"])
@pytest.mark.parametrize("is_journal", [True, False])
def test_lines_for_the_journal_have_their_priority(capfd, monkeypatch, configure, is_journal):
    stream = os.fstat(2)
    told = f"{stream.st_dev}:{stream.st_ino}" if is_journal else "1:2"
    monkeypatch.setenv("JOURNAL_STREAM", told)
    before, logging.root.handlers[:] = logging.root.handlers[:], []
    with open(2, "w", closefd=False) as stderr:
        monkeypatch.setattr("sys.stderr", stderr)
        configure("info")
        for tell in (logging.error, logging.warning, logging.info):
            tell("told")
    logging.root.handlers[:] = before

    begins = [line.partition("{")[0] for line in capfd.readouterr().err.splitlines()]
    assert begins == (["<3>", "<4>", "<6>"] if is_journal else [""] * 3)
