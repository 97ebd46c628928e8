import json

import pytest

from gate import commands
from gate.shape import Online

ALICE = "02:00:00:00:00:0a"
BOB = "02:00:00:00:00:0b"


def steps(batch):
    """Each step as (verb, collection, elements)."""
    listed = []
    for step in json.loads(batch)["nftables"]:
        ((verb, what),) = step.items()
        element = what["element"]
        assert (element["family"], element["table"]) == ("inet", "doorman")
        listed.append((verb, element["name"], element["elem"]))
    return listed


def test_an_admission_is_one_batch_that_also_extends_on_old_kernels():
    mark = commands.mark_of(ALICE)
    timed = {"elem": {"val": ALICE, "timeout": 60}}
    timed_mark = {"elem": {"val": mark, "timeout": 60}}

    assert steps(commands.admit(ALICE, 60)) == [
        ("add", "online", [timed]),
        ("delete", "online", [ALICE]),
        ("add", "online", [timed]),
        ("add", "marks", [[timed, mark]]),
        ("delete", "marks", [ALICE]),
        ("add", "marks", [[timed, mark]]),
        ("add", "answered", [timed_mark]),
        ("delete", "answered", [mark]),
        ("add", "answered", [timed_mark]),
    ]


def test_a_revocation_leaves_nothing_of_the_phone_behind():
    left = {name: verb for verb, name, _ in steps(commands.revoke(ALICE))}

    assert left == {"online": "delete", "marks": "delete", "answered": "delete"}


def test_a_mark_is_a_phones_own_and_never_none():
    macs = [f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}" for n in range(5000)]
    marks = {commands.mark_of(mac) for mac in macs}

    assert len(marks) == len(macs)
    assert all(0 < mark < 2**32 for mark in marks)
    assert commands.mark_of(ALICE) == commands.mark_of(ALICE)


def listing(name, elements):
    body = {"family": "inet", "table": "doorman", "name": name, "type": "ether_addr"}
    if elements:
        body["elem"] = [{"elem": element} for element in elements]
    return json.dumps({"nftables": [{"metainfo": {"version": "1.0.6"}}, {"set": body}]})


def element(value, seconds, count):
    counter = {"packets": 1, "bytes": count}
    return {"val": value, "timeout": 3600, "expires": seconds, "counter": counter}


def test_reads_time_left_and_bytes_of_both_directions():
    online = listing("online", [element(ALICE, 90, 700), element(BOB, 5, 0)])
    answered = listing("answered", [element(commands.mark_of(ALICE), 90, 9000)])

    assert commands.read_online(online, answered) == {
        ALICE: Online(seconds_left=90, bytes_up=700, bytes_down=9000),
        # Bob's time ended between the two listings.
        BOB: Online(seconds_left=5, bytes_up=0, bytes_down=0),
    }


def test_reads_an_empty_set():
    assert commands.read_online(listing("online", []), listing("answered", [])) == {}


def test_does_not_take_a_listing_without_a_set_for_an_empty_one():
    with pytest.raises(ValueError, match="no set"):
        commands.read_online('{"nftables": []}', listing("answered", []))
