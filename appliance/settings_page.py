"""Makes docs/settings.md from core.settings: `python -m appliance.settings_page`."""

import enum
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.settings import Settings

_HEAD = """# Settings

<!-- Made from core/settings.py by `make docs`; a test holds it to that. -->

A setting comes from the environment, else from one TOML file, else, for a few of them, from what
headquarters has pushed (docs/headquarters.md), else from its default.
The file is the one that `DOORMAN_CONFIG` names, else `/etc/doorman/doorman.toml` if it is there.
In the file, `portal.port` below is `port` in the table `[portal]`; in the environment it is
`DOORMAN_PORTAL__PORT`. A list is written as JSON in the environment: `["CN"]`.

A wrong value, or a name that is not here, stops the start and is named. No secret has a
default: what the appliance needs for itself it makes on first start, in `secrets.toml` in
`data_dir`, readable by its owner alone.
"""


def page() -> str:
    """The whole page, as Markdown."""
    parts = [_HEAD, "## General\n", _table(_plain(Settings))]
    for name, group in _groups(Settings):
        parts += [f"## {name}\n", _table(_below(name, group))]
    return "\n".join(parts)


def _plain(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    groups = dict(_groups(model))
    return ((name, field) for name, field in model.model_fields.items() if name not in groups)


def _groups(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        if _is_group(field.annotation):
            yield name, field.annotation


def _is_group(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _below(name: str, model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """The fields of a group, and of the groups in it."""
    for inner, field in _plain(model):
        yield f"{name}.{inner}", field
    for inner, group in _groups(model):
        yield from _below(f"{name}.{inner}", group)


def _table(rows: Iterator[tuple[str, FieldInfo]]) -> str:
    lines = ["| setting | default | allowed | meaning |", "|---|---|---|---|"]
    for name, field in rows:
        meaning = " ".join((field.description or "").split())
        default = _default(field.get_default(call_default_factory=True))
        lines.append(f"| `{name}` | {default} | {_allowed(field)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _default(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, enum.Enum):
        return f"`{value.value}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{[str(each) for each in value]}`".replace("'", '"')
    shown = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
    return f"`{shown}`" if shown else "empty"


def _allowed(field: FieldInfo) -> str:
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    low = [str(rule.ge) for rule in field.metadata if isinstance(rule, annotated_types.Ge)]
    low += [f"over {rule.gt}" for rule in field.metadata if isinstance(rule, annotated_types.Gt)]
    high = [str(rule.le) for rule in field.metadata if isinstance(rule, annotated_types.Le)]
    if low and high:
        return f"{low[0]} to {high[0]}"
    if get_origin(kind) is Mapping:
        return "table of text"
    if get_args(kind):
        return "list of tables" if _is_group(get_args(kind)[0]) else "list of text"
    kinds = {"Path": "a folder", "SecretStr": "secret text", "bool": "`true`, `false`"}
    return kinds.get(getattr(kind, "__name__", ""), "text")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
