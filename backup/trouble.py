"""What may go wrong with a backup, told in one line that names no one."""

import contextlib
import sqlite3
from collections.abc import Iterator

import sqlalchemy as sa

from backup.age import AgeError
from backup.keys import BackupKeyError
from backup.program import ProgramError
from backup.targets.shape import TargetError
from backup.undone import UndoneError
from core.database_form import MigrationError
from core.sealing import KeySourceError, SealBrokenError


class BackupError(Exception):
    """None was made, or put in place. The message says what to mend."""


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Whatever goes wrong becomes a BackupError."""
    try:
        yield
    except (AgeError, BackupKeyError, ProgramError, TargetError, UndoneError) as error:
        raise BackupError(str(error)) from error
    except (MigrationError, KeySourceError, SealBrokenError) as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise BackupError(f"{where}{error.strerror or type(error).__name__}") from error
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise BackupError("the database cannot be read or written: doorman doctor") from error
