"""Whose fault it is that something could not be folded: the database's, or an event's."""

import sqlalchemy as sa


def is_of_the_database(error: Exception) -> bool:
    """Whether the database fails whatever it is asked, and not because of what an event says."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    # SQLite says "error" of what it was asked; the names of what it suffers from are others.
    # PostgreSQL gives what it suffers from a number; what the driver refuses to ask has none.
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return isinstance(error, sa.exc.OperationalError) and name not in {None, "SQLITE_ERROR"}
