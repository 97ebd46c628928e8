import pytest

from access_log import box_clock
from access_log.box_clock import State
from core.models.access_record import AccessRecord


def tracking(off="0.0001", leap="Normal"):
    return f"CB007101,203.0.113.1,3,1778913000.0,{off},0,0,0,0,0,0,0,0,{leap}\n"


@pytest.mark.parametrize(
    ("told", "is_in_step", "state"),
    [
        pytest.param(tracking(), False, State.RIGHT, id="right"),
        pytest.param(tracking("4.9"), False, State.RIGHT, id="a-little"),
        pytest.param(tracking("-5.1"), True, State.OFF, id="behind"),
        pytest.param(tracking("7200"), True, State.OFF, id="ahead"),
        pytest.param(tracking(leap="Not synchronised"), True, State.UNKNOWN, id="no-server"),
        pytest.param("506 Cannot talk to daemon\n", False, State.UNKNOWN, id="no-chrony"),
        pytest.param(None, True, State.RIGHT, id="another-keeps-it"),
        pytest.param(None, False, State.UNKNOWN, id="nobody-keeps-it"),
    ],
)
def test_the_clock_is_judged_by_who_keeps_it(told, is_in_step, state):
    assert box_clock.judge(told, is_in_step=lambda: is_in_step)[0] is state


def test_the_kernel_answers():
    assert box_clock.judge(None, is_in_step=box_clock.is_in_step)[1] is None


def test_each_change_is_told_and_written_down_once(database, sealer, now):
    looks = iter([State.RIGHT, State.OFF, State.OFF, State.UNKNOWN, State.RIGHT])
    watch = box_clock.Watch(lambda: (next(looks), 6.0))

    told = [watch.turn(database, sealer, now) for _ in range(5)]

    assert told == [None, State.OFF, None, State.UNKNOWN, State.RIGHT]
    with database.reading() as session:
        assert session.query(AccessRecord).count() == 3
