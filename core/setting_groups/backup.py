"""Copies of what the box knows, encrypted, somewhere else."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from core.setting_groups.base import Group

# No space and nothing that a program in between could take for more than a name.
_PATH = r"[0-9A-Za-z_.~+-]+(/[0-9A-Za-z_.~+-]+)*"
_TARGET = (
    rf"^(/{_PATH}"
    rf"|sftp://[0-9a-z_][0-9A-Za-z_.-]*@([0-9A-Za-z.-]+|\[[0-9a-f:]+\])(:[0-9]{{1,5}})?/{_PATH}"
    rf"|s3://[0-9a-z][0-9a-z.-]{{1,61}}[0-9a-z](/{_PATH})?)?$"
)
_Target = Annotated[str, StringConstraints(pattern=_TARGET)]


class BackupSettings(Group):
    target: _Target = ""
    """Where backups go: a folder (`/mnt/nas/doorman`), `sftp://user@host/path` or
    `s3://bucket/path`. Empty: none are made."""
    keys_target: _Target = ""
    """Where `secrets.toml` goes, apart from the rest. Empty: into the same encrypted file."""
    public_key: str = Field(default="", pattern=r"^(age1[0-9a-z]{58})?$")
    """Whom they are encrypted for: what `doorman backup key` prints beside the private key."""
    flows: bool = False
    """Whether the log of connections is in it, too. It may be gigabytes, each day anew."""
    daily: int = Field(default=7, ge=0, le=400)
    """Days of which a backup is kept. 0: none is ever removed; the target sees to it."""
    weekly: int = Field(default=4, ge=0, le=53)
    """Weeks of which one is kept. What was erased is gone from all when they are over."""
    sftp_key: str = ""
    """File with the private key that SFTP signs in with, without a passphrase."""
    sftp_known_hosts: str = ""
    """File with the server's key, as `ssh-keyscan` prints it. A server with another is refused."""
    s3_endpoint: str = Field(default="", pattern=r"^(https?://[^\s/]+)?$")
    """Address of an S3 that is not Amazon's."""
    s3_region: str = Field(default="us-east-1", pattern=r"^[0-9a-z-]{1,40}$")
    """Region of the bucket."""
    s3_key_id: str = ""
    """Access key of S3."""
    s3_secret: SecretStr = SecretStr("")
    """Secret of that key."""

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        if self.target and not self.public_key:
            raise ValueError("target needs public_key: doorman backup key makes one")
        if self.keys_target and self.keys_target == self.target:
            raise ValueError("keys_target is for another place than target")
        targets = (self.target, self.keys_target)
        if any(each.startswith("sftp:") for each in targets) and not (
            self.sftp_key and self.sftp_known_hosts
        ):
            raise ValueError("a target by SFTP needs sftp_key and sftp_known_hosts")
        if any(each.startswith("s3:") for each in targets) and not (
            self.s3_key_id and self.s3_secret.get_secret_value()
        ):
            raise ValueError("a target at S3 needs s3_key_id and s3_secret")
        return self
