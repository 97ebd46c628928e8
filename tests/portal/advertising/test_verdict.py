import pytest

from portal.advertising.fault import Fault
from portal.advertising.verdict import RETRY_S, Verdict

BAD = Fault.UNREACHABLE


@pytest.mark.parametrize(
    ("tests", "advertised"),
    [
        pytest.param("", False, id="untested"),
        pytest.param("gg", False, id="two-good"),
        pytest.param("ggg", True, id="three-good"),
        pytest.param("ggbgg", False, id="not-in-a-row"),
        pytest.param("gggb", True, id="one-packet-lost"),
        pytest.param("gggbgbg", True, id="two-lost-but-apart"),
        pytest.param("gggbb", False, id="fault"),
        pytest.param("gggbbgg", False, id="not-yet-back"),
        pytest.param("gggbbggg", True, id="back"),
        pytest.param("gggbbggbggg", True, id="back-after-a-relapse"),
    ],
)
def test_goes_by_tests_in_a_row(tests, advertised):
    verdict = Verdict()
    for each in tests:
        verdict.take(BAD if each == "b" else None)

    assert verdict.advertised is advertised


def test_looks_again_soon_when_in_doubt():
    verdict = Verdict()
    assert verdict.wait_s(30) == 30
    for _ in range(3):
        verdict.take(None)
    assert verdict.wait_s(30) == 30

    verdict.take(BAD)
    assert verdict.wait_s(30) == RETRY_S
    assert verdict.wait_s(1) == 1

    verdict.take(BAD)
    assert verdict.wait_s(30) == 30
