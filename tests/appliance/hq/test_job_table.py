"""Headquarters' jobs, where no other test runs them whole."""

import sqlalchemy as sa

from appliance.hq import job_table
from core import outbox
from core.database import Database
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from core.settings import Settings
from hq.models.every import metadata


def test_without_a_crm_what_waits_stays_within_bounds(sealer, now, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'hq.sqlite'}")
    metadata.create_all(database.engine)
    found = Settings(data_dir=tmp_path)
    found = found.model_copy(update={"crm": found.crm.model_copy(update={"most_waiting": 5})})
    [send] = [each for each in job_table.table(found) if "CRM" in each.name]
    with database.writing() as session:
        for number in range(8):
            subject, kind = f"day-{number}", EventType.TRAFFIC_HOUR
            outbox.add(session, sealer, kind, subject=subject, data={}, now=now)

    send.run(job_table.Parts(found, database, sealer, None))

    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(OutboxEvent.id))) == 5
    database.dispose()
