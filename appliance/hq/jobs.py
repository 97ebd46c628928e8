"""`doorman hq jobs`: runs headquarters' job table until it is told to stop."""

import functools

import click

from appliance import clockwork, crm_choice
from appliance.clockwork import Turn
from appliance.hq import job_table
from appliance.hq.database import opened
from core import log, secret_file, settings

_log = log.Log("hq")


@click.command()
def jobs() -> None:
    """Run what runs by the clock: take in what stores have sent, tell the CRM, forget.

    Any number of these may run, on any number of machines.
    """
    found = settings.load()
    log.configure(found.log_level)
    secrets = secret_file.load_or_create(found.data_dir)
    with opened(found) as (database, sealer):
        crm = crm_choice.choose(found, secrets, database, sealer)
        asked = crm_choice.withdrawals(found, secrets, database, sealer)
        parts = job_table.Parts(found, database, sealer, crm, asked)
        turns = [
            Turn(job.name, job.every_s, functools.partial(job.run, parts), job.at_start)
            for job in job_table.table(found)
        ]
        clockwork.run(turns, found.store.zone, _log)
