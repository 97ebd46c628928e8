"""A virtual machine with Debian's own kernel, under software emulation, for what the kernel does.

It runs on this machine's own root file system, read-only over 9p, so there is no image to
build: only a start-up file system of busybox and the modules needed.
"""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.kernel.commands import MARK

_ROOT = Path(__file__).parents[2]
_BOOT_WITHIN_S = 1200
_MODULES = (
    "virtio_pci",
    "virtio_rng",
    "9pnet_virtio",
    "9p",
    "nf_tables",
    "nft_chain_nat",
    "nft_connlimit",
    "nft_ct",
    "nft_limit",
    "nft_masq",
    "nft_quota",
    "nft_redir",
    "nft_reject_inet",
    "veth",
)
# Where a radio may send is asked for as its module is loaded.
_RULES_OF_RADIO = (Path("/lib/firmware/regulatory.db"), Path("/lib/firmware/regulatory.db.p7s"))
_BOOT_WITH = "console=ttyS0 panic=-1 quiet loglevel=3 mitigations=off"
# A nanosecond in there is an instruction, and not one out here, unless it has nothing to do. Else a
# radio gives an access point 0.2 s to answer, which one that has to work it out needs longer for,
# here, beside much else: however often it tries.
_CLOCK = ("-icount", "shift=0")
_PROGRAMS = ("apt-get", "busybox", "cpio", "depmod", "modprobe", "qemu-system-x86_64")

_INIT = """\
    #!/bin/sh
    export PATH=/bin
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    mount -t devtmpfs dev /dev
    {load_modules}
    mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro root /root
    for folder in proc sys dev; do mount -o bind /$folder /root/$folder; done
    # The only place to write: a mount elsewhere might hide the project itself.
    mkdir /dev/tmp
    TMPDIR=/dev/tmp PYTHONPATH={root} chroot /root {command}
    poweroff -f
"""


def missing() -> list[str]:
    """Programs that this machine lacks for it."""
    return [name for name in _PROGRAMS if not shutil.which(name)]


class Machine:
    """Made in `folder`; `found` boots it anew for one program.

    `modules` are loaded beside those that every machine needs: names, each with its parameters.
    """

    def __init__(self, folder: Path, *modules: str) -> None:
        self._folder = folder
        self._modules = (*_MODULES, *modules)
        self._kernel = self._fetch()

    def found(self, program: ModuleType, *arguments: object) -> dict[str, Any]:
        """Boot, run a module of ours as root, switch off; what it has handed out."""
        python = Path(sys.prefix, "bin", "python")
        console = self._run(python, "-B", "-m", program.__name__, *arguments)
        _, marked, result = console.partition(MARK)
        assert marked, console[-2000:]
        found: dict[str, Any] = json.JSONDecoder().raw_decode(result)[0]
        return found

    def _run(self, *command: object) -> str:
        """What it writes to the console."""
        self._make_start_up(" ".join(map(str, command)))
        done = subprocess.run(
            [
                "qemu-system-x86_64",
                *("-accel", "tcg", *_CLOCK, "-cpu", "max", "-m", "1024"),
                *("-nodefaults", "-no-reboot", "-nographic", "-serial", "stdio"),
                *("-kernel", self._folder / "boot" / f"vmlinuz-{self._kernel}"),
                *("-initrd", self._folder / "start-up.gz"),
                *("-append", _BOOT_WITH),
                *("-fsdev", "local,id=r,path=/,security_model=none,readonly=on,multidevs=remap"),
                *("-device", "virtio-9p-pci,fsdev=r,mount_tag=root"),
                *("-device", "virtio-rng-pci"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            timeout=_BOOT_WITHIN_S,
        )
        return done.stdout

    def _fetch(self) -> str:
        """Debian's kernel, unpacked and not installed; its release."""
        depends = _output("apt-cache", "depends", "linux-image-amd64")
        package = next(word for word in depends.split() if word.startswith("linux-image-6"))
        # Where apt's own user may write: else it warns of working as root.
        _output("apt-get", "download", "-o", "APT::Sandbox::User=root", package, cwd=self._folder)
        [archive] = self._folder.glob(f"{package}_*.deb")
        _output("dpkg-deb", "-x", archive, self._folder)
        release = package.removeprefix("linux-image-")
        _output("depmod", "-b", self._folder, release)
        return release

    def _make_start_up(self, command: str) -> None:
        root = self._folder / "start-up"
        shutil.rmtree(root, ignore_errors=True)
        for name in ("bin", "sbin", "proc", "sys", "dev", "root"):
            (root / name).mkdir(parents=True)
        busybox = shutil.which("busybox")
        for needed in (busybox, *_libraries(busybox)):
            _copy(Path(needed), root / needed.lstrip("/"))
        _copy(Path(busybox), root / "bin/busybox")
        for name in ("sh", "mount", "mkdir", "chroot", "poweroff", "modprobe"):
            (root / "bin" / name).symlink_to("busybox")
        (root / "sbin/modprobe").symlink_to("../bin/busybox")
        self._copy_modules(root)
        for rules in _RULES_OF_RADIO:
            if rules.exists():
                _copy(rules, root / str(rules).lstrip("/"))
        load = "; ".join(f"modprobe {module}" for module in self._modules)
        init = textwrap.dedent(_INIT).format(load_modules=load, root=_ROOT, command=command)
        (root / "init").write_text(init)
        (root / "init").chmod(0o755)
        _output("sh", "-c", "find . | cpio -o -H newc --quiet | gzip -1 > ../start-up.gz", cwd=root)

    def _copy_modules(self, root: Path) -> None:
        for module in self._modules:
            name = module.split()[0]
            shown = _output(
                *("modprobe", "-d", self._folder, "-S", self._kernel, "--show-depends", name)
            )
            for line in shown.splitlines():
                if line.startswith("insmod"):
                    file = Path(line.split()[1])
                    _copy(file, root / file.relative_to(self._folder))
        _output("depmod", "-b", root, self._kernel)


def _libraries(program: str) -> list[str]:
    words = _output("ldd", program).split()
    return [os.path.realpath(word) for word in words if word.startswith("/")] + [
        word for word in words if word.startswith("/")
    ]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copy(source, target)


def _output(*command: object, cwd: Path | None = None) -> str:
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=True
    ).stdout
