"""Who gets in at the box, and what becomes of the others."""

import contextlib
import datetime as dt
import json
import socket
import ssl

import pytest

from core import clock
from sniffer.remote import bundle, protocol
from sniffer.remote.line import Broken, Line, LineError
from sniffer.remote.server import ServerError
from sniffer.remote.shape import AskKeys, Keys, Reason, Refused, Row, Take, Taken
from tests.sniffer.remote.conftest import frame, now_us, wait_for


def ask(line, name="corner"):
    return line.ask(AskKeys(name, now_us(), ""))


def take(line, key, number=1, *, name="corner"):
    row = Row(now_us() - 1000, 1, 2, True, -60, 2437, number)
    return line.ask(Take(name, now_us(), "0" * 16, number, key.id, [row], {}))


@pytest.fixture
def box(place):
    return place.box()


@pytest.fixture
def corner(place, box):
    with Line(box.place, bundle.read(place.bundle_for(box))) as line:
        yield line


def reason_of(place, bundle_file, box):
    with pytest.raises(LineError) as broken, Line(box.place, bundle.read(bundle_file)) as line:
        ask(line)
    return broken.value.reason


def test_a_sensor_that_was_added_is_answered(corner):
    answer = ask(corner)

    assert isinstance(answer, Keys)
    assert isinstance(take(corner, answer.keys[0]), Taken)


def test_a_sensor_of_another_store_is_not(place, box):
    other = place.box("other")

    assert reason_of(place, place.bundle_for(other), box) is Broken.NOT_THE_BOX
    assert box.heard() == []


def test_a_certificate_of_another_store_does_not_open_the_line(place, box):
    """Even if the sensor would believe any box."""
    whose = bundle.read(place.bundle_for(place.box("other")))
    whose.context.check_hostname = False
    whose.context.verify_mode = ssl.CERT_NONE

    with pytest.raises(LineError) as broken, Line(box.place, whose) as line:
        ask(line)

    assert broken.value.reason is Broken.NOT_TAKEN
    box.wait_for_count("refused.handshake")


def test_a_certificate_that_has_ended_is_not_taken(place, box):
    long_ago = clock.now() - dt.timedelta(days=4 * 365)

    assert reason_of(place, place.bundle_for(box, now=long_ago), box) is Broken.NOT_TAKEN
    box.wait_for_count("refused.handshake")


def test_nobody_gets_in_without_a_certificate(box):
    context = ssl.create_default_context(
        cadata=box.authority.certificate_pem(clock.now()), purpose=ssl.Purpose.SERVER_AUTH
    )
    with socket.create_connection(box.place) as plain:
        line = context.wrap_socket(plain, server_hostname="box.doorman.invalid")
        with line, pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            line.recv(1)


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\n" * 100, bytes(5)])
def test_nobody_gets_in_without_tls(box, said):
    with socket.create_connection(box.place) as plain, contextlib.suppress(OSError):
        plain.sendall(said)
        plain.shutdown(socket.SHUT_WR)
        assert b"answer" not in plain.recv(1000)

    box.wait_for_count("refused.handshake")


def test_nothing_older_than_tls_1_3_is_spoken(place, box):
    whose = bundle.read(place.bundle_for(box))
    whose.context.minimum_version = ssl.TLSVersion.TLSv1_2
    whose.context.maximum_version = ssl.TLSVersion.TLSv1_2

    with pytest.raises(LineError):
        Line(box.place, whose)
    box.wait_for_count("refused.handshake")


def test_with_a_sensors_key_nobody_can_play_the_box(place, box):
    """Even where its name is the one that is asked for."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(place.bundle_for(box, "window"))
    whose = bundle.read(place.bundle_for(box))
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    played = server.wrap_bio(there, back, server_side=True)
    sensor = whose.context.wrap_bio(back, there, server_hostname="window")

    with pytest.raises(ssl.SSLCertVerificationError, match="unsuitable certificate purpose"):
        for end in (sensor, played, sensor):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()


def test_a_sensor_that_was_removed_is_refused_from_its_next_word_on(box, corner):
    key = ask(corner).keys[0]
    assert isinstance(take(corner, key, 1), Taken)

    box.authority.remove("corner")

    answer = take(corner, key, 2)
    assert isinstance(answer, Refused)
    assert answer.reason is Reason.REVOKED
    with pytest.raises(LineError):
        take(corner, key, 3)
    assert len(box.heard()) == 1
    assert box.counts == {"refused.revoked": 1}


def test_a_removed_sensor_is_told_so_when_it_comes_again(place, box):
    bundle_file = place.bundle_for(box)
    box.authority.remove("corner")

    with Line(box.place, bundle.read(bundle_file)) as line:
        assert ask(line).reason is Reason.REVOKED


def test_a_sensor_speaks_for_itself_alone(place, box, corner):
    place.bundle_for(box, "window")
    key = ask(corner).keys[0]

    assert take(corner, key, name="window").reason is Reason.WRONG_NAME
    assert box.heard() == []
    assert box.counts == {"source.corner.refused.wrong_name": 1}


def test_nonsense_ends_the_line_with_a_reason(place, box):
    whose = bundle.read(place.bundle_for(box))
    with socket.create_connection(box.place) as plain:
        line = whose.context.wrap_socket(plain, server_hostname="box.doorman.invalid")
        with line, line.makefile("rb") as answers:
            line.sendall(b"[1,2]\n")
            assert json.loads(answers.readline())["reason"] == "malformed"
            assert answers.readline() == b""
    box.wait_for_count("source.corner.refused.malformed")


def test_a_line_without_end_is_not_read_to_its_end(place, box):
    whose = bundle.read(place.bundle_for(box))
    with socket.create_connection(box.place) as plain:
        line = whose.context.wrap_socket(plain, server_hostname="box.doorman.invalid")
        with line, line.makefile("rb") as answers:
            line.sendall(b" " * (protocol.LINE_LIMIT + 1))
            assert json.loads(answers.readline())["reason"] == "malformed"


def test_who_says_nothing_keeps_nobody_from_sending(place, box):
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(socket.create_connection(box.place))
        corner = place.joined(box)
        corner.hear(frame(1))
        assert len(box.wait_for_sightings(1)) == 1


def test_beyond_so_many_lines_none_is_opened(place, box):
    with contextlib.ExitStack() as stack:
        for _ in range(32):
            stack.enter_context(socket.create_connection(box.place))
        wait_for(lambda: len(box.server._threads) == 32)
        late = stack.enter_context(socket.create_connection(box.place))
        assert late.recv(1) == b""


def test_recorded_octets_played_again_are_nobodys(place, box):
    wire = place.wire(box)
    corner = place.remote(wire.place, place.bundle_for(box))
    corner.wait_for_key()
    corner.hear(frame(1))
    box.wait_for_sightings(1)
    corner.close()

    with socket.create_connection(box.place) as plain, contextlib.suppress(OSError):
        plain.sendall(bytes(wire.there))
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(4096):
            pass

    box.wait_for_count("refused.handshake")
    assert len(box.heard()) == 1


def test_it_ends_at_once_whoever_is_on_the_line(place, box, corner):
    ask(corner)
    with socket.create_connection(box.place):
        box.close()

        with pytest.raises(LineError):
            ask(corner)
    with pytest.raises(LineError) as broken:
        Line(box.place, bundle.read(place.bundle_for(box)))
    assert broken.value.reason is Broken.UNREACHABLE


def test_an_address_that_is_taken_is_named(place, box):
    with pytest.raises(ServerError, match=r"sensor\.listen"):
        place.box("other", port=box.place[1])


def test_a_box_that_answers_nonsense_is_left(place, box):
    """Such as one of a later version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(box.authority.box_file(clock.now()))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        corner = place.remote(listener.getsockname(), place.bundle_for(box))
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as line:
            line.recv(1000)
            line.sendall(b'{"answer": "maybe"}\n')
            wait_for(lambda: corner.spool._tallies["line.nonsense"])
