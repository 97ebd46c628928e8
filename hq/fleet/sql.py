"""Answers questions in SQL over the fleet's files, by DuckDB. It reads, and cannot write.

visits    one row a visit: day, region, store, zone, minute, dwell_s, ...
figures   one row a store-day, as `hq.fleet.figures` counted it
"""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

from core.settings import Settings
from hq.fleet import folder
from hq.fleet.folder import COMPACTED, FIGURES, LANDED, TOGETHER, Folder

_MEMORY = "2GB"
_SELECT = (
    "SELECT day, coalesce(region, '') AS region, store, zone, minute, dwell_s, visitor_after_s,"
    " time_zone, day_begins"
)
_NO_ROWS = (
    "SELECT NULL::DATE AS day, '' AS region, '' AS store, '' AS zone, 0::SMALLINT AS minute,"
    " 0 AS dwell_s, 0 AS visitor_after_s, '' AS time_zone, '' AS day_begins LIMIT 0"
)


class QueryError(ValueError):
    """A question that cannot be answered; the message is DuckDB's, or says why."""


@contextlib.contextmanager
def asking(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of the views alone, shut to anything but the fleet's folder."""
    where = folder.of(settings)
    with contextlib.closing(duckdb.connect()) as connection:
        if where.url.startswith("s3://"):
            connection.register_filesystem(where.system())
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        root = where.url.rstrip("/") + "/"
        connection.execute("SET allowed_directories = ?", [[root]])
        connection.execute("SET enable_external_access = false")
        _views(connection, where)
        connection.execute("SET lock_configuration = true")
        yield connection


def answer(settings: Settings, question: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the columns, and rows."""
    try:
        with asking(settings) as connection:
            statements = connection.extract_statements(question)
            if [each.type for each in statements] != [duckdb.StatementType.SELECT]:
                raise QueryError("one SELECT, and nothing else")
            found = connection.execute(statements[0])
            return [name for name, *_ in found.description or ()], found.fetchall()
    except duckdb.Error as error:
        raise QueryError(str(error)) from error


def _views(connection: duckdb.DuckDBPyConnection, where: Folder) -> None:
    def files(kind: str) -> list[str]:
        found = connection.execute(f"SELECT file FROM glob({_pattern(where, kind)})")  # noqa: S608 - the folder's name, quoted
        return [path for (path,) in found.fetchall()]

    landed, compacted = files(LANDED), files(COMPACTED)
    parts = []
    if landed:
        parts.append(f"{_SELECT} FROM {_parquet(where, LANDED)}")
    if compacted:
        again = _sent_again(landed, compacted)
        lies = f"replace(replace(filename, '/{COMPACTED}/', '/{LANDED}/'), '{TOGETHER}', '')"
        others = f" WHERE {lies} || store || '.parquet' NOT IN ({', '.join(again)})"
        parts.append(f"{_SELECT} FROM {_parquet(where, COMPACTED)}{others if again else ''}")
    connection.execute(f"CREATE VIEW visits AS {' UNION ALL '.join(parts) or _NO_ROWS}")
    if files(FIGURES):
        columns = "* EXCLUDE (filename) REPLACE (coalesce(region, '') AS region)"
        rows = f"SELECT {columns} FROM {_parquet(where, FIGURES)}"  # noqa: S608 - as above
        connection.execute(f"CREATE VIEW figures AS {rows}")


def _sent_again(landed: Iterable[str], compacted: Iterable[str]) -> list[str]:
    """Landed files, quoted, that lie beside a compacted one: they count in place of its rows."""
    beside = {_folder(path).replace(f"/{COMPACTED}/", f"/{LANDED}/") for path in compacted}
    return [_quoted(path) for path in landed if _folder(path) in beside]


def _folder(path: str) -> str:
    return path.rsplit("/", 1)[0]


def _parquet(where: Folder, kind: str) -> str:
    kinds = (
        "filename = true, hive_partitioning = true, hive_types = {'day': DATE, 'region': VARCHAR}"
    )
    return f"read_parquet({_pattern(where, kind)}, {kinds})"


def _pattern(where: Folder, kind: str) -> str:
    return _quoted(f"{where.url.rstrip('/')}/{kind}/day=*/region=*/*.parquet")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
