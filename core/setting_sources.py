"""Where settings come from beside the environment: a file, and what headquarters has pushed."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from core.pushed.folder import Folder

CONFIG_VARIABLE = "DOORMAN_CONFIG"
_DEFAULT_FILE = Path("/etc/doorman/doorman.toml")

# Pushed settings that are tried, in place of those in force.
_tried: ContextVar[Mapping[str, Any] | None] = ContextVar("tried", default=None)


def config_file() -> Path | None:
    """The settings file in use, if any."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    return _DEFAULT_FILE if _DEFAULT_FILE.exists() else None


@contextmanager
def trying(pushed: Mapping[str, Any]) -> Iterator[None]:
    """These settings stand in the place of those that headquarters has pushed."""
    token = _tried.set(pushed)
    try:
        yield
    finally:
        _tried.reset(token)


class PushedSource(PydanticBaseSettingsSource):
    """What headquarters has pushed, from the folder that the sources before this one name."""

    def __call__(self) -> dict[str, Any]:
        tried = _tried.get()
        if tried is not None:
            return dict(tried)
        default = self.settings_cls.model_fields["data_dir"].default
        return dict(Folder(Path(self.current_state.get("data_dir", default))).settings())

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the base class asks for it
        return None, field_name, False
