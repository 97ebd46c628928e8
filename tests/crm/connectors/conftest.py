import pytest
import sqlalchemy as sa

from core.database import Database
from core.models.crm_record import CrmRecord


@pytest.fixture
def memory(tmp_path):
    """A database for what a connector remembers, and for nothing else."""
    database = Database(f"sqlite:///{tmp_path / 'memory.sqlite'}")
    # No power is cut here, and waiting for the disk is most of what these tests do.
    sa.event.listen(database.engine, "connect", _without_waiting)
    CrmRecord.__table__.create(database.engine)
    yield database
    database.dispose()


def _without_waiting(connection, _record):
    connection.execute("PRAGMA synchronous=OFF").close()
