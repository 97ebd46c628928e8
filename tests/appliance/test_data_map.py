"""The data map names every column of every table and every file, and says of no number what the
code does not.
"""

import ast
import importlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from access_log.flows.table import ROW
from appliance import data_map
from backup import contents, undone
from core import secret_file, sightings
from core.models.base import LookupBinary, SealedBinary

ROOT = Path(__file__).parent.parent.parent
SAID = data_map.entries()
TABLES = [
    pytest.param(part, table, id=f"{part}.{table.name}")
    for part, metadata in data_map.METADATA.items()
    for table in metadata.sorted_tables
]
PROGRAMS = (
    "core",
    "access_log",
    "portal",
    "sniffer",
    "analytics",
    "crm",
    "hq",
    "backup",
    "gear",
    "appliance",
)
# Names that a loop goes through: what is in a backup, which has a test of its own.
_LOOPS = {"backup/contents.py: name", "backup/restoring.py: name"}
# Blind indexes and sealed values that are of no person: keys of machines, tokens of programs.
_OF_MACHINES = {
    "access_tokens.sealed_token",
    "api_tokens.token_lookup",
    "signing_keys.sealed_key",
    "store_keys.sealed_key",
}


def missing(table, said):
    """The columns that the map does not name."""
    named = [*said.get("fields", ()), *said.get("other", ())]
    return sorted(set(table.columns.keys()) ^ set(named)) + [
        each for each in set(named) if named.count(each) > 1
    ]


@pytest.mark.parametrize(("part", "table"), TABLES)
def test_every_column_is_in_the_map_once(part, table):
    assert missing(table, data_map.entry(part, table.name)) == []


def test_a_new_column_would_be_noticed():
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("age", sa.Integer))

    assert missing(table, {"of": "nobody", "other": ["id"]}) == ["age"]


def test_the_map_knows_no_table_that_is_not_there():
    for part, metadata in data_map.METADATA.items():
        assert set(SAID[part]) <= set(metadata.tables)


@pytest.mark.parametrize(("part", "table"), TABLES)
def test_what_is_sealed_or_indexed_is_personal_in_the_map(part, table):
    said = data_map.entry(part, table.name)
    guarded = {
        column.name
        for column in table.columns
        if isinstance(column.type, (SealedBinary, LookupBinary))
        and f"{table.name}.{column.name}" not in _OF_MACHINES
    }

    assert guarded <= set(said.get("fields", ()))


@pytest.mark.parametrize(("part", "table"), TABLES)
def test_what_refers_to_a_person_is_personal_in_the_map(part, table):
    people = {"members", "devices", "users", "logins", "chain_members", "chain_links"}
    refers = {
        column.name
        for column in table.columns
        for key in column.foreign_keys
        if key.target_fullname.split(".")[0] in people
    }

    assert refers <= set(data_map.entry(part, table.name).get("fields", ()))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("{GRANT} after its end", "190 days after its end"),
        ("{CONSENT}", "3 years"),
        ("{hq.RECEIPT}", "30 minutes"),
        ("{flows.days}", "190 days (`flows.days`)"),
    ],
)
def test_times_are_those_of_the_code(said, shown):
    assert data_map.kept(said) == shown


def test_a_time_that_is_not_in_the_code_is_an_error():
    with pytest.raises(AttributeError):
        data_map.kept("{FOREVER}")


def test_who_uses_a_table_is_read_off_the_imports():
    assert "portal.ways" in data_map.users("store", "logins")
    assert not [each for each in data_map.users("store", "logins") if each.startswith("sniffer")]
    assert data_map.users("hq", "proofs") != []


def test_every_table_of_somebody_is_used_by_somebody():
    for part, metadata in data_map.METADATA.items():
        for name in metadata.tables:
            if data_map.entry(part, name)["of"] != "nobody":
                assert data_map.users(part, name), name


def test_the_fields_of_a_sighting_are_in_the_map():
    fields = SAID["files"]["sightings/sightings-<day>.sqlite"]["fields"]

    assert tuple(fields) == sightings.Sighting._fields


def test_the_fields_of_a_flow_are_in_the_map():
    assert set(SAID["files"]["flows/"]["fields"]) == set(ROW.names)


def test_what_is_in_a_backup_is_in_the_map():
    named = {each for names in SAID["files"]["backups"]["fields"] for each in names.split(", ")}
    folders = {f"{each}/" for each in (*contents.FOLDERS, *contents.KEY_FOLDERS, contents.FLOWS)}
    files = {contents.MANIFEST, contents.SETTINGS, contents.FLOWS_KEY, secret_file.NAME}

    assert named == folders | files | {"database.sqlite", "database.dump"}


def test_what_is_told_beside_a_backup_is_in_the_map(database, now):
    listed = undone.gathered(database, now)

    assert set(SAID["files"]["lists of what was undone"]["fields"]) == set(listed)


def in_data_dir(path, text):
    """Names that a module puts into data_dir, as it writes them."""
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
            continue
        folder = getattr(node.left, "attr", None) or getattr(node.left, "id", "")
        if folder.lstrip("_") in {"data_dir", "status_dir"}:
            yield f"{path}: {ast.unparse(node.right)}"


def read_out(found):
    """The name itself, of a word or of what a module calls it."""
    path, _, word = found.partition(": ")
    if word.startswith("'"):
        return ast.literal_eval(word)
    module, _, name = word.rpartition(".")
    module = f"core.{module}" if module else path.removesuffix(".py").replace("/", ".")
    return getattr(importlib.import_module(module), name)


def test_every_file_and_folder_in_data_dir_is_in_the_map():
    in_map = {"doorman.sqlite", "hq.sqlite", *SAID["files_of_nobody"]}
    for names in SAID["files"]:
        in_map |= {each.partition("/")[0] for each in names.split(", ")}
    written = {
        each
        for part in PROGRAMS
        for path in (ROOT / part).rglob("*.py")
        if "demo" not in path.parts
        for each in in_data_dir(path.relative_to(ROOT), path.read_text("utf-8"))
    }

    assert {each for each in written - _LOOPS if read_out(each) not in in_map} == set()


def test_a_new_file_in_data_dir_would_be_noticed():
    assert list(in_data_dir("x.py", "path = found.data_dir / 'new.json'")) == ["x.py: 'new.json'"]


def test_every_ground_is_one_that_is_explained():
    said = [each for part in ("store", "hq", "files") for each in SAID[part].values()]
    grounds = {each["ground"] for each in said if each["of"] != "nobody"}

    assert grounds == set(SAID["grounds"])


def test_the_page_is_that_of_the_map():
    assert (ROOT / "docs/data-map.md").read_text("utf-8") == data_map.page(), "make docs"
