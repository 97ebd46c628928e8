"""A bare Debian to deploy to, and the packages that the roles ask for: made once, kept in `build/`.

    python -m tests.deploy.debian [bookworm|trixie]

Both come from wherever this machine's own apt gets Debian. On the target apt finds the packages
in a folder, as in a shop that is set up without internet.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "deploy"
ROLES = ROOT / "deploy" / "ansible" / "roles"

# What Debian's installer leaves behind where nothing but "SSH server" was ticked, in short.
_BARE = (
    *("systemd", "systemd-sysv", "udev", "dbus", "kmod", "procps"),
    *("ifupdown", "iproute2", "netbase", "ca-certificates", "openssh-server", "python3"),
)
# What Ansible itself installs before it installs anything else.
_FOR_ANSIBLE = ("python3-apt",)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One at a time, of several who test at once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def bare_root(suite: str) -> Path:
    """The archive (tar) of a root file system that boots."""
    with alone():
        return _bare_root(suite)


def repository(suite: str) -> Path:
    """A folder of packages that apt takes for a repository."""
    with alone():
        return _repository(suite)


def packages_of_roles() -> list[str]:
    """What each role's defaults name in a list called `..._packages`."""
    found = set()
    for file in ROLES.glob("*/defaults/main.yml"):
        for name, value in yaml.safe_load(file.read_text()).items():
            if name.endswith("_packages") and isinstance(value, list):
                found.update(value)
    return sorted(found)


def _bare_root(suite: str) -> Path:
    sources = _sources(suite)
    folder = _folder(suite, [*sources, *_BARE])
    archive = folder / "root.tar"
    if not archive.exists():
        _run(
            *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(_BARE)}"),
            '--aptopt=Acquire::Languages "none"',
            *(suite, folder / "new.tar", *sources),
        )
        (folder / "new.tar").rename(archive)
    return archive


def _repository(suite: str) -> Path:
    archive = _bare_root(suite)
    wanted = [*_FOR_ANSIBLE, *packages_of_roles()]
    folder = _folder(suite, [archive.parent.name, *wanted]) / "packages"
    if not folder.exists():
        new = folder.with_name("new")
        shutil.rmtree(new, ignore_errors=True)
        (new / "partial").mkdir(parents=True)
        _download(suite, archive, wanted, new)
        (new / "Packages").write_text(_output("apt-ftparchive", "packages", ".", cwd=new))
        (new / "Release").write_text(_output("apt-ftparchive", "release", ".", cwd=new))
        new.rename(folder)
    return folder


def _download(suite: str, archive: Path, wanted: list[str], folder: Path) -> None:
    """All that apt would fetch to install these on the bare root."""
    apt = folder.parent / "apt"
    (apt / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (apt / "sources.list").write_text("\n".join(_sources(suite)) + "\n")
    (apt / "status").write_text(_output("tar", "-xOf", archive, "./var/lib/dpkg/status"))
    (apt / "apt.conf").write_text(
        f'Dir::State::Lists "{apt}/lists"; Dir::State::Status "{apt}/status";\n'
        f'Dir::Etc::SourceList "{apt}/sources.list"; Dir::Etc::SourceParts "/dev/null";\n'
        f'Dir::Etc::PreferencesParts "/dev/null"; Dir::Cache::Archives "{folder}/";\n'
        'Dir::Cache::PkgCache ""; Dir::Cache::SrcPkgCache "";\n'
        'APT::Sandbox::User "root"; Acquire::Languages "none"; Debug::NoLocking "true";\n'
    )
    environment = os.environ | {"APT_CONFIG": str(apt / "apt.conf")}
    _run("apt-get", "-qq", "update", environment=environment)
    _run(
        *("apt-get", "-qq", "--yes", "--no-install-recommends", "--download-only", "install"),
        *wanted,
        environment=environment,
    )
    shutil.rmtree(folder / "partial")
    (folder / "lock").unlink(missing_ok=True)


def _sources(suite: str) -> list[str]:
    """Where this machine's apt gets Debian, said for that release of it."""
    words = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
    filters = ("Created-By: Packages", "Origin: Debian")
    listed = _output("apt-get", "indextargets", "--format", words, *filters)
    if not listed:
        _run("apt-get", "-qq", "update")
        listed = _output("apt-get", "indextargets", "--format", words, *filters)
    found = set()
    for line in listed.splitlines():
        address, codename, component = line.split()
        _codename, dash, part = codename.partition("-")
        if component == "main" and part in {"", "updates", "security"}:
            found.add(f"deb {address} {suite}{dash}{part} main")
    if not found:
        raise RuntimeError("this machine's apt knows no source of Debian's packages")
    return sorted(found)


def _folder(suite: str, made_of: list[str]) -> Path:
    """Each that is made of something else is another one."""
    key = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]
    folder = CACHE / f"{suite}-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _output(*command: object, cwd: Path | None = None) -> str:
    return _run(*command, cwd=cwd).stdout


def _run(
    *command: object, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    done = subprocess.run(
        words, check=False, capture_output=True, text=True, cwd=cwd, env=environment
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()[-2000:]}")
    return done


if __name__ == "__main__":
    repository(sys.argv[1] if len(sys.argv) > 1 else "bookworm")
