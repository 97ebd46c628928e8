"""The chain's visit rows at headquarters, and what figures are made of them."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from core.setting_groups.base import Group, Url


class FleetSettings(Group):
    folder: str = Field(default="", pattern=r"^(s3://[^\s?#]+|/\S+)?$")
    """Where visit rows lie: a folder, or `s3://bucket/prefix`. Empty: `fleet` in `data_dir`."""
    s3_endpoint: Url | None = None
    """Where the S3 service is, if it is not Amazon's."""
    s3_key_id: str = ""
    """Its access key. Empty: what the machine itself is given (environment, role)."""
    s3_secret: SecretStr = SecretStr("")
    """The secret of `s3_key_id`."""
    scheduler: str = Field(default="", pattern=r"^((tcp|tls)://[^\s/]+:[0-9]+)?$")
    """Address of the scheduler of a Dask cluster. Empty: this machine works by itself."""
    workers: int = Field(default=0, ge=0, le=256)
    """Processes on this machine if it works by itself; 0: one for each processor."""
    batch: int = Field(default=25, ge=1, le=1000)
    """Store-days that a process is handed at once."""
    compact_after_days: int = Field(default=3, ge=1, le=365)
    """After so many days the files of a day's stores are put together."""

    @model_validator(mode="after")
    def _whole_key(self) -> Self:
        if bool(self.s3_key_id) != bool(self.s3_secret.get_secret_value()):
            raise ValueError("s3_key_id and s3_secret go together")
        return self
