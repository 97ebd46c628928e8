import pytest

from tests.hq.fleet import visits


@pytest.fixture
def settings(tmp_path):
    return visits.headquarters(tmp_path, batch=2)


@pytest.fixture
def database(tmp_path):
    database = visits.empty_database(tmp_path)
    yield database
    database.dispose()
