"""A folder on another machine, by SFTP: OpenSSH's own client, which knows keys and servers."""

import dataclasses
import urllib.parse
from pathlib import Path

from backup import program
from backup.program import ProgramError
from backup.targets.shape import Entry, TargetError

# A server that says nothing for a minute is gone.
_OPTIONS = {
    "BatchMode": "yes",
    "StrictHostKeyChecking": "yes",
    "IdentitiesOnly": "yes",
    "ConnectTimeout": "20",
    "ServerAliveInterval": "15",
    "ServerAliveCountMax": "4",
}
# -rw------- 1 1000 1000 4096 Nov 22 18:03 name
_LISTED_FIELDS, _SIZE, _NAME = 9, 4, 8


@dataclasses.dataclass(frozen=True, slots=True)
class SftpTarget:
    command: tuple[str, ...]
    """The client with all it needs to reach the server."""
    folder: str

    @classmethod
    def of(cls, url: str, key: Path, known_hosts: Path) -> "SftpTarget":
        parts = urllib.parse.urlsplit(url)
        options = _OPTIONS | {"IdentityFile": str(key), "UserKnownHostsFile": str(known_hosts)}
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
        command = [
            *("sftp", "-F", "none", "-P", str(parts.port or 22)),
            *(f"-o{name}={value}" for name, value in options.items()),
            *("-b", "-", f"{parts.username}@{host}"),
        ]
        # A first "~" is the user's own folder, where SFTP begins.
        return cls(tuple(command), parts.path.removeprefix("/~/"))

    def put(self, path: Path, name: str) -> None:
        draft = f".{name}.new"
        # -f: the server waits for its disk, if it can.
        self._do(
            f'put -f "{path}" "{self.folder}/{draft}"',
            f'rename "{self.folder}/{draft}" "{self.folder}/{name}"',
        )

    def entries(self) -> list[Entry]:
        listed = (line.split(None, _NAME) for line in self._do(f'ls -ln "{self.folder}"'))
        return sorted(
            (
                Entry(fields[_NAME].rsplit("/", 1)[-1], int(fields[_SIZE]))
                for fields in listed
                if len(fields) == _LISTED_FIELDS and fields[0].startswith("-")
            ),
            key=lambda entry: entry.name,
        )

    def fetch(self, name: str, path: Path) -> None:
        self._do(f'get "{self.folder}/{name}" "{path}"')

    def remove(self, name: str) -> None:
        self._do(f'rm "{self.folder}/{name}"')

    def _do(self, *orders: str) -> list[str]:
        try:
            return program.run(self.command, told="\n".join([*orders, ""])).splitlines()
        except ProgramError as error:
            raise TargetError(str(error)) from error
