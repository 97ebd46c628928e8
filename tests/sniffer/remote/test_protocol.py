import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniffer.remote import protocol
from sniffer.remote.shape import (
    AskKeys,
    Greet,
    HandedKey,
    Keys,
    Reason,
    Refused,
    RefusedError,
    Row,
    Take,
    Taken,
)

ROW = Row(1_778_913_000_000_000, 12, 34, True, -60, 2437, 4095)
TAKE = Take("corner", 5, "0123456789abcdef", 1, "fedcba9876543210", (ROW,), {"frames": 3})
ASK = AskKeys("corner", 5, "")

numbers = st.integers(0, 1 << 50)
tokens = st.text("0123456789abcdef", min_size=16, max_size=16)
names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)
rows = st.builds(
    Row,
    numbers,
    numbers,
    numbers,
    st.booleans(),
    st.none() | st.integers(-128, 127),
    st.none() | st.integers(1, 65_535),
    st.integers(0, 4095),
)
counts = st.dictionaries(
    st.sampled_from(["frames", "rejected.bad_fcs", "source.mon0.dropped"]), st.integers(1, 10**9)
)
takes = st.builds(
    Take,
    names,
    numbers,
    tokens,
    st.integers(1, 1 << 50),
    tokens,
    st.lists(rows, max_size=5).map(tuple),
    counts,
)
requests = (
    takes
    | st.builds(Greet, names, numbers)
    | st.builds(AskKeys, names, numbers, tokens | st.just(""))
)
keys = st.builds(HandedKey, tokens, numbers, numbers, numbers, st.binary(min_size=32, max_size=32))
answers = (
    st.builds(Taken, numbers, numbers)
    | st.builds(Refused, numbers, numbers, st.sampled_from(Reason))
    | st.builds(
        Keys,
        numbers,
        numbers,
        st.integers(16, 63),
        st.lists(keys, max_size=3),
        st.none() | st.text(),
    )
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


def changed(**fields):
    return json.dumps(json.loads(protocol.write_request(TAKE)) | fields).encode()


def with_row(**fields):
    row = ROW._replace(**fields)
    return changed(rows=[list(row)])


@contextlib.contextmanager
def none_if_unknown():
    """The one error there may be, and with nothing of the line in it."""
    try:
        yield
    except ValueError as error:
        if str(error) != "no answer that this version knows":
            raise


def refusal_of(line):
    with pytest.raises(RefusedError) as refused:
        protocol.read_request(line)
    return refused.value.reason


@given(requests)
def test_what_was_written_is_read(request):
    assert protocol.read_request(protocol.write_request(request)) == request


@given(answers)
def test_an_answer_that_was_written_is_read(answer):
    assert protocol.read_answer(protocol.write_answer(answer)) == answer


@given(st.binary(max_size=200))
def test_nonsense_is_refused_as_malformed(line):
    assert refusal_of(line) in {Reason.MALFORMED, Reason.VERSION}
    with pytest.raises(ValueError, match="no answer"):
        protocol.read_answer(line)


@given(
    request=requests,
    name=st.sampled_from(["ask", "sensor", "sent_us", "run", "number", "key", "rows", "counts"]),
    value=any_json,
)
def test_whatever_stands_in_a_field_it_is_read_or_refused(request, name, value):
    line = json.dumps(json.loads(protocol.write_request(request)) | {name: value}).encode()

    with contextlib.suppress(RefusedError):
        assert protocol.write_request(protocol.read_request(line))


@given(answer=answers, name=st.sampled_from(["answer", "keys", "bits", "reason"]), value=any_json)
def test_whatever_stands_in_an_answer_it_is_read_or_called_none(answer, name, value):
    line = json.dumps(json.loads(protocol.write_answer(answer)) | {name: value}).encode()

    with none_if_unknown():
        assert protocol.write_answer(protocol.read_answer(line))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"", Reason.MALFORMED, id="nothing"),
        pytest.param(b"[]", Reason.MALFORMED, id="no object"),
        pytest.param(b"[" * 100_000, Reason.MALFORMED, id="bottomless"),
        pytest.param(b" " * 200_000, Reason.MALFORMED, id="too long"),
        pytest.param(changed(ask="tell"), Reason.MALFORMED, id="asks for something else"),
        pytest.param(changed(ssid="Home"), Reason.MALFORMED, id="a field too many"),
        pytest.param(changed(version=2), Reason.VERSION, id="another version"),
        pytest.param(changed(sensor="../x"), Reason.BAD_VALUE, id="no name"),
        pytest.param(changed(sent_us=True), Reason.BAD_VALUE, id="a time that is true"),
        pytest.param(changed(sent_us=1.0), Reason.BAD_VALUE, id="a time with a fraction"),
        pytest.param(changed(run="g" * 16), Reason.BAD_VALUE, id="no run"),
        pytest.param(changed(number=0), Reason.BAD_VALUE, id="number 0"),
        pytest.param(changed(key=7), Reason.BAD_VALUE, id="no key"),
        pytest.param(changed(rows={}), Reason.BAD_VALUE, id="rows that are no list"),
        pytest.param(changed(rows=[[1, 2]]), Reason.BAD_VALUE, id="a row too short"),
        pytest.param(changed(rows=[list(ROW)] * 1001), Reason.TOO_MANY, id="too many rows"),
        pytest.param(with_row(address=-1), Reason.BAD_VALUE, id="negative address"),
        pytest.param(with_row(fingerprint=1 << 63), Reason.BAD_VALUE, id="no 64-bit integer"),
        pytest.param(with_row(randomised=2), Reason.BAD_VALUE, id="randomised twice"),
        pytest.param(with_row(signal_dbm=128), Reason.BAD_VALUE, id="signal too strong"),
        pytest.param(with_row(frequency_mhz=0), Reason.BAD_VALUE, id="no frequency"),
        pytest.param(with_row(sequence=4096), Reason.BAD_VALUE, id="sequence number too large"),
        pytest.param(with_row(heard_at_us="now"), Reason.BAD_VALUE, id="time in words"),
        pytest.param(changed(counts=[]), Reason.BAD_VALUE, id="counts that are no object"),
        pytest.param(changed(counts={"Frames!": 1}), Reason.BAD_VALUE, id="a name of no tally"),
        pytest.param(changed(counts={"frames": 0}), Reason.BAD_VALUE, id="a count of nothing"),
        pytest.param(
            changed(counts={f"n{number}": 1 for number in range(151)}),
            Reason.TOO_MANY,
            id="too many counts",
        ),
    ],
)
def test_says_why_a_request_is_refused(line, reason):
    assert refusal_of(line) is reason


def test_no_message_shows_a_key():
    key = HandedKey("0123456789abcdef", 1, 2, 3, b"\x99" * 32)
    line = protocol.write_answer(Keys(1, 2, 24, [key], None)).replace(b'"bits":24', b'"bits":1')

    with pytest.raises(ValueError, match="no answer") as failed:
        protocol.read_answer(line)

    assert failed.value.__context__ is None or failed.value.__suppress_context__
    assert "99" not in f"{key} {Keys(1, 2, 24, [key], None)} {TAKE}".replace("0x99", "99")


def test_the_largest_batch_fits_in_a_line():
    row = Row((1 << 53) - 1, (1 << 63) - 1, (1 << 63) - 1, True, -128, 65_535, 4095)
    counted = {f"{number:040}.{'x' * 40}.{'x' * 40}.{'x' * 40}": 10**9 for number in range(150)}
    largest = Take("n" * 63, 1 << 53, "f" * 16, 1 << 53, "f" * 16, (row,) * 1000, counted)

    assert protocol.read_request(protocol.write_request(largest)) == largest
