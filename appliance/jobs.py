"""`doorman jobs`: runs the job table until it is told to stop.

New pushed settings are gone by at once: the program ends its turns and begins anew in its own
process, so that whoever has started it notices nothing.
"""

import functools
import os
import sys

import click
import sqlalchemy as sa

from appliance import clockwork, crm_choice, job_table, ways_check
from appliance.clockwork import Turn
from core import database as databases
from core import log, secret_file, settings
from core.database import Database
from core.headquarters_line import open_line
from core.mail import open_mail
from core.metrics import counted
from core.pushed.folder import Folder
from core.settings import Settings
from gate.client import GateClient
from portal.sms.carriers import open_carriers
from portal.wechat.relay import open_relay

_log = log.Log("jobs")


@click.command()
def jobs() -> None:
    """Run what runs by the clock: figures, closing of days, CRM, retention."""
    folder = Folder(settings.load().data_dir)
    stamp = folder.stamp()
    # Again: what changed before the stamp is in them, and what changes after it is noticed.
    found = settings.load()
    log.configure(found.log_level)
    _warn_of_ways(found)
    secrets = secret_file.load_or_create(found.data_dir)
    # Ten turns may want one at a time, which they seldom do.
    database = databases.open_database(found, kept=2)
    _lengthen_log(database)
    sealer = secret_file.open_sealer(found.data_dir)
    line = open_line(found.headquarters, found.store.id)
    parts = job_table.Parts(
        settings=found,
        database=database,
        sealer=sealer,
        gate=GateClient(found.gate_socket, told=counted.GATE_REQUESTS.add),
        crm=crm_choice.choose(found, secrets, database, sealer),
        carriers=open_carriers(found.sms, line),
        wechat=open_relay(found),
        mail=open_mail(found.mail),
        headquarters=line,
        counterpart=crm_choice.counterpart(found, secrets),
        withdrawals=crm_choice.withdrawals(found, secrets, database, sealer),
    )
    turns = [
        Turn(job.name, job.every_s, functools.partial(job.run, parts), job.at_start, job.jitter_s)
        for job in job_table.table(found)
    ]
    begins_anew = clockwork.run(
        turns,
        found.store.zone,
        _log,
        lambda: folder.stamp() != stamp,
        run_dir=found.run_dir,
    )
    parts.database.dispose()
    if begins_anew:
        _log.info("new settings are gone by")
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - our own command line, no shell


def _warn_of_ways(found: Settings) -> None:
    unnamed = ways_check.nameless(found)
    if unnamed and found.law_profile.real_name.is_needed:
        _log.warning("ways in that prove no real name are open", settings=", ".join(unnamed))


def _lengthen_log(database: Database) -> None:
    try:
        database.lengthen_log()
    except (OSError, sa.exc.OperationalError):
        _log.warning("no room to make the database's log as long as it will be")
