import datetime as dt

import pytest

from core.models.code_send import CodeSend, SendState
from portal.sms.carriers import Carriers
from portal.sms.shape import CarrierDownError, Receipt
from portal.ways import receipts


class Giver:
    """A carrier that says of each message what it is told to."""

    def __init__(self):
        self.says = None
        self.asked = []

    def send(self, message, _now):
        self.code = message.code
        return "m-1"

    def receipt(self, message_id, to, _sent_at, _now):
        self.asked.append((message_id, to.e164()))
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def giver():
    return Giver()


@pytest.fixture
def carriers(giver):
    return Carriers({"giver": giver}, {})


@pytest.fixture
def collect(database, sealer, carriers, clock, join_with):
    """Ask for receipts of the one code that was sent, some time later."""
    join_with(sms=carriers).ask_code()

    def collect(**later):
        clock.pass_by(**later)
        return receipts.collect(database, sealer, carriers, clock.now)

    return collect


def state(rows):
    [send] = rows(CodeSend)
    return send.state


@pytest.mark.parametrize(
    ("says", "becomes"),
    [
        pytest.param(Receipt(True, "DELIVERED"), SendState.DELIVERED, id="delivered"),
        pytest.param(Receipt(False, "EMPTY_NUMBER"), SendState.LOST, id="lost"),
        pytest.param(None, SendState.TAKEN, id="unknown"),
        pytest.param(CarrierDownError("down"), SendState.TAKEN, id="down"),
    ],
)
def test_what_the_carrier_says_is_kept(collect, giver, rows, says, becomes):
    giver.says = says
    collect(minutes=1)

    assert state(rows) is becomes
    assert giver.asked == [("m-1", "+8613800138000")]


def test_a_message_on_its_way_or_long_gone_is_not_asked_for(collect, giver):
    collect(seconds=10)
    collect(minutes=40)

    assert giver.asked == []


def test_what_is_settled_is_not_asked_for_again(collect, giver):
    giver.says = Receipt(True, "DELIVERED")

    assert [collect(minutes=1), collect(minutes=1)] == [1, 0]


def test_a_code_that_no_carrier_took_stays_begun(join_with, giver, rows, carrier):
    carrier.error = CarrierDownError("down")
    join_with().ask_code()

    assert state(rows) is SendState.BEGUN


def test_a_lost_message_is_logged_without_its_number(collect, giver, caplog):
    giver.says = Receipt(False, "EMPTY_NUMBER")
    collect(minutes=1)

    [record] = [each for each in caplog.records if each.getMessage() == "a code was lost"]
    assert "13800138000" not in str(record.__dict__)


def test_messages_of_which_nothing_is_known_do_not_crowd_out_newer_ones(  # noqa: PLR0917 - fixtures are passed by name
    database, sealer, carriers, giver, clock, join_with, rows
):
    join_with(sms=carriers).ask_code()
    [send] = rows(CodeSend)
    with database.writing() as session:
        for number in range(receipts._MOST):
            session.add(
                CodeSend(
                    account_lookup=send.account_lookup,
                    device_id=send.device_id,
                    login_id=send.login_id,
                    sent_at=send.sent_at - dt.timedelta(minutes=5),
                    state=SendState.TAKEN,
                    way=send.way,
                    carrier="giver",
                    message_id=f"old-{number}",
                )
            )
    clock.pass_by(minutes=1)
    receipts.collect(database, sealer, carriers, clock.now)

    assert giver.asked[0][0] == "m-1"
