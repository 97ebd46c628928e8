import base64
import io
import shutil
import subprocess

import pytest

from backup.age import AgeError, Opening, Sealing
from backup.keys import PrivateKey

# Made by age 1.1.1 and its age-keygen.
OF_AGE_S = "AGE-SECRET-KEY-1CG9Z5LHJQX7G0MYUGY8K83DDTCQWQKT7EE9WTQGPWH8RWAFFE5WSRPZC5A"
BY_AGE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBFT3p0YkdISkpxYzB2TUpQaXkwU2NOY2dQZXJiYURoN2prdU"
    "1jSExhb2g4ClNHUFlzdnVQSEpUek9RR2NGOUQ3UTV1QzlHY1Z3SHQ0WG1aRjNEQW5vbk0KLS0tIG5Hc0NzMkRWUDlE"
    "MWxuQjNYYUNUVjNTU3ZPaVp0dVF6UGFlcGlzSU5DUmcKH+2Q0e2sd2tsknvt3n+Xj8jrAnjafe7oRAbPPs+Vl9ECnp"
    "oipc/AEk4HimXzVhNxpN1KAueU2kLyHTyQiAQU9v+iacEI"
)
PIECE = 64 * 1024
KEY = PrivateKey(bytes(range(32)))


def sealed(content, key=KEY):
    written = io.BytesIO()
    sealing = Sealing(written, key.public())
    sealing.write(content)
    sealing.close()
    return written.getvalue()


def opened(content, key=KEY):
    return Opening(io.BytesIO(content), key).read()


def test_a_file_that_age_made_opens():
    found = opened(base64.b64decode(BY_AGE), PrivateKey.parse(OF_AGE_S))

    assert found == b"Who steals the target reads nothing.\n"


def test_age_opens_what_is_made_here(tmp_path):
    if not shutil.which("age"):
        pytest.skip("age is not installed (apt-get install age)")
    (tmp_path / "key").write_text(KEY.text())
    command = ["age", "--decrypt", "--identity", tmp_path / "key"]
    content = bytes(3 * PIECE + 7)

    found = subprocess.run(command, input=sealed(content), capture_output=True, check=True)

    assert found.stdout == content


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 200_000])
def test_what_was_sealed_opens_whole(size):
    content = bytes(size)

    assert opened(sealed(content)) == content


def test_another_key_opens_nothing():
    with pytest.raises(AgeError, match="another key"):
        opened(sealed(b"a member"), PrivateKey.new())


TAMPERED = {
    "cut off within a piece": lambda whole: whole[:-1],
    "cut off after a piece": lambda whole: whole[: -(PIECE + 16)],
    "without its end": lambda whole: whole[: len(whole) - 3 * (PIECE + 16)],
    "with something behind": lambda whole: whole + b"x",
    "changed": lambda whole: whole[:-200] + bytes([whole[-200] ^ 1]) + whole[-199:],
    "pieces swapped": lambda whole: (
        whole[: -3 * (PIECE + 16)]
        + whole[-2 * (PIECE + 16) : -(PIECE + 16)]
        + whole[-3 * (PIECE + 16) : -2 * (PIECE + 16)]
        + whole[-(PIECE + 16) :]
    ),
    "head changed": lambda whole: whole.replace(b"---", b"-> other\n---", 1),
    "no head": lambda _: b"something else",
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_what_is_not_whole_is_refused(tamper):
    whole = sealed(bytes(3 * PIECE))

    with pytest.raises(AgeError):
        opened(tamper(whole))


def test_reading_on_finds_that_the_end_is_missing():
    reading = Opening(io.BytesIO(sealed(bytes(3 * PIECE))[: -(PIECE + 16)]), KEY)
    reading.read(10)

    with pytest.raises(AgeError, match="cut off"):
        reading.finish()
