"""Addresses that climb: out of the folders of files, past the guard, around a role."""

import pytest

from core import secret_file
from tests.attack.web_programs import PROGRAMS, get

CLIMBS = [
    "../{file}",
    "..%2f{file}",
    "%2e%2e/%2e%2e/{file}",
    "....//....//{file}",
    "..\\..\\{file}",
    "..%5c..%5c{file}",
    "%252e%252e%252f{file}",
    "..%c0%af{file}",
    "./..;/{file}",
    "/{file}",
    "file://{file}",
    "{file}%00.webp",
    "{file}\0.css",
]
UP = "../" * 12


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_no_address_reads_a_file_that_is_not_for_it(request, program, tmp_path):
    app, client = program(request)
    secret_file.load_or_create(tmp_path / "data")
    kept = next(each for each in (tmp_path / "data").iterdir() if each.is_file())
    open_ = {rule.rule for rule in app.url_map.iter_rules() if "<" in rule.rule}
    places = {rule.partition("<")[0] for rule in open_} | {"/"}
    asked = 0
    for place in places:
        for climb in CLIMBS:
            for file in (str(kept).lstrip("/"), UP + str(kept).lstrip("/"), UP + "etc/passwd"):
                answer = get(client, place + climb.format(file=file))
                asked += 1
                assert answer.status_code >= 300, (place, climb)
                assert b"root:" not in answer.data
                assert kept.read_bytes()[:40] not in answer.data
    assert asked >= len(CLIMBS)
