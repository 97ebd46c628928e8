"""A booted Debian on a disk of its own: systemd, ssh, a firewall in its own network namespace.

The kernel is this machine's, so there is no radio and no clock to set; all else is as on a box.
"""

import fcntl
import os
import struct
import subprocess
from pathlib import Path

from tests.lab.namespace import Namespace

_DISK_BYTES = 4 << 30
_ENDS_WITHIN_S = 60
# ext4's own "the power is gone" (include/uapi/linux/ext4.h): what is not on the disk by now never
# will be, the journal included.
_EXT4_SHUTDOWN = 0x8004587D
_WITHOUT_FLUSHING = 2
# As Debian's installer leaves it: how the box is reached, and nothing else.
_INTERFACES = """\
auto lo
iface lo inet loopback
auto mgmt0
iface mgmt0 inet static
    address 10.99.0.2/24
"""


class Target:
    """One box. Its disk outlives being switched off; nothing else does."""

    def __init__(self, folder: Path, name: str, packages: Path) -> None:
        self._name = name
        self._image = folder / "disk.img"
        self._root = folder / "root"
        self._log = folder / "console.log"
        self._packages = packages
        self._process: subprocess.Popen[bytes] | None = None

    def install(self, archive: Path, public_key: Path) -> None:
        """A disk with a bare Debian, which lets this key in by ssh."""
        with self._image.open("wb") as image:
            image.truncate(_DISK_BYTES)
        _run("mkfs.ext4", "-q", "-F", "-J", "size=32", self._image)
        self._root.mkdir()
        script = """
            mount -o loop "$1" "$2"; tar -C "$2" -xf "$3"
            mkdir -p -m 700 "$2/root/.ssh"; cp "$4" "$2/root/.ssh/authorized_keys"
            printf %s "$5" >"$2/etc/network/interfaces"
            echo box >"$2/etc/hostname"; rm -f "$2/etc/resolv.conf"; umount "$2"
        """
        words = (self._image, self._root, archive, public_key, _INTERFACES)
        own_mounts = ("unshare", "--mount", "--propagation", "private")
        _run(*own_mounts, "sh", "-euc", script, "sh", *words)

    def switch_on(self, namespace: Namespace) -> None:
        script = Path(__file__).with_name("target.sh")
        own_mounts = ("unshare", "--mount", "--propagation", "private")
        words = (script, self._name, self._image, self._root, namespace.name, self._packages)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*own_mounts, *map(str, words)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def cut_power(self) -> None:
        """Nothing more reaches the disk, from one moment to the next; then nothing runs."""
        handle = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _EXT4_SHUTDOWN, struct.pack("I", _WITHOUT_FLUSHING))
        finally:
            os.close(handle)
        self.kill()

    def kill(self) -> None:
        """End all that runs on it, at once; its disk is written to the end."""
        if self._process and self._process.poll() is None:
            group = self._inside / "sys/fs/cgroup" / self._name / "cgroup.kill"
            group.write_text("1")
            self.wait_for_end()

    def wait_for_end(self) -> None:
        """Until it is off: killed, or shut down by itself."""
        assert self._process
        self._process.wait(_ENDS_WITHIN_S)
        self._process = None

    @property
    def root(self) -> Path:
        """Its files, while it is on."""
        return self._inside / self._root.relative_to("/")

    @property
    def console(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]

    @property
    def is_on(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def _inside(self) -> Path:
        assert self._process
        return Path("/proc", str(self._process.pid), "root")


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()}")
