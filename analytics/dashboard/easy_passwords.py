"""Which passwords are tried first, long as they are. No list of leaks: that would be gigabytes.

Of what has leaked and is long enough for us, most is a walk over the keyboard, a count, something
said twice, or a word that everybody thinks of with a year behind it.
"""

import itertools
import re
import tomllib
from pathlib import Path

_ROWS = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
_PLACE = {key: (row, column) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
_MOST_STEPS = 0.7
_LONGEST_REPEATED = 9
_ENDS = re.compile(r"^[\d\W_]+|[\d\W_]+$")
_FOUND = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_WORDS = frozenset(_FOUND["words"].split())
_SAYINGS = frozenset(_FOUND["sayings"].split())


def is_easy(password: str, *known: str) -> bool:
    """`known`: words that whoever guesses knows, such as the name."""
    plain = password.casefold()
    word = _ENDS.sub("", plain)
    return (
        _is_walk(plain)
        or (_is_walk(plain[::2]) and _is_walk(plain[1::2]))
        or _is_repeated(plain)
        or word in _SAYINGS | {each.casefold() for each in known}
        or _is_made_of(re.sub(r"[\W_]", "", word))
    )


def _is_walk(plain: str) -> bool:
    """Mostly from one key to the next, or from one sign to the next."""
    steps = sum(_is_step(one, other) for one, other in itertools.pairwise(plain))
    return steps > _MOST_STEPS * (len(plain) - 1)


def _is_step(one: str, other: str) -> bool:
    if abs(ord(one) - ord(other)) <= 1:
        return True
    if one not in _PLACE or other not in _PLACE:
        return False
    (row, column), (next_row, next_column) = _PLACE[one], _PLACE[other]
    return abs(row - next_row) <= 1 and abs(column - next_column) <= 1


def _is_repeated(plain: str) -> bool:
    return any(
        (plain[:length] * len(plain)).startswith(plain)
        for length in range(1, min(_LONGEST_REPEATED, len(plain) // 2) + 1)
    )


def _is_made_of(word: str) -> bool:
    """Of one or two of the words, or of none at all: signs and digits alone."""
    return any(
        word[:cut] in _WORDS | {""} and word[cut:] in _WORDS | {""} for cut in range(len(word) + 1)
    )
