"""How one phone stands in a line of the gate's socket (`gate.protocol`): as a row of values."""

from collections.abc import Mapping

from gate import whereabouts
from gate.checks import ProtocolError, check_mac
from gate.shape import Counters, Online
from gate.whereabouts import Whereabouts

WhereaboutsRow = tuple[tuple[str, ...], str]


def of_online(phone: Online) -> tuple[int, int, int]:
    return phone.seconds_left, phone.bytes_up, phone.bytes_down


def read_online(row: object) -> Online:
    match row:
        case [int(seconds_left), int(bytes_up), int(bytes_down)]:
            return Online(seconds_left, bytes_up, bytes_down)
    raise ProtocolError("phones", "must be three whole numbers each")


def of_counters(counted: Counters) -> tuple[int, int]:
    return counted.bytes_up, counted.bytes_down


def read_counters(row: object) -> Counters:
    match row:
        case [int(bytes_up), int(bytes_down)]:
            return Counters(bytes_up, bytes_down)
    raise ProtocolError("phones", "must be two whole numbers each")


def of_whereabouts(found: Mapping[str, Whereabouts]) -> dict[str, WhereaboutsRow]:
    return {mac: (each.addresses, each.access_point) for mac, each in found.items()}


def read_whereabouts(rows: Mapping[str, object]) -> dict[str, Whereabouts]:
    """By phone, whose own address is checked as well: it is looked for in the database."""
    return {mac: _whereabouts(mac, row) for mac, row in rows.items()}


def _whereabouts(mac: str, row: object) -> Whereabouts:
    check_mac(mac)
    match row:
        case [list(addresses), str(access_point)]:
            return whereabouts.read(addresses, access_point)
    raise ProtocolError("phones", "must be IP addresses and an access point each")
