"""Sensors and a box, each with its threads, over real TLS."""

import base64

import pytest

from core import clock, sightings
from core.do_not_count import DoNotCountKey, DoNotCountList
from core.sensor_status import Hearing, State
from sniffer.box import sensor as of_box
from tests.sniffer.octets import element, probe_request
from tests.sniffer.remote.conftest import frame, now_us, phone, wait_for

SECOND_US = 1_000_000


def test_what_a_sensor_hears_arrives_under_its_name_at_the_time_and_signal_it_was_heard(place):
    box = place.box()
    corner = place.joined(box)
    heard = frame(1, sequence=7, signal_dbm=-71)

    corner.hear(heard)

    (sighting,) = box.wait_for_sightings(1)
    assert abs(sighting.heard_at_us - heard.at_us) < SECOND_US
    assert (sighting.sensor, sighting.signal_dbm, sighting.frequency_mhz) == ("corner", -71, 2437)
    assert [pair[1] for batch in box.batches for pair in batch.heard] == [7]
    box.wait_for_count("source.corner.frames")
    assert box.counts["source.corner.probe_requests"] == 1


def test_the_same_frame_heard_by_two_sensors_and_the_box_is_counted_once(place):
    box = place.box()
    corner, window = place.joined(box, "corner"), place.joined(box, "window")
    at_us = now_us()
    corner.hear(frame(1, 7, at_us), frame(2, 8, at_us))
    window.hear(frame(1, 7, at_us + 400), frame(3, 9, at_us))
    box.wait_for_sightings(4)

    own = of_box(box.settings, keys=box.keys)
    counts = own.run([frame(1, 7, at_us + 900), frame(4, 1), *box.batches], lambda: False)

    assert counts["duplicates"] == 2
    assert counts["probe_requests"] == 2


def test_of_two_copies_the_stronger_is_kept_whichever_came_first(place):
    box = place.box()
    corner = place.joined(box)
    at_us = now_us()
    corner.hear(frame(1, 7, at_us, -45), frame(2, 8, at_us, -85), frame(3, 9, at_us, -50))
    box.wait_for_sightings(3)

    own = of_box(box.settings, keys=box.keys)
    mine = [frame(1, 7, at_us + 300, -80), frame(2, 8, at_us + 300, -70)]
    own.run([*mine, *box.batches, frame(3, 9, at_us + 300, -40)], lambda: False)

    rows = day_file_of(box, "SELECT signal_dbm, sensor FROM sightings ORDER BY signal_dbm")
    assert rows == [(-70, "sensor-1"), (-45, "corner"), (-40, "sensor-1")]


def day_file_of(box, sql):
    (day,) = sightings.days_in(box.settings.sightings_dir)
    with sightings.reading(box.settings.sightings_dir, day) as connection:
        return connection.execute(sql).fetchall()


def test_nothing_is_lost_or_doubled_when_the_line_is_cut_again_and_again(place):
    box = place.box()
    wire = place.wire(box)
    corner = place.remote(wire.place, place.bundle_for(box))
    corner.wait_for_key()
    for number in range(5):
        corner.hear(*(frame(number * 20 + each, each) for each in range(20)))
        wire.cut()

    heard = box.wait_for_sightings(100)
    corner.close()

    assert len(heard) == len(box.heard()) == 100
    assert len({sighting.address for sighting in heard}) == 100
    assert wire.connections > 1


def test_a_batch_whose_answer_was_lost_is_sent_again_and_taken_once(place):
    box = place.box()
    wire = place.wire(box)
    corner = place.remote(wire.place, place.bundle_for(box))
    corner.wait_for_key()
    wire.swallows_answers = True
    corner.hear(frame(1))
    box.wait_for_sightings(1)

    wire.swallows_answers = False
    wire.cut()
    box.wait_for_count("source.corner.repeated")

    assert len(box.heard()) == 1


def test_after_a_restart_of_the_box_nothing_under_the_key_before_is_taken(place):
    box = place.box()
    corner = place.joined(box)
    before = corner.key()
    box.close()
    corner.hear(frame(1), frame(2))

    again = place.box(port=box.place[1])
    wait_for(lambda: corner.key() not in {None, before})
    corner.hear(frame(3))

    (sighting,) = again.wait_for_sightings(1)
    again.wait_for_count("source.corner.lost.key_gone", 2)
    assert len(again.heard()) == 1
    day = clock.store_day(clock.now(), again.settings.store.zone)
    assert sighting.address == again.keys.pseudonym(day, b"address", phone(3))


def test_after_a_restart_of_the_sensor_its_phones_stay_the_same(place):
    box = place.box()
    bundle_file = place.bundle_for(box)
    for _ in range(2):
        corner = place.remote(box.place, bundle_file)
        corner.wait_for_key()
        corner.hear(frame(1))
        corner.close()

    first, second = box.wait_for_sightings(2)
    assert first.address == second.address


def test_what_waits_is_sent_before_the_sensor_ends(place):
    box = place.box()
    corner = place.joined(box)

    # Each with a number of its own: two of so many pseudonyms may well be the same.
    corner.hear(*(frame(number, sequence=number) for number in range(1200)))
    corner.close()

    assert len(box.wait_for_sightings(1200)) == 1200


def test_before_it_has_a_key_a_sensor_keeps_nothing(place, caplog):
    box = place.box()
    bundle_file = place.bundle_for(box)
    box.close()
    corner = place.remote(box.place, bundle_file)

    assert corner.hear(frame(1))["rejected.no_key"] == 1
    wait_for(lambda: "nothing reaches the box" in caplog.messages)

    again = place.box(port=box.place[1])
    again.wait_for_count("source.corner.rejected.no_key")
    assert again.heard() == []
    assert again.counts["source.corner.line.unreachable"] >= 1


@pytest.mark.parametrize("ahead_s", [-100, 250], ids=["behind", "ahead"])
def test_a_clock_that_is_wrong_by_minutes_is_put_right(place, ahead_s):
    box = place.box()
    corner = place.joined(box, our_us=lambda: now_us() + ahead_s * SECOND_US)
    heard_at_us = now_us()

    corner.hear(frame(1, at_us=heard_at_us + ahead_s * SECOND_US))

    (sighting,) = box.wait_for_sightings(1)
    assert abs(sighting.heard_at_us - heard_at_us) < SECOND_US


def test_a_clock_that_is_wrong_by_more_is_refused_until_it_was_set(place):
    wrong_us = [3600 * SECOND_US]
    box = place.box()
    corner = place.remote(box.place, place.bundle_for(box), our_us=lambda: now_us() + wrong_us[0])
    box.wait_for_count("source.corner.refused.clock")
    assert corner.hear(frame(1))["rejected.no_key"] == 1

    wrong_us[0] = 0
    corner.wait_for_key()
    corner.hear(frame(2))

    assert len(box.wait_for_sightings(1)) == 1


def test_who_asked_not_to_be_counted_is_left_out_by_every_sensor(place):
    listed = DoNotCountList(DoNotCountKey(bytes(32)), [])
    key = DoNotCountKey(bytes(range(32)))
    box = place.box(leave_out=listed.to_text())
    corner = place.joined(box)
    box.leave_out = DoNotCountList(key, [key.entry(phone(1))]).to_text()
    wait_for(lambda: corner.loan.leave_out() is not None and len(corner.loan.leave_out()))

    assert corner.hear(frame(1), frame(2)) == {"frames": 1, "probe_requests": 1}
    assert len(box.wait_for_sightings(1)) == 1


def test_each_sensor_that_may_send_is_told_of_by_its_last_word(place):
    box = place.box()
    place.bundle_for(box, "window")
    place.joined(box)

    assert {name: how.state for name, how in box.server.hearing().items()} == {
        "corner": State.HEARING,
        "window": State.GONE,
    }


def test_a_sensor_tells_whether_its_box_answers(place):
    box = place.box()
    corner = place.joined(box)
    assert corner.sender.hearing()["box"].state is State.HEARING

    box.close()
    lonely = place.remote(box.place, place.bundle_for(box))
    assert lonely.sender.hearing()["box"] == Hearing(State.GONE, None)


def test_nothing_that_is_sent_can_be_read_on_the_way(place):
    network = b"Canary-Home-7Q"
    elements = element(0, network) + element(1, bytes.fromhex("02040b16"))
    box = place.box()
    wire = place.wire(box)
    corner = place.remote(wire.place, place.bundle_for(box, "canary-corner"))
    corner.wait_for_key()
    data = probe_request(elements, sender=phone(0x1B07))
    corner.hear(frame(1)._replace(data=data))
    (sighting,) = box.wait_for_sightings(1)
    corner.close()

    key = corner.key()
    seen = bytes(wire.there + wire.back)
    assert len(wire.there) > 300
    for secret in (
        network,
        phone(0x1B07),
        phone(0x1B07).hex(":").encode(),
        phone(0x1B07).hex().encode(),
        base64.b64encode(phone(0x1B07)),
        key.key,
        key.key.hex().encode(),
        str(sighting.address).encode(),
        b"canary-corner",
        b"heard_at_us",
    ):
        assert secret not in seen


def test_the_box_hands_out_the_key_its_own_sensor_uses(place):
    box = place.box()
    corner = place.joined(box)

    today = clock.store_day(clock.now(), box.settings.store.zone)
    assert corner.key().key == box.keys.key_of(today)
    assert repr(corner.key().key) not in repr(corner.key())
    assert repr(corner.loan) == "Loan(hidden)"
