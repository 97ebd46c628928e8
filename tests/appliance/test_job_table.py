import dataclasses
import datetime as dt
import logging
import os
import types

import pytest

from appliance import job_table
from core import clock, do_not_count, secret_file
from core.do_not_count import DoNotCountKey, DoNotCountList
from core.mac import Mac
from core.mail import Mail
from core.models.grant import EndCause, Grant
from core.setting_groups.clones import CloneSettings
from core.setting_groups.network import GateSettings
from core.setting_groups.portal import PortalSettings
from core.setting_groups.reports import Recipient, ReportKind, ReportsSettings
from core.setting_groups.ways import MailSettings
from core.sightings import DayFile
from gate.client import GateClient
from gate.recording import RecordingGate
from portal.opt_outs import OptOutDesk
from tests import running_grant
from tests.analytics.traffic_days import day_row
from tests.gate.conftest import serving

RESTORE = "restore phones that the gate forgot"
ACCOUNT = "charge traffic and end what is over"
CLONES = "find cloned addresses"
REPORTS = "mail reports"
ALICE = Mac.parse("02:00:00:00:00:0a")


@pytest.fixture
def parts(settings, database, sealer, tmp_path):
    return job_table.Parts(
        settings, database, sealer, gate=GateClient(tmp_path / "gate.sock"), crm=None
    )


@pytest.fixture
def jobs(settings):
    return {job.name: job for job in job_table.table(settings)}


def test_phones_alone_need_something_done_at_the_start(jobs):
    """Not the days: one that is being written must not be closed by whoever starts jobs."""
    assert [job.name for job in jobs.values() if job.at_start] == [RESTORE]


def test_a_gate_that_does_not_answer_is_told_of_once(jobs, parts, caplog):
    for _ in range(3):
        jobs[RESTORE].run(parts)

    assert [record.getMessage() for record in caplog.records] == ["phones not restored"]


def test_traffic_that_is_not_counted_is_told_of_once(jobs, parts, caplog, tmp_path):
    for _ in range(3):
        jobs[ACCOUNT].run(parts)
    with serving(tmp_path / "gate.sock", RecordingGate()):
        jobs[ACCOUNT].run(parts)

    assert [record.getMessage() for record in caplog.records] == ["traffic not counted"]


def test_used_up_data_end_a_session(jobs, parts, caplog, tmp_path):
    grant_id = running_grant.give(
        parts.database, parts.sealer, ALICE, clock.now(), quota_bytes=10, bytes_down=10
    )
    with serving(tmp_path / "gate.sock", RecordingGate()), caplog.at_level("INFO", "jobs"):
        jobs[ACCOUNT].run(parts)

    with parts.database.reading() as session:
        assert session.get(Grant, grant_id).end_cause is EndCause.QUOTA
    assert [record.getMessage() for record in caplog.records] == ["sessions ended"]


def test_a_gate_that_falls_silent_again_is_told_of_again(jobs, parts, caplog, tmp_path):
    with caplog.at_level(logging.ERROR, "jobs"):
        jobs[RESTORE].run(parts)
        with serving(tmp_path / "gate.sock", RecordingGate()):
            jobs[RESTORE].run(parts)
        jobs[RESTORE].run(parts)

    assert len(caplog.records) == 2


def watching(parts, **changes):
    """Parts with an interface that is not there, so that a look at it is told of."""
    groups = {"gate": GateSettings(shopper_interface="no-such-if")} | changes
    return dataclasses.replace(parts, settings=parts.settings.model_copy(update=groups))


def test_an_interface_that_is_not_there_is_told_of_once(jobs, parts, caplog):
    for _ in range(3):
        jobs[CLONES].run(watching(parts))

    assert [record.getMessage() for record in caplog.records] == ["no look at cloned addresses"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"clones": CloneSettings(challenges=0)}, id="switched off"),
        pytest.param({"portal": PortalSettings(neighbours="loopback")}, id="demo"),
    ],
)
def test_nobody_looks_for_clones_where_nobody_wants_to(jobs, parts, caplog, changes):
    jobs[CLONES].run(watching(parts, **changes))

    assert caplog.records == []


def test_the_sensor_is_told_whom_to_leave_out(jobs, parts):
    lookup_key = secret_file.load_or_create(parts.settings.data_dir).lookup_key
    desk = OptOutDesk(DoNotCountKey.of_store(lookup_key), 30, parts.settings.store.zone)
    with parts.database.writing() as session:
        desk.leave_out(session, ALICE, clock.now())

    jobs["tell the sensor whom to leave out"].run(parts)

    text = do_not_count.path_of(parts.settings.data_dir).read_text()
    assert DoNotCountList.of_text(text).covers(ALICE.octets)


def test_reports_are_mailed_to_whoever_gets_any(jobs, parts):
    mail, taken = Mail(MailSettings(sender="wifi@example.com")), []
    post = types.SimpleNamespace(letter=mail.letter, hand_over=taken.append)
    recipient = Recipient(address="owner@example.com", reports=(ReportKind.DAY,))
    groups = {"reports": ReportsSettings(recipients=(recipient,), hour=0)}
    of_store = parts.settings.model_copy(update=groups)
    yesterday = of_store.today(clock.now()) - dt.timedelta(days=1)
    with parts.database.writing() as session:
        session.add(day_row(yesterday))

    jobs[REPORTS].run(parts)
    jobs[REPORTS].run(dataclasses.replace(parts, settings=of_store))
    assert taken == [], "nobody to send it, or nobody to get it"
    jobs[REPORTS].run(dataclasses.replace(parts, settings=of_store, mail=post))

    assert [message["To"] for message in taken] == ["owner@example.com"]


def test_a_day_that_nobody_could_close_is_forgotten_all_the_same(jobs, parts, caplog):
    folder = parts.settings.sightings_dir
    day = clock.now().date() - dt.timedelta(days=3)
    DayFile(folder, day).close()
    for path in folder.iterdir():
        os.utime(path, (0, 0))

    jobs["forget sightings that are overdue"].run(parts)

    assert list(folder.iterdir()) == []
    assert [record.getMessage() for record in caplog.records] == ["day forgotten without figures"]
