"""The nft commands behind admission, as libnftables reads them (JSON). Pure.

They are JSON objects, not lines of text, so that no value can turn into a command.
Three collections of `ruleset.nft` know a phone that is online, always together:

    online    its address                  what it sends passes; counted
    marks     its address -> its mark      written on each of its connections
    answered  its mark                     what comes back passes; counted

The address alone is the key: one login opens IPv4 and every IPv6 address a phone has.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from gate.shape import Online

TABLE = "doorman"
_TABLE = {"family": "inet", "table": TABLE}


def admit(mac: str, seconds: int) -> str:
    """One transaction: all of it holds, or nothing does.

    Each member is added, deleted and added. Adding alone would not extend the time of
    one that is there (Linux before 6.12), and deleting alone fails if it is not.
    """
    steps = []
    for name, key, member in _members(mac, seconds):
        steps += [_change("add", name, member), _change("delete", name, key)]
        steps += [_change("add", name, member)]
    return _batch(steps)


def revoke(mac: str) -> str:
    """One transaction, which also succeeds for a phone that is not online."""
    steps = []
    for name, key, member in _members(mac, 1):
        steps += [_change("add", name, member), _change("delete", name, key)]
    return _batch(steps)


def list_online() -> str:
    return _list("online")


def list_answered() -> str:
    return _list("answered")


def read_online(online: str, answered: str) -> dict[str, Online]:
    """Put together what the two lists gave."""
    down = {int(each["val"]): each["counter"]["bytes"] for each in _elements(answered)}
    return {
        each["val"]: Online(
            seconds_left=each["expires"],
            bytes_up=each["counter"]["bytes"],
            bytes_down=down.get(mark_of(each["val"]), 0),
        )
        for each in _elements(online)
    }


def mark_of(mac: str) -> int:
    """The connection mark of a phone: 32 bits, never 0, which means no mark.

    Made from the address, so that nothing has to be remembered. Of 1,000 phones, two
    share one with a probability of 0.0001; then what ends one ends the other's answers.
    """
    return int.from_bytes(hashlib.blake2b(octets(mac), digest_size=4).digest()) or 1


def octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _members(mac: str, seconds: int) -> list[tuple[str, object, object]]:
    """Each collection with the key and the member that stand for a phone in it."""
    mark = mark_of(mac)
    timed_mac = {"elem": {"val": mac, "timeout": seconds}}
    timed_mark = {"elem": {"val": mark, "timeout": seconds}}
    return [
        ("online", mac, timed_mac),
        ("marks", mac, [timed_mac, mark]),
        ("answered", mark, timed_mark),
    ]


def _change(verb: str, name: str, member: object) -> Mapping[str, object]:
    return {verb: {"element": {**_TABLE, "name": name, "elem": [member]}}}


def _list(name: str) -> str:
    return _batch([{"list": {"set": {**_TABLE, "name": name}}}])


def _batch(steps: list[Mapping[str, object]]) -> str:
    return json.dumps({"nftables": steps}, separators=(",", ":"))


def _elements(listing: str) -> list[dict[str, Any]]:
    for each in json.loads(listing)["nftables"]:
        if "set" in each:
            return [member["elem"] for member in each["set"].get("elem", [])]
    raise ValueError("no set in the listing")
