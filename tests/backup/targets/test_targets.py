"""Every place keeps files in the same way: a folder, SFTP (OpenSSH's own server), S3 (moto's)."""

import botocore.session
import pytest

from backup.targets import choice
from backup.targets.folder import FolderTarget
from backup.targets.s3 import S3Target
from backup.targets.sftp import SftpTarget
from backup.targets.shape import Entry, TargetError
from core.setting_groups.backup import BackupSettings
from tests import free_ports, s3_server

SERVER = "/usr/lib/openssh/sftp-server"
PUBLIC = "age1ek508kpqcv8lwhcla6edup8mhh9x0z2j2sv0vhj530e3346pkgwq8aeztq"


@pytest.fixture(scope="module")
def endpoint():
    # Short pages, so that a list has several.
    with s3_server.running(MOTO_S3_DEFAULT_MAX_KEYS="2") as address:
        yield address


@pytest.fixture(params=["folder", "sftp", "s3"])
def target(request, tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    if request.param == "folder":
        return FolderTarget(folder)
    if request.param == "sftp":
        return SftpTarget(("sftp", "-b", "-", "-D", SERVER), str(folder))
    return bucket(request.getfixturevalue("endpoint"), "doorman")


def bucket(endpoint, name):
    client = botocore.session.get_session().create_client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id="store",
        aws_secret_access_key="not a secret",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=name)
    client.close()
    return S3Target.of(f"s3://{name}/shops/one", endpoint, "us-east-1", "store", "not a secret")


def test_what_was_put_is_listed_fetched_and_removed(target, tmp_path):
    path = tmp_path / "made"
    path.write_bytes(b"sealed" * 5000)

    target.put(path, "doorman-b.age")
    target.put(path, "doorman-a.age")
    path.write_bytes(b"newer")
    target.put(path, "doorman-a.age")

    assert target.entries() == [Entry("doorman-a.age", 5), Entry("doorman-b.age", 30_000)]
    target.fetch("doorman-b.age", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"sealed" * 5000
    target.remove("doorman-b.age")
    assert target.entries() == [Entry("doorman-a.age", 5)]


def test_what_is_not_there_is_an_error_in_one_line(target, tmp_path):
    with pytest.raises(TargetError) as caught:
        target.fetch("doorman-x.age", tmp_path / "back")

    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_mounted_is_not_made(tmp_path):
    target = FolderTarget(tmp_path / "nas")

    with pytest.raises(TargetError, match="mounted"):
        target.put(tmp_path / "made", "doorman-a.age")

    assert not (tmp_path / "nas").exists()


def test_s3_is_signed_as_amazon_s_own_client_signs(now):
    """Against botocore: moto checks no signature."""
    from botocore.auth import S3SigV4Auth  # noqa: PLC0415 - of this test alone
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - as above
    from botocore.credentials import Credentials  # noqa: PLC0415 - as above

    target = S3Target.of("s3://shops/a", "https://s3.example.com", "eu-west-1", "key", "secret")
    query = "continuation-token=a%2Fb%3D&list-type=2&prefix=a%2F"
    ours = target._signed(f"GET\n/shops\n{query}", "s3.example.com", "UNSIGNED-PAYLOAD", now)
    theirs = AWSRequest("GET", f"https://s3.example.com/shops?{query}")
    theirs.context["timestamp"] = ours["x-amz-date"]
    theirs.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
    theirs.headers["x-amz-date"] = ours["x-amz-date"]
    auth = S3SigV4Auth(Credentials("key", "secret"), "s3", "eu-west-1")
    wanted = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)

    assert ours["authorization"].endswith(f"Signature={wanted}")


def test_pages_of_a_long_list_are_read_to_the_end(endpoint, tmp_path):
    target = bucket(endpoint, "long")
    path = tmp_path / "made"
    path.write_bytes(b"x")
    for number in range(5):
        target.put(path, f"doorman-{number} &.age")

    assert [entry.name for entry in target.entries()] == [
        f"doorman-{number} &.age" for number in range(5)
    ]


WRONG = {
    "no folder of its own": "s3://",
    "another scheme": "ftp://store@nas/x",
    "no user": "sftp://nas/x",
    "orders to the client": 'sftp://store@nas/x"\nrm y',
    "an option": "sftp://-oProxyCommand=x@nas/x",
    "not from the root": "backups",
}


@pytest.mark.parametrize("named", WRONG.values(), ids=WRONG)
def test_a_wrong_target_is_named_at_the_start(named):
    with pytest.raises(ValueError, match="target"):
        BackupSettings(target=named, public_key=PUBLIC, sftp_key="/k", sftp_known_hosts="/h")


def test_a_server_that_is_not_there_is_told_soon(tmp_path):
    [port] = free_ports.find(1)
    url = f"sftp://store-1@127.0.0.1:{port}/backups"
    target = SftpTarget.of(url, tmp_path / "key", tmp_path / "known_hosts")

    with pytest.raises(TargetError, match=r"sftp failed: .*refused"):
        target.entries()


def test_sftp_trusts_the_server_that_is_known_alone():
    found = BackupSettings(
        target="sftp://store-1@nas.example.com:2222/~/doorman",
        public_key=PUBLIC,
        sftp_key="/etc/doorman/backup",
        sftp_known_hosts="/etc/doorman/nas",
    )

    target = choice.of(found.target, found)

    assert target.folder == "doorman"
    assert target.command[-1] == "store-1@nas.example.com"
    assert {"-oStrictHostKeyChecking=yes", "-oUserKnownHostsFile=/etc/doorman/nas", "2222"} < {
        *target.command
    }
