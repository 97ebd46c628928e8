"""Makes docs/data-map.md: every personal field, where, why, how long, who reads it.

`python -m appliance.data_map docs/data-map.md`. What a field is, and what it is for, data_map.toml
says; what is there and whether it is sealed, the models; who uses it, the import graph; the
numbers, `core.periods` and its like.
"""

import ast
import datetime as dt
import functools
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core import periods
from core.models import every as store_models
from core.models.base import LookupBinary, SealedBinary
from core.settings import Settings
from hq import retention as hq_periods
from hq.models import every as hq_models

_FILE = Path(__file__).with_name("data_map.toml")
_ROOT = Path(__file__).parent.parent
_PARTS = ("core", "access_log", "portal", "analytics", "crm", "hq", "backup", "appliance")
# They touch every table, for no row's sake.
_OF_ALL = (
    "appliance.data_map",
    "appliance.demo",
    "core.migrations",
    "core.models",
    "core.retention",
    "hq.migrations",
    "hq.models",
    "hq.retention",
)
_NUMBER = re.compile(r"\{([\w.]+)\}")

METADATA = {"store": store_models.metadata, "hq": hq_models.metadata}

_HEAD = """# Data map

<!-- Made from the models and appliance/data_map.toml by `make docs`; a test holds it to them. -->

Every field of every table and file that is about a person. A test fails when a table gains a
column that is not here, or not named there as being of nobody. [privacy.md](privacy.md) says the
same in prose; [law.md](law.md), what the law asks for; `doorman erasure`, what is left of somebody.

*Sealed*: encrypted with a key of `secrets.toml`. *Blind index*: finds a value that one has, and
tells none. *In the open*: readable by whoever has the database. *Used by*: the packages that
import the table's model, to write or to read it; besides, `core.retention` deletes from every
table and `core.resealing` seals every sealed field anew. Who of the staff may open which page:
[dashboard.md](dashboard.md).

On what it rests (articles from memory, unverified; a lawyer has to say what holds where you are):
"""
_TITLES = {
    "store": "A store's database (`doorman.sqlite`, or PostgreSQL)",
    "hq": "Headquarters' database (`hq.sqlite`, or PostgreSQL)",
}


def entries() -> Mapping[str, Any]:
    """What data_map.toml says."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def entry(part: str, table: str) -> Mapping[str, Any]:
    """What is said of a table; of one that both have, the store's word holds."""
    said = entries()
    found: Mapping[str, Any] = said[part].get(table) or said["store"][table]
    return found


def page() -> str:
    """The whole page, as Markdown."""
    said = entries()
    grounds = [f"- *{name}*: {text}" for name, text in said["grounds"].items()]
    parts = [_HEAD, "\n".join(grounds) + "\n"]
    for part, metadata in METADATA.items():
        tables = {table.name: entry(part, table.name) for table in metadata.sorted_tables}
        parts.append(f"## {_TITLES[part]}\n")
        parts += [
            _of_table(part, metadata.tables[name], tables[name])
            for name in sorted(tables)
            if tables[name]["of"] != "nobody"
        ]
        nobody = sorted(name for name, each in tables.items() if each["of"] == "nobody")
        parts.append(f"Of nobody: {', '.join(f'`{name}`' for name in nobody)}.\n")
    parts.append("## Files\n")
    parts += [_of_file(name, each) for name, each in said["files"].items()]
    others = (f"`{name}` ({why})" for name, why in said["files_of_nobody"].items())
    parts.append(f"Of nobody, besides: {'; '.join(others)}.\n")
    return "\n".join(parts)


def kept(text: str) -> str:
    """With numbers in the place of their names. KeyError or AttributeError: there is none."""
    return _NUMBER.sub(lambda match: _number(match[1]), text)


def users(part: str, table: str) -> list[str]:
    """The packages that import the model of a table.

    Headquarters reads those that it shares with stores with the same code as they do.
    """
    modules = {model.__tablename__: model.__module__ for model in _models(part)}
    module = modules[table]
    packages = {package for package, imported in _imports() if module in imported}
    if part == "store":
        packages = {each for each in packages if each.split(".")[0] != "hq"}
    return sorted(packages)


def _of_table(part: str, table: sa.Table, said: Mapping[str, Any]) -> str:
    lines = [
        f"### `{table.name}`\n",
        f"{_why(said)} Used by {_listed(users(part, table.name))}.\n",
        "| field | what it is | how it lies there |",
        "|---|---|---|",
    ]
    for name, meaning in said["fields"].items():
        lines.append(f"| `{name}` | {meaning} | {_lies(table.columns[name])} |")
    return "\n".join(lines) + "\n"


def _of_file(name: str, said: Mapping[str, Any]) -> str:
    lines = [f"### `{name}`\n", f"{said['where']}. {_why(said)} Sealed: {said['sealed']}."]
    lines.append(f"Used by {_listed(said['readers'])}.\n")
    if "fields" in said:
        lines += ["| field | what it is |", "|---|---|"]
        lines += [f"| `{each}` | {meaning} |" for each, meaning in said["fields"].items()]
        lines.append("")
    return "\n".join(lines)


def _why(said: Mapping[str, Any]) -> str:
    ground = f" On: *{said['ground']}*." if "ground" in said else ""
    return f"Of a {said['of']}: {said['why']}.{ground} Kept: {kept(said['kept'])}.".replace(
        "Of a nobody", "Of nobody"
    ).replace("Of a staff", "Of the staff")


def _lies(column: sa.Column[Any]) -> str:
    if isinstance(column.type, SealedBinary):
        return "sealed"
    if isinstance(column.type, LookupBinary):
        return "blind index"
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).target_fullname.split(".")[0]
        return f"number of a row of `{target}`"
    return "in the open"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _number(name: str) -> str:
    group, _, field = name.rpartition(".")
    if not group:
        return _span(getattr(periods, name))
    if group == "hq":
        return _span(getattr(hq_periods, field))
    value = getattr(getattr(Settings.model_construct(), group), field)
    days = f"{value} days" if field == "days" or field.endswith("_days") else str(value)
    return f"{days} (`{name}`)"


def _span(span: dt.timedelta) -> str:
    for unit, days in (("year", 365), ("day", 1)):
        count, rest = divmod(span, dt.timedelta(days=days))
        if count and not rest:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    minutes = span // dt.timedelta(minutes=1)
    return "1 hour" if span == dt.timedelta(hours=1) else f"{minutes} minutes"


def _models(part: str) -> list[Any]:
    return [*store_models.TABLES] if part == "store" else [*hq_models.TABLES, *hq_models.LENT]


@functools.cache
def _imports() -> tuple[tuple[str, frozenset[str]], ...]:
    """Each module of ours as its package, or itself in core, and what it imports."""
    return tuple(_read_imports())


def _read_imports() -> Iterator[tuple[str, frozenset[str]]]:
    for part in _PARTS:
        for path in sorted((_ROOT / part).rglob("*.py")):
            module = ".".join(path.relative_to(_ROOT).with_suffix("").parts)
            if not module.startswith(_OF_ALL):
                yield _package(module), frozenset(_imported(ast.parse(path.read_text("utf-8"))))


def _package(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "core":
        return module
    return ".".join(parts[:2]) if len(parts) > 2 else parts[0]  # noqa: PLR2004 - part, package


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
