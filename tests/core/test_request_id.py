import re

import pytest
from werkzeug.test import Client

from core import log, request_id
from core.request_id import HEADER, RequestIds
from tests.log_lines import written

OURS = "0123456789abcdef0123456789abcdef"


def application(environ, start_response):
    log.Log("test").info("inside", path=environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "text/plain")])

    def parts():
        yield request_id.spoken().encode()
        log.Log("test").info("sending")

    return parts()


def test_the_number_of_the_web_server_is_in_lines_and_answer():
    with written() as lines:
        answer = Client(RequestIds(application)).get("/", headers={HEADER: OURS})
        # Until it is sent, and no longer.
        answer.get_data()
        answer.close()
        log.Log("test").info("after")

    assert answer.headers[HEADER] == OURS
    assert answer.text == "0123 4567"
    assert [line.get("request") for line in lines()] == [OURS, OURS, None]


@pytest.mark.parametrize(
    "told",
    [None, "", "x" * 32, OURS + "0", OURS[:15], OURS + "\t", OURS.upper(), '"} {"a": "'],
)
def test_what_is_no_such_number_gives_way_to_one_of_ours(told):
    headers = {} if told is None else {HEADER: told}
    answer = Client(RequestIds(application)).get("/", headers=headers)

    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers[HEADER])


def test_a_request_that_fails_leaves_no_number_behind():
    def fail(_environ, _start_response):
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        Client(RequestIds(fail)).get("/")

    assert log.current_id() == ""
    assert request_id.spoken() == ""
