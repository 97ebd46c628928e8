import pytest

from core.database import Database
from core.models.crm_record import CrmRecord


@pytest.fixture
def memory(tmp_path):
    """A database for what a connector remembers, and for nothing else."""
    database = Database(f"sqlite:///{tmp_path / 'memory.sqlite'}")
    CrmRecord.__table__.create(database.engine)
    yield database
    database.dispose()
