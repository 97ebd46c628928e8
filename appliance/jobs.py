"""`doorman jobs`: runs the job table until it is told to stop."""

import signal
import types

import click
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from appliance import crm_choice, job_table
from core import clock, log, secret_file, settings
from core import database as databases
from core.headquarters_line import open_line
from core.mail import open_mail
from gate.client import GateClient
from portal.sms.carriers import open_carriers
from portal.wechat.relay import open_relay

_log = log.Log("jobs")


@click.command()
def jobs() -> None:
    """Run what runs by the clock: figures, closing of days, CRM, retention."""
    found = settings.load()
    log.configure(found.log_level)
    secrets = secret_file.load_or_create(found.data_dir)
    database = databases.open_database(found)
    sealer = secret_file.open_sealer(found.data_dir)
    line = open_line(found.headquarters, found.store.id)
    parts = job_table.Parts(
        settings=found,
        database=database,
        sealer=sealer,
        gate=GateClient(found.gate_socket),
        crm=crm_choice.choose(found, secrets, database, sealer),
        carriers=open_carriers(found.sms, line),
        wechat=open_relay(found),
        mail=open_mail(found.mail),
        counterpart=crm_choice.counterpart(found, secrets),
    )
    scheduler = BlockingScheduler(timezone=found.store.zone)
    for job in job_table.table(found):
        first = {"next_run_time": clock.now()} if job.at_start else {}
        scheduler.add_job(
            _guarded,
            IntervalTrigger(seconds=job.every_s),
            args=(job, parts),
            name=job.name,
            # A machine that slept through ten turns does the work once.
            coalesce=True,
            misfire_grace_time=None,
            max_instances=1,
            **first,
        )

    def stop(_number: int, _frame: types.FrameType | None) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler.start()
    parts.database.dispose()


def _guarded(job: job_table.Job, parts: job_table.Parts) -> None:
    """One job's failure is logged and tried again at its next turn; the others go on."""
    try:
        job.run(parts)
    except Exception:  # noqa: BLE001 - the last line of defence of a program that must not end
        _log.exception("job failed", job=job.name)
