"""Who looked into the flow log, why and for what: a row of the access log, before the look."""

from collections.abc import Mapping

import click
import sqlalchemy as sa

from appliance import users
from core import access_records, clock, secret_file
from core import database as databases
from core.access_records import Draft
from core.models.access_record import Kind
from core.settings import Settings


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
