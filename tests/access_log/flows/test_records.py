import ipaddress
import zlib

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from access_log.flows import records, table
from access_log.flows.table import BadRowsError


def made_up(count, seed=1):
    octets = np.random.default_rng(seed).integers(0, 256, count * table.ROW.itemsize, np.uint8)
    return np.frombuffer(octets.tobytes(), table.ROW)


def in_order(rows):
    return sorted(row.tobytes() for row in rows)


@hypothesis.given(st.integers(1, 60), st.integers(0, 2**32))
def test_whatever_is_packed_comes_out_again(count, seed):
    rows = made_up(count, seed)

    assert in_order(table.unpack(records.pack(rows.tobytes()).octets, count)) == in_order(rows)


def test_what_is_alike_takes_little_room():
    rows = table.empty(5000)
    rows["at"] = 1_790_000_000_000 + np.arange(5000)
    rows["source_port"] = rows["public_port"] = 40_000

    assert len(records.pack(rows.tobytes()).octets) < 5000


@pytest.mark.parametrize(
    ("packed", "count"),
    [
        pytest.param(b"no such thing", 1, id="not-compressed"),
        pytest.param(zlib.compress(bytes(10)), 1, id="too-short"),
        pytest.param(records.pack(made_up(2).tobytes()).octets, 1, id="too-long"),
        pytest.param(zlib.compress(bytes(1 << 24)), table.MOST_ROWS + 1, id="too-many"),
    ],
)
def test_what_is_not_rows_is_refused(packed, count):
    with pytest.raises(BadRowsError):
        table.unpack(packed, count)


@pytest.mark.parametrize("text", ["192.168.50.7", "fd50::7", "::1"])
def test_an_address_comes_back_as_it_was(text):
    address = ipaddress.ip_address(text)

    assert records.address_of(records.octets_of(address)) == address
