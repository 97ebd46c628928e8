"""A number and an address that appear nowhere: a canary through the whole way and its failures."""

import io
import json
import logging
from pathlib import Path

import pytest

from core import log, request_id
from core.mac import Mac
from gate.client import GateUnavailableError
from portal.sms.shape import CarrierDownError, NumberRefusedError

NUMBER = "13987654321"
MAC = Mac.parse("02:ca:4a:12:7e:55")


class CanaryNeighbours:
    def mac_of(self, _address):
        return MAC


@pytest.fixture
def written():
    """All that is logged, at the most talkative level, in the form that reaches the disk."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    log.configure("debug")
    stream = io.StringIO()
    root.handlers[0].setStream(stream)
    yield stream
    root.handlers[:], root.level = before


@pytest.fixture
def canary(join_with):
    return join_with(neighbours=CanaryNeighbours())


def give_away(text, code=None):
    """What in `text` gives the person away."""
    secrets = {NUMBER, NUMBER[1:], "+86" + NUMBER, MAC.text(), MAC.octets.hex(), str(MAC.octets)}
    secrets |= {code} if code else set()
    return [secret for secret in secrets if secret.lower() in text.lower()]


def walk(phone, carrier, clock):
    """To the end and back, with everything going wrong once on the way."""
    yield phone.get("/")
    yield phone.get(f"/no/{NUMBER}?phone={NUMBER}&mac={MAC.text()}")
    yield phone.ask_code(NUMBER)
    yield phone.get("/code")
    yield phone.enter_code("000000" if carrier.code != "000000" else "000001")
    yield phone.post("/resend")
    clock.pass_by(minutes=1)
    carrier.error = CarrierDownError("the SMS service answered with status 503")
    yield phone.post("/resend")
    clock.pass_by(minutes=1)
    carrier.error = RuntimeError(NUMBER)
    yield phone.post("/resend")
    carrier.error = None
    clock.pass_by(minutes=1)
    yield phone.enter_code()
    yield phone.get("/consent")


def test_no_page_and_no_log_line_holds_number_address_or_code(
    canary, carrier, gate, clock, written
):
    pages = list(walk(canary, carrier, clock))
    gate.error = GateUnavailableError("no answer from the gate")
    pages.append(canary.post("/consent", membership="yes"))
    gate.error = OSError(MAC.text(), NUMBER)
    pages.append(canary.post("/connect"))
    gate.error = None
    pages += [canary.post("/connect"), canary.get("/online"), canary.post("/logout")]

    assert {page.status_code for page in pages} >= {200, 303, 404, 422, 429, 500, 503}
    for page in pages:
        assert give_away(page.text + str(page.headers), carrier.code) == []
    assert "page failed" in written.getvalue()
    assert "phone admitted" in written.getvalue()
    assert give_away(written.getvalue(), carrier.code) == []
    # What staff are told of a page leads to its lines.
    numbers = {page.headers[request_id.HEADER] for page in pages}
    assert {json.loads(line)["request"] for line in written.getvalue().splitlines()} <= numbers


def test_a_number_that_a_carrier_refuses_is_shown_to_its_owner_only(canary, carrier, written):
    carrier.error = NumberRefusedError("the SMS service refused with status 422")
    answer = canary.ask_code(NUMBER)

    assert NUMBER in answer.text
    assert "number refused by the carrier" in written.getvalue()
    assert give_away(written.getvalue()) == []


def test_a_database_that_fails_tells_nothing_of_the_row(canary, parts, written):
    with parts.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE code_sends")
    answer = canary.ask_code(NUMBER)

    assert answer.status_code == 500
    assert give_away(answer.text) == give_away(written.getvalue()) == []
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["error"] for line in lines if "error" in line] == ["OperationalError"]


def test_nothing_readable_is_on_disk(canary, parts):
    canary.go_online(NUMBER, membership="yes")
    parts.database.dispose()
    folder = Path(parts.database.engine.url.database).parent
    stored = b"".join(path.read_bytes() for path in folder.glob("*.sqlite*"))

    assert NUMBER.encode() not in stored
    assert MAC.octets not in stored
    assert MAC.text().encode() not in stored
