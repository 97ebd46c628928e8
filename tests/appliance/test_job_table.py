import logging

import pytest

from appliance import job_table
from gate.client import GateClient
from gate.recording import RecordingGate
from tests.gate.conftest import serving

RESTORE = "restore phones that the gate forgot"


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


def test_a_gate_that_falls_silent_again_is_told_of_again(jobs, parts, caplog, tmp_path):
    with caplog.at_level(logging.ERROR, "jobs"):
        jobs[RESTORE].run(parts)
        with serving(tmp_path / "gate.sock", RecordingGate()):
            jobs[RESTORE].run(parts)
        jobs[RESTORE].run(parts)

    assert len(caplog.records) == 2
