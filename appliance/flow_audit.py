"""What the access log has of the flow log: who looked into it and why, and where it stood."""

from collections.abc import Mapping

import click
import sqlalchemy as sa

from access_log import anchoring
from appliance import users
from core import access_records, clock, secret_file
from core import database as databases
from core.access_records import Draft
from core.models.access_record import Kind
from core.settings import Settings


def noted(found: Settings) -> dict[int, bytes]:
    """Hashes of its blocks by number, as the access log has them; none without a database."""
    if not databases.is_there(found.database_url):
        return {}
    database = databases.open_database(found)
    sealer = secret_file.open_sealer(found.data_dir)
    try:
        kept = anchoring.written_down(database, sealer, "flows")
    except sa.exc.DatabaseError:
        return {}
    finally:
        database.dispose()
    return {each.number: each.hash for each in kept}


def write_down(found: Settings, about: Mapping[str, object]) -> None:
    database = databases.open_database(found)
    sealer = secret_file.open_sealer(found.data_dir)
    body = {"who": users.caller(), "what": "flows", **about}
    try:
        with database.writing() as session:
            access_records.note(session, sealer, Draft(Kind.READ, clock.now(), body))
    except sa.exc.DatabaseError as error:
        raise click.ClickException(
            "the access log cannot be written, so nothing is shown: doorman migrate, then"
            " doorman doctor"
        ) from error
    finally:
        database.dispose()
