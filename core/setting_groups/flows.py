"""The log of connections through the box, which the law of some countries asks for."""

from typing import Self

from pydantic import Field, model_validator

from core.setting_groups.base import Group


class FlowSettings(Group):
    folder: str = ""
    """Where `doorman flows` keeps its log. Empty: `flows` in `data_dir`."""
    key_file: str = ""
    """What that log is sealed with; not inside its folder. Empty: `flows.key` in `data_dir`."""
    days: int = Field(default=190, ge=1, le=400)
    """Days for which flows are kept. China's law asks for six months at least: 183 or more."""
    most_mib: int = Field(default=2048, ge=64, le=1 << 20)
    """MiB that they take at most. Beyond it the oldest days end before their time."""
    block_s: float = Field(default=60.0, ge=1, le=600)
    """Seconds after which what was heard is on the disk: as much is lost when the power fails."""
    buffer_mib: int = Field(default=32, ge=1, le=512)
    """Memory of the kernel for connections that are not read yet."""

    @model_validator(mode="after")
    def _key_is_apart(self) -> Self:
        if self.folder and self.key_file.startswith(f"{self.folder.rstrip('/')}/"):
            raise ValueError("key_file must not lie in the folder that it seals")
        return self
