import datetime as dt
import os
import ssl
import stat

import pytest

from sniffer.remote import bundle
from sniffer.remote.authority import Authority, AuthorityError
from sniffer.remote.bundle import BundleError


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "sensors")


@pytest.fixture
def carried(tmp_path):
    """Writes a bundle as the command does."""

    def carried(content, mode=0o600):
        path = tmp_path / "carried.pem"
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return carried


def certificate_in(content):
    _, own, _ = content.decode().split("-----BEGIN CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert("-----BEGIN CERTIFICATE-----" + own)


def test_a_sensor_that_was_added_is_known_by_its_certificate_alone(authority, now):
    corner = certificate_in(authority.add("corner", now))
    window = certificate_in(authority.add("window", now))

    assert [known.name for known in authority.known()] == ["corner", "window"]
    assert authority.is_known("corner", corner)
    assert not authority.is_known("corner", window)
    assert not authority.is_known("door", corner)


def test_added_again_the_earlier_bundle_is_no_longer_good(authority, now):
    earlier = certificate_in(authority.add("corner", now))
    later = certificate_in(authority.add("corner", now))

    assert not authority.is_known("corner", earlier)
    assert authority.is_known("corner", later)


def test_removed_it_is_known_no_longer(authority, now):
    corner = certificate_in(authority.add("corner", now))

    authority.remove("corner")

    assert authority.known() == []
    assert not authority.is_known("corner", corner)
    with pytest.raises(AuthorityError, match="there is no sensor corner"):
        authority.remove("corner")


@pytest.mark.parametrize("name", ["", "../box", "Corner", "a b", "x" * 64, "corner\n"])
def test_a_name_is_an_identifier(authority, now, name):
    with pytest.raises(AuthorityError, match="a sensor's name"):
        authority.add(name, now)
    assert not authority.is_known(name, b"")


def test_nobody_else_reads_what_lies_there_and_no_sensors_key_does(authority, now, tmp_path):
    content = authority.add("corner", now)
    authority.box_file(now)

    files = [path for path in (tmp_path / "sensors").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"authority.pem", "box.pem", "corner.pem"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "sensors").stat().st_mode) == 0o700
    key = content.split(b"-----END PRIVATE KEY-----")[0]
    assert all(key not in path.read_bytes() for path in files)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_that_root_makes_belong_to_the_folders_owner(tmp_path, now):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    os.chown(data_dir, 12345, 12345)

    Authority(data_dir / "sensors").add("corner", now)

    assert {path.stat().st_uid for path in (data_dir / "sensors").rglob("*")} == {12345}


def test_the_boxs_certificate_is_made_anew_before_it_ends(authority, now):
    first = authority.box_file(now).read_bytes()

    assert authority.box_file(now + dt.timedelta(days=900)).read_bytes() == first
    assert authority.box_file(now + dt.timedelta(days=1010)).read_bytes() != first


def test_another_authority_makes_another_certificate_for_the_box(authority, now, tmp_path):
    first = authority.box_file(now).read_bytes()
    (tmp_path / "sensors" / "authority.pem").unlink()

    assert authority.box_file(now).read_bytes() != first


def test_a_damaged_authority_is_named(authority, now, tmp_path):
    authority.add("corner", now)
    (tmp_path / "sensors" / "authority.pem").write_text("nonsense")

    with pytest.raises(AuthorityError, match=r"authority\.pem is damaged"):
        authority.add("window", now)


def test_a_bundle_tells_the_sensors_name_and_its_end(authority, now, carried):
    found = bundle.read(carried(authority.add("corner", now)))

    assert found.name == "corner"
    assert dt.timedelta(days=1000) < found.ends_at - now < dt.timedelta(days=1200)
    assert found.context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert found.context.verify_mode is ssl.CERT_REQUIRED
    assert found.context.check_hostname


def test_a_bundle_that_is_open_to_others_is_refused(authority, now, carried):
    with pytest.raises(BundleError, match="chmod 600"):
        bundle.read(carried(authority.add("corner", now), mode=0o644))


@pytest.mark.parametrize("damage", [lambda _: b"", lambda whole: whole[:-900], lambda w: w[300:]])
def test_a_damaged_bundle_is_refused(authority, now, carried, damage):
    with pytest.raises(BundleError, match="is no bundle"):
        bundle.read(carried(damage(authority.add("corner", now))))


def test_a_bundle_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BundleError, match="is not there"):
        bundle.read(tmp_path / "none.pem")
