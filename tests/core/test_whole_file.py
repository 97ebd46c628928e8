import os
import stat

import pytest

from core import whole_file


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_file_has_the_mode_that_was_asked_for_whatever_the_umask(tmp_path, mode):
    path = tmp_path / "file"
    before = os.umask(0o077)
    try:
        whole_file.replace(path, b"first", mode=mode)
        whole_file.replace(path, b"second", mode=mode)
    finally:
        os.umask(before)

    assert path.read_bytes() == b"second"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot give files away")
def test_a_file_goes_to_the_owner_of_another(tmp_path):
    other = tmp_path / "other"
    other.touch()
    os.chown(other, 4321, 4322)

    whole_file.replace(tmp_path / "file", b"", mode=0o600, owner_of=other)

    found = (tmp_path / "file").stat()
    assert (found.st_uid, found.st_gid) == (4321, 4322)


def test_what_a_killed_writer_left_is_written_over(tmp_path):
    path = tmp_path / "file"
    (tmp_path / ".file.new").write_text("half of it, and mo")

    whole_file.replace(path, b"all")

    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_draft_that_fails_is_not_left_behind(tmp_path):
    (tmp_path / "file").write_bytes(b"before")

    with pytest.raises(OSError, match="No such file"):
        whole_file.replace(tmp_path / "file", b"after", mode=0o600, owner_of=tmp_path / "gone")

    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"before"]
