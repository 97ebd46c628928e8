import logging

import pytest

from core.mac import InvalidMacError, Mac

GALLAGHER = "3c:22:fb:9a:1b:c4"


@pytest.mark.parametrize("text", [GALLAGHER, GALLAGHER.upper(), GALLAGHER.replace(":", "-")])
def test_reads_the_usual_forms(text):
    assert Mac.parse(text).text() == GALLAGHER


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("3c:22:fb:9a:1b", id="five-octets"),
        pytest.param("3c:22:fb:9a:1b:c4:00", id="seven-octets"),
        pytest.param("3c:22:fb:9a:1b:zz", id="no-hex"),
        pytest.param("3c-22:fb-9a:1b-c4", id="mixed-separators"),
        pytest.param("3c22fb9a1bc4", id="no-separators"),
    ],
)
def test_refuses_other_text_without_repeating_it(text):
    with pytest.raises(InvalidMacError) as caught:
        Mac.parse(text)

    assert text == "" or text not in str(caught.value)


@pytest.mark.parametrize("show", [str, repr, "{}".format, "%s".__mod__])
def test_shows_nothing_when_printed(show):
    assert show(Mac.parse(GALLAGHER)) == "Mac(hidden)"


def test_shows_its_end_alone_when_masked():
    assert Mac.parse(GALLAGHER).masked() == "**:1b:c4"


def test_hides_in_a_log_line(caplog):
    logging.getLogger("x").warning("seen %s", Mac.parse(GALLAGHER))

    assert "3c" not in caplog.text


@pytest.mark.parametrize(
    ("text", "randomised"),
    [
        pytest.param(GALLAGHER, False, id="sold"),
        pytest.param("da:a1:19:00:00:01", True, id="made-up"),
    ],
)
def test_tells_a_made_up_address_from_a_sold_one(text, randomised):
    assert Mac.parse(text).is_randomised is randomised
