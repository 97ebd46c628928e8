import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.deploy import debian, playbook, release
from tests.deploy.store import Store
from tests.lab.phone import Phone

_PROGRAMS = (
    *("ip", "nft", "dnsmasq", "udhcpc", "ssh", "ssh-keygen", "unshare", "mkfs.ext4"),
    *("mmdebstrap", "systemd-nspawn", "apt-ftparchive"),
)


def pytest_collection_modifyitems(items):
    for item in items:
        # Others in this folder need no booted box.
        if "store" in item.fixturenames and item.path.parent == Path(__file__).parent:
            item.add_marker("deploy")
    # The longest file first, since another runs beside it.
    items.sort(key=lambda item: item.path.name != "test_upgrades.py")


@pytest.fixture(scope="module")
def store():
    """One box for a whole file: bare at first, and then whatever its tests have made of it."""
    if os.geteuid() != 0:
        pytest.skip("not root: cannot boot a Debian")
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    suite = os.environ.get("DOORMAN_TEST_SUITE", "bookworm")
    # In memory, where there is room for its disk: what the box waits for is then the box's.
    shared = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    where = shared if shutil.disk_usage(shared).free > 6 << 30 else debian.CACHE
    with (
        tempfile.TemporaryDirectory(prefix="doorman-deploy-", dir=where) as folder,
        Store(Path(folder), suite) as store,
    ):
        yield store


@pytest.fixture(scope="module")
def playbooks(store, bundle):
    """To be run against the box, with the release of this checkout."""
    playbooks = playbook.Playbooks(store)
    playbooks.facts |= {
        "release_version": release.version_of(bundle),
        "release_bundle": str(bundle),
    }
    return playbooks


@pytest.fixture(scope="module")
def bundle(store, tmp_path_factory):
    return release.bundle(store.python, tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def phone(store, playbooks):
    if not shutil.which("chromium"):
        pytest.skip("not installed: chromium")
    return Phone(store, store.shopper)


@pytest.fixture(scope="module")
def newer(bundle, tmp_path_factory):
    """`newer(version, files)`: a release to upgrade to, as facts of a playbook."""
    made = {}

    def newer(version, files):
        # Once: a box refuses another bundle of a version that it has built.
        if version not in made:
            folder = tmp_path_factory.mktemp("newer")
            made[version] = release.changed(bundle, version, files, folder)
        return {"release_version": version, "release_bundle": str(made[version])}

    return newer
