import secrets

import pytest

from analytics.dashboard.easy_passwords import is_easy


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("qwertyuiop12", id="along-a-row"),
        pytest.param("1qaz2wsx3edc", id="down-the-columns"),
        pytest.param("q1w2e3r4t5y6", id="zigzag"),
        pytest.param("a1s2d3f4g5h6", id="two-rows-in-turn"),
        pytest.param("Abcdefgh1234", id="alphabet"),
        pytest.param("112233445566", id="count"),
        pytest.param("198705142203", id="nothing-but-digits"),
        pytest.param("alice!alice!", id="twice"),
        pytest.param("zzzzzzzzzzzz", id="one-letter"),
        pytest.param("Password2026!", id="word-and-year"),
        pytest.param("welcome-home-1", id="two-words"),
        pytest.param("Doorman!Admin1", id="ours"),
        pytest.param("woaini1314520", id="pinyin"),
        pytest.param("thecakeisalie", id="saying"),
        pytest.param("ALICE-THE-FIRST-2026", id="name-and-year"),
    ],
)
def test_what_everybody_tries_first_is_easy(password):
    assert is_easy(password, "alice-the-first")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "another password",
        "assessed wetter trees",
        "my shop in Anfu road",
        "Tr0ub4dor&3xyz",
        "安福路的咖啡很好喝呢真的",
    ],
)
def test_a_few_unrelated_words_are_not(password):
    assert not is_easy(password, "alice-the-first")


def test_what_a_password_manager_makes_is_hardly_ever_refused():
    made = [secrets.token_urlsafe(12) for _ in range(1000)]

    assert sum(map(is_easy, made)) < 20
