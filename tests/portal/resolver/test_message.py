import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dns import DNS, DNSQR, DNSRR, DNSRROPT

from portal.resolver.message import (
    LONGEST_NAME,
    LONGEST_TTL_S,
    MOST_ADDRESSES,
    Finding,
    MessageError,
    Result,
    read_finding,
    read_question,
    write_answer,
    write_query,
)

NAME = "www.shop.test"


def asked(kind="A", name=NAME, **changes):
    return bytes(DNS(**({"id": 7, "rd": 1, "qd": DNSQR(qname=name, qtype=kind)} | changes)))


def found(*records, kind="A", **changes):
    """What another resolver says, as it would write it."""
    message = {"id": 9, "qr": 1, "qd": DNSQR(qname=NAME, qtype=kind), "an": list(records)}
    return bytes(DNS(**(message | changes)))


def address(ttl=300, name=NAME, kind="A", rdata="203.0.113.10"):
    return DNSRR(rrname=name, type=kind, ttl=ttl, rdata=rdata)


def retold(*records, kind="A"):
    """The same as a phone hears it from us."""
    question = read_question(asked(kind))
    return DNS(write_answer(question, read_finding(found(*records, kind=kind), question)))


def test_reads_what_a_phone_asks():
    question = read_question(asked())

    assert question.number == b"\0\7"
    assert question.name == b"\3www\4shop\4test\0"
    assert question.asks_for_addresses


def test_takes_a_question_with_options():
    assert read_question(asked(ar=[DNSRROPT(rclass=4096)])).asks_for_addresses


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x10\xd1\x9e\x10", id="raw-tunnel"),
        pytest.param(asked()[:-1], id="cut-off"),
        pytest.param(asked(qr=1), id="an-answer"),
        pytest.param(asked(opcode=5), id="an-update"),
        pytest.param(asked(an=[address()]), id="with-an-answer"),
        pytest.param(asked(qd=[DNSQR(qname=NAME), DNSQR(qname=NAME)]), id="two-questions"),
        pytest.param(asked(qd=DNSQR(qname=NAME, qclass=3)), id="another-class"),
        pytest.param(asked()[:12] + b"\xc0\x0c\0\1\0\1", id="pointer-to-itself"),
        pytest.param(asked()[:12] + b"\x40ab\0\0\1\0\1", id="unknown-label"),
        pytest.param(asked()[:12] + b"\x3fab", id="label-beyond-the-end"),
        pytest.param(asked()[:12] + b"\1a" * 128 + b"\0\0\1\0\1", id="name-over-255"),
    ],
)
def test_refuses_what_is_no_question(message):
    with pytest.raises(MessageError):
        read_question(message)


@given(st.binary(max_size=600))
def test_nothing_a_phone_sends_upsets_it(tail):
    try:
        question = read_question(asked()[:12] + tail)
    except MessageError:
        return
    assert len(write_answer(question, Finding(Result.REFUSED))) <= 512


@given(st.binary(max_size=600))
def test_nothing_the_other_resolver_sends_upsets_it(tail):
    question = read_question(asked())
    try:
        finding = read_finding(found()[:6] + b"\0\5" + found()[8:] + tail, question)
    except MessageError:
        return
    assert len(write_answer(question, finding)) <= 512


def test_asks_in_words_of_its_own():
    query = DNS(write_query(read_question(asked(rd=0, z=1)), b"\1\2"))

    assert (query.id, query.rd, query.z) == (0x0102, 1, 0)
    assert (query.qd[0].qname, query.qd[0].qtype) == (b"www.shop.test.", 1)
    assert query.ar[0].type == 41


def test_an_address_is_told_under_the_name_that_was_asked_for():
    answer = retold(
        address(kind="CNAME", rdata="edge.cdn.test"), address(name="edge.cdn.test", ttl=20)
    )

    assert (answer.id, answer.qr, answer.ra, answer.rcode) == (7, 1, 1, 0)
    assert [(each.rrname, each.rdata, each.ttl) for each in answer.an] == [
        (b"www.shop.test.", "203.0.113.10", 20)
    ]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(address(kind="CNAME", rdata="data.tunnel.test"), id="cname-alone"),
        pytest.param(address(kind="TXT", rdata=b"data"), id="txt"),
        pytest.param(address(kind="NULL", rdata=b"data"), id="null"),
        pytest.param(address(kind="AAAA", rdata="2001:db8::1"), id="other-family"),
    ],
)
def test_what_is_no_address_is_left_out(record):
    answer = retold(record)

    assert (answer.rcode, answer.ancount, answer.nscount, answer.arcount) == (0, 0, 0, 0)
    assert b"data" not in bytes(answer)


def test_an_address_of_a_wrong_length_is_left_out():
    record = address(kind="TXT", rdata=b"eightch.")
    message = found(record).replace(b"\0\x10\0\1\0\0\1", b"\0\1\0\1\0\0\1")
    assert message != found(record)

    assert read_finding(message, read_question(asked())).addresses == ()


def test_no_address_is_kept_for_long():
    assert retold(address(ttl=86_400)).an[0].ttl == LONGEST_TTL_S


def test_few_addresses_are_enough():
    every = [address(rdata=f"203.0.113.{number}") for number in range(20)]

    assert retold(*every).ancount == MOST_ADDRESSES


def test_the_longest_answer_fits_a_datagram():
    name = ".".join(["a" * 63, "b" * 62])
    question = read_question(asked("AAAA", name))
    assert len(question.name) == LONGEST_NAME
    assert not question.is_too_long

    finding = Finding(Result.FOUND, (bytes(16),) * MOST_ADDRESSES, 60)
    assert len(write_answer(question, finding)) <= 512


@pytest.mark.parametrize(
    ("rcode", "result"),
    [(3, Result.NO_SUCH_NAME), (2, Result.FAILED), (5, Result.FAILED)],
    ids=["no-such-name", "failed", "refused"],
)
def test_tells_why_there_is_no_address(rcode, result):
    finding = read_finding(found(rcode=rcode), read_question(asked()))

    assert finding == Finding(result)
    assert DNS(write_answer(read_question(asked()), finding)).rcode == result


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(found(qd=DNSQR(qname="www.else.test")), id="another-name"),
        pytest.param(found(kind="AAAA"), id="another-kind"),
        pytest.param(found(qr=0), id="a-question"),
        pytest.param(found(address())[:-1], id="cut-off"),
    ],
)
def test_takes_no_answer_to_another_question(message):
    with pytest.raises(MessageError):
        read_finding(message, read_question(asked()))


def test_shows_no_name_when_printed():
    assert "shop" not in repr(read_question(asked()))
