import pytest

from tests.crm.desk import desk_on


@pytest.fixture
def desk(database, sealer, tmp_path):
    return desk_on(database, sealer, tmp_path)


@pytest.fixture
def any_desk(any_database, sealer, tmp_path):
    """The same on SQLite and on PostgreSQL."""
    return desk_on(any_database, sealer, tmp_path)
