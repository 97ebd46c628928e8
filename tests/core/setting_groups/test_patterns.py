"""No setting's pattern asks for any letter or digit of all of Unicode, many times over."""

import json

from core.settings import Settings


def patterns(found):
    if isinstance(found, dict):
        yield from (found["pattern"],) if isinstance(found.get("pattern"), str) else ()
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from patterns(each)


def test_patterns_name_the_letters_they_allow():
    """Of any letter of Unicode, repeated, each program took twelve megabytes more."""
    found = set(patterns(Settings.model_json_schema()))

    assert len(found) > 20, json.dumps(sorted(found))
    assert [each for each in found if r"\w" in each or r"\d" in each] == []
