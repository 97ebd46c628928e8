import pytest
import sqlalchemy as sa

from core import traces
from core.database import Database
from core.models.base import LookupBinary, SealedBinary
from core.models.day_note import DayNote, NoteKind
from core.models.every import metadata as of_store
from core.traces import Sought

NUMBER, OPENID = b"+8613800138000", b"wx1:o-alice"
METADATA = sa.MetaData()
KEPT = sa.Table(
    "kept",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sealed", SealedBinary),
    sa.Column("lookup", LookupBinary),
    sa.Column("text", sa.String(50)),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("told", sa.JSON),
)


@pytest.fixture
def find(tmp_path, sealer):
    database = Database(f"sqlite:///{tmp_path / 'kept.sqlite'}")
    METADATA.create_all(database.engine)

    def find(*values, **row):
        with database.writing() as session:
            session.execute(sa.insert(KEPT), [row])
        with database.reading() as session:
            found = traces.find(session, sealer, Sought.of(sealer, values), METADATA)
        return dict(found.places), dict(found.closed)

    yield find
    database.dispose()


@pytest.mark.parametrize(
    "row",
    [
        {"text": "to +8613800138000"},
        {"raw": b"\0+8613800138000"},
        {"told": {"phone": ["+8613800138000"]}},
    ],
    ids=lambda row: next(iter(row)),
)
def test_what_lies_open_is_read(find, row):
    assert find(NUMBER, **row) == ({f"kept.{next(iter(row))}": 1}, {})


def test_what_is_sealed_is_opened(find, sealer):
    sealed = sealer.seal("kept.sealed", b'{"phone": "+8613800138000"}')

    assert find(NUMBER, sealed=sealed) == ({"kept.sealed": 1}, {})


@pytest.mark.parametrize(
    ("value", "kind", "hidden"),
    [
        (NUMBER, "phone", NUMBER),
        (NUMBER, "sms_number", NUMBER),
        (OPENID, "openid", OPENID),
        (OPENID, "wechat_user", b"wx1\0o-alice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_blind_index_is_asked(find, sealer, value, kind, hidden):
    assert find(value, lookup=sealer.lookup(kind, hidden)) == ({"kept.lookup": 1}, {})


def test_what_json_escapes_is_known_again(find):
    assert find("爱丽丝@shop.example".encode(), raw=rb'"\u7231\u4e3d\u4e1d@shop.example"')[0] == {
        "kept.raw": 1
    }


def test_of_somebody_else_nothing_is_found(find, sealer):
    sealed = sealer.seal("kept.sealed", b"+8613912345678")

    assert find(NUMBER, sealed=sealed, text="+8613912345678", lookup=b"\0" * 16) == ({}, {})


def test_what_does_not_open_is_told(find):
    assert find(NUMBER, sealed=b"\1" + bytes(40)) == ({}, {"kept.sealed": 1})


def test_what_was_emptied_holds_nothing(find):
    assert find(NUMBER, sealed=b"") == ({}, {})


def test_every_table_of_a_store_can_be_looked_through(any_database, sealer, now):
    with any_database.writing() as session:
        session.add(
            DayNote(
                first=now.date(),
                last=now.date(),
                kind=NoteKind.OTHER,
                text=NUMBER.decode(),
                written_at=now,
            )
        )
    with any_database.reading() as session:
        found = traces.find(session, sealer, Sought.of(sealer, [NUMBER]), of_store)

    assert found.places == {"day_notes.text": 1}
