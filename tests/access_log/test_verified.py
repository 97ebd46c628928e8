from access_log import verified
from access_log.verified import ACCESS_LOG, FLOWS, Result


def test_what_came_of_a_look_is_kept_by_log(tmp_path, now):
    whole, broken = Result(now, "", 7, "7:ab"), Result(now, "block 3 is gone", 2, "2:cd")
    verified.write(tmp_path, ACCESS_LOG, whole)
    verified.write(tmp_path, FLOWS, broken)

    assert verified.read(tmp_path) == {ACCESS_LOG: whole, FLOWS: broken}
    assert (tmp_path / verified.NAME).stat().st_mode & 0o077 == 0


def test_a_log_in_trouble_keeps_the_head_of_when_it_was_whole(tmp_path, now):
    verified.write(tmp_path, FLOWS, Result(now, "", 7, "7:ab"))
    for _ in range(2):
        verified.write(tmp_path, FLOWS, Result(now, "block 7 is gone", 6, "6:cd"))

    assert verified.read(tmp_path)[FLOWS].head == "7:ab"


def test_what_cannot_be_read_was_never_looked_at(tmp_path):
    assert verified.read(tmp_path) == {}
    (tmp_path / verified.NAME).write_text("[1]")
    assert verified.read(tmp_path) == {}
    verified.forget(tmp_path)
    verified.forget(tmp_path)
    assert not (tmp_path / verified.NAME).exists()
