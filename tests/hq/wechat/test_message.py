import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.wechat.message import MessageError, read, write
from tests.fakes.wechat import callbacks

NAMES = st.text(string.ascii_letters, min_size=1, max_size=20)
# XML has no way to write most control characters.
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@given(st.dictionaries(NAMES, TEXTS, max_size=10))
def test_reads_what_it_writes(fields):
    assert read(write(fields)) == fields


@given(st.dictionaries(NAMES, TEXTS, max_size=10))
def test_writes_what_others_read(fields):
    assert callbacks.fields_of(write(fields).decode()) == fields


def test_reads_a_scan_as_wechat_sends_it():
    body = (
        b"<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n"
        b"<FromUserName><![CDATA[o1]]></FromUserName>\n<CreateTime>123456789</CreateTime>\n"
        b"<ScanCodeInfo><ScanType>x</ScanType></ScanCodeInfo></xml>"
    )

    fields = read(body)
    assert fields["FromUserName"] == "o1"
    assert fields["CreateTime"] == "123456789"
    assert "ScanType" not in fields


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="no XML"),
        pytest.param(b"<xml><A>1</A>", id="cut short"),
        pytest.param(b"<xml><A>1</A></xml><xml/>", id="two roots"),
        pytest.param(b"<xml><A>1</A><A>2</A></xml>", id="a field twice"),
        pytest.param(b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>', id="outside"),
        pytest.param(
            b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><A>&b;</A></xml>',
            id="entities that grow",
        ),
        pytest.param(
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>',
            id="an entity from outside",
        ),
        pytest.param(b"<xml><A>&nothing;</A></xml>", id="an entity nobody declared"),
        pytest.param(b"<?php?><xml/>", id="an instruction"),
        pytest.param(b"<a>" * 1000, id="deep"),
        pytest.param(b"<xml>" + b"".join(b"<a%d/>" % n for n in range(200)) + b"</xml>", id="wide"),
        pytest.param(b"<xml><A>" + b"x" * 70_000 + b"</A></xml>", id="long"),
        pytest.param("<xml><A>é</A></xml>".encode("latin-1"), id="not UTF-8"),
        pytest.param("<xml/>".encode("utf-16"), id="UTF-16"),
    ],
)
def test_refuses(body):
    with pytest.raises(MessageError) as caught:
        read(body)
    assert "passwd" not in str(caught.value)


@given(st.binary())
def test_garbage_is_refused_and_breaks_nothing(garbage):
    with pytest.raises(MessageError):
        read(garbage)


@given(st.text("<>/xml &;![CDATA]ab?-", max_size=60))
def test_almost_xml_is_read_or_refused(text):
    try:
        fields = read(text.encode())
    except MessageError:
        return
    assert all(isinstance(value, str) for value in fields.values())
