import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import link_token
from tests.conftest import NOON

KEY = b"k" * 32
END = NOON + dt.timedelta(minutes=10)


def test_a_token_is_good_until_its_time_is_over():
    token = link_token.make(KEY, END)

    link_token.check(KEY, token, NOON)
    with pytest.raises(link_token.LinkTokenError):
        link_token.check(KEY, token, END)


def test_it_needs_no_quoting_and_never_repeats():
    tokens = {link_token.make(KEY, END) for _ in range(100)}

    assert len(tokens) == 100
    assert all(re.fullmatch(r"[\w-]{48}", token) for token in tokens)


def test_it_is_worth_nothing_with_another_key():
    with pytest.raises(link_token.LinkTokenError):
        link_token.check(b"x" * 32, link_token.make(KEY, END), NOON)


@given(st.integers(0, 47), st.characters())
def test_no_altered_token_is_good(place, letter):
    token = link_token.make(KEY, END)
    altered = token[:place] + letter + token[place + 1 :]
    if altered != token:
        with pytest.raises(link_token.LinkTokenError) as caught:
            link_token.check(KEY, altered, NOON)
        assert token not in str(caught.value)


@given(st.text())
def test_garbage_is_no_token(garbage):
    with pytest.raises(link_token.LinkTokenError):
        link_token.check(KEY, garbage, NOON)
