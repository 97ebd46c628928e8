"""Whether what goes wrong can be found in the log by the number on the page."""

import pytest

from core import texts
from core.request_id import HEADER
from tests.log_lines import written

NUMBER = "3f9a01c2" + "0" * 24


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_a_page_that_failed_names_its_number_in_every_language(phone, language):
    answer = phone.get(f"/no-such-page?lang={language}", X_Request_ID=NUMBER)

    assert answer.headers[HEADER] == NUMBER
    assert "3f9a 01c2" in answer.text


def test_the_line_of_the_failure_has_the_same_number(join_with):
    class Broken:
        def mac_of(self, _address):
            raise RuntimeError("13800138000")

    with written() as lines:
        answer = join_with(neighbours=Broken()).get("/", X_Request_ID=NUMBER)

    assert answer.status_code == 500
    assert "3f9a 01c2" in answer.text
    [line] = [line for line in lines() if line["event"] == "page failed"]
    assert (line["request"], line["error"]) == (NUMBER, "RuntimeError")
