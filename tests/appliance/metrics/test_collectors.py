import contextlib
import datetime as dt
import os
import socket
import ssl
import stat
import threading

import pytest
import trustme
from cryptography import x509

from access_log import verified
from access_log.verified import ACCESS_LOG, FLOWS, Result
from appliance.metrics import chain, logs, machine, news, sensing, shoppers
from core.mac import Mac
from core.models.crm_line import CrmLine
from core.models.traffic import TrafficDay
from core.outbox import EventType, add
from core.sign_of_life import SignOfLife
from gate.client import GateUnavailableError
from hq.models.erasure_order import ErasureOrder
from hq.models.inbox import InboxBatch, InboxEvent, InboxState, ParkedEvent
from hq.models.sms_send import SmsSend, SmsState
from hq.models.store import Store
from tests import running_grant

HOUR = dt.timedelta(hours=1)


def values(samples):
    return {(family.name, *labels): value for family, value, labels in samples}


class Gate:
    def __init__(self, phones=(), error=None):
        self.phones, self.error = phones, error

    def online(self):
        if self.error:
            raise self.error
        return dict.fromkeys(self.phones)


def test_the_gate_is_up_and_lets_phones_through():
    assert values(shoppers.of_gate(Gate(["a", "b"]))) == {
        ("doorman_gate_up",): 1,
        ("doorman_phones_online",): 2,
    }
    away = Gate(error=GateUnavailableError("timed out"))
    assert values(shoppers.of_gate(away)) == {("doorman_gate_up",): 0}


def test_sessions_that_run_are_counted_and_those_on_hold(any_database, sealer, now):
    macs = [Mac.parse(f"02:00:00:00:00:0{n}") for n in range(4)]
    running_grant.give(any_database, sealer, macs[0], now - HOUR)
    running_grant.give(any_database, sealer, macs[1], now - HOUR, challenged_at=now)
    running_grant.give(any_database, sealer, macs[2], now - 5 * HOUR)
    running_grant.give(any_database, sealer, macs[3], now - HOUR, ended_at=now)

    found = values(shoppers.of_database(any_database, now))

    assert found["doorman_grants_active",] == 2
    assert found["doorman_grants_held",] == 1
    assert found["doorman_passes_active",] == 0
    # Began between ten and seventy minutes ago, and all by a code that was typed.
    assert found["doorman_codes_begun",] == found["doorman_codes_used",] == 3


def test_news_that_waits_has_an_age(any_database, sealer, now):
    with any_database.writing() as session:
        add(session, sealer, EventType.TRAFFIC_DAY, subject="x", data={}, now=now - HOUR)
        session.add(CrmLine(id=1, failures=2, failed_at=now, open_until=now + HOUR, dropped=7))

    found = values(news.of_outbox(any_database, now))

    assert found["doorman_outbox_waiting",] == 1
    assert found["doorman_outbox_oldest_age_seconds",] == 3600
    assert found["doorman_outbox_dropped_total",] == 7
    assert [found["doorman_crm_breaker", state] for state in ("closed", "open")] == [0, 1]
    assert ("doorman_crm_last_success_timestamp_seconds",) not in found


def test_a_store_says_whether_it_has_a_headquarters(settings):
    assert values(news.of_pushed(settings)) == {
        ("doorman_headquarters_configured",): 0,
        ("doorman_pushed_version",): 0,
        ("doorman_pushed_pinned",): 0,
    }


def test_days_that_are_not_closed_are_counted(any_database, now):
    today = dt.date(2026, 5, 16)
    empty = dict.fromkeys(
        [
            *("probe_requests", "fixtures", "passers_by", "visitors", "dwell_under_5_min"),
            *("dwell_5_to_20_min", "dwell_20_to_60_min", "dwell_1_to_6_h", "dwell_over_6_h"),
        ],
        0,
    )
    closed = {0: None, 1: None, 2: now - HOUR}
    with any_database.writing() as session:
        for days, at in closed.items():
            day = today - dt.timedelta(days=days)
            session.add(TrafficDay(day=day, updated_at=now, closed_at=at, **empty))

    assert values(sensing.of_days(any_database, today)) == {
        ("doorman_traffic_day_closed_timestamp_seconds",): (now - HOUR).timestamp(),
        ("doorman_traffic_days_unclosed",): 1,
    }


def test_a_store_without_a_sensor_says_so_and_no_more(settings, now):
    found = values(sensing.of_sensor(settings, now))

    assert found["doorman_sensor_state", "absent"] == 1
    assert {name for name, *_ in found} == {"doorman_sensor_state"}


@pytest.fixture
def system(tmp_path):
    """What Linux tells of a box with flash memory."""
    device = tmp_path.stat().st_dev
    disk = tmp_path / f"sys/dev/block/{os.major(device)}:{os.minor(device)}"
    disk.mkdir(parents=True)
    (disk / "stat").write_text("  10 0 20 5 40 0 4096 9 0 5 9 0 0 0 0\n")
    flash = tmp_path / "sys/block/mmcblk0/device"
    flash.mkdir(parents=True)
    (flash / "life_time").write_text("0x03 0x00\n")
    return tmp_path / "sys"


def test_a_disk_tells_its_room_its_writes_and_its_wear(tmp_path, system):
    found = values(machine.of_disk(tmp_path, system))

    assert found["doorman_disk_written_bytes_total",] == 4096 * 512
    # What the memory does not say is not told.
    assert {key: each for key, each in found.items() if "wear" in key[0]} == {
        ("doorman_disk_wear_ratio", "mmcblk0", "slc"): 0.3
    }
    assert 0 < found["doorman_disk_free_bytes",] <= found["doorman_disk_size_bytes",]


def test_the_database_has_a_size(any_database, tmp_path):
    (tmp_path / "sightings-2026-05-16.sqlite").write_bytes(bytes(700))
    found = values(machine.of_database(any_database, tmp_path))

    assert found["doorman_database_size_bytes",] > 10_000
    assert found["doorman_sightings_size_bytes",] == 700
    assert (("doorman_database_wal_bytes",) in found) == (any_database.engine.name == "sqlite")


@contextlib.contextmanager
def shown(certificate):
    """A port on which whoever comes first is shown it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def show():
        plain, _ = server.accept()
        with (
            plain,
            contextlib.suppress(OSError),
            context.wrap_socket(plain, server_side=True) as one,
        ):
            one.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=show)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_the_certificate_is_the_one_that_phones_are_shown(settings):
    certificate = trustme.CA().issue_cert("wifi.example", not_after=dt.datetime(2027, 1, 2))  # noqa: DTZ001 - as the library wants it
    own = x509.load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes())
    with shown(certificate) as port:
        # Its file is root's: whoever measures reads none.
        [sample] = machine.of_certificate(secured(settings, port))

    assert sample.value == own.not_valid_after_utc.timestamp()
    assert list(machine.of_certificate(settings)) == []


def test_a_certificate_that_nobody_is_shown_has_no_end(settings):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        list(machine.of_certificate(secured(settings, port)))


def secured(found, port):
    chain = found.certificate.model_copy(update={"chain": "/nobody/reads/it.pem"})
    front = found.front.model_copy(update={"https_port": port, "addresses": ("127.0.0.1",)})
    return found.model_copy(update={"certificate": chain, "front": front})


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            "A29FC801,162.159.200.1,4,1779083999.49,-0.000123,0.0001,0.00025,-12.1,0.05,0.9,"
            "0.04,0.001,64.2,Normal",
            {("doorman_clock_synchronised",): 1, ("doorman_clock_offset_seconds",): 0.000123},
            id="follows",
        ),
        pytest.param(
            "00000000,,0,0.0,0.000000,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised",
            {("doorman_clock_synchronised",): 0},
            id="follows-nobody",
        ),
        pytest.param("506 Cannot talk to daemon", {("doorman_clock_synchronised",): 0}, id="down"),
    ],
)
def test_chrony_says_how_far_the_clock_is_off(tmp_path, monkeypatch, told, expected):
    program = tmp_path / "chronyc"
    program.write_text(f'#!/bin/sh\n[ "$*" = "-n -c tracking" ] && echo "{told}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert values(machine.of_clock()) == expected


def test_without_chrony_nothing_is_said_of_the_clock(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert values(machine.of_clock()) == {}


def test_programs_are_measured_by_their_control_groups(tmp_path):
    for name in ("doorman-portal.service", "doorman-gone.service", "nginx.service"):
        (tmp_path / name).mkdir()
    (tmp_path / "doorman-portal.service/memory.stat").write_text("anon 73400320\nfile 9\n")
    (tmp_path / "doorman-portal.service/cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")

    assert values(machine.of_programs(tmp_path)) == {
        ("doorman_program_memory_bytes", "portal"): 73400320,
        ("doorman_program_cpu_seconds_total", "portal"): 2.5,
    }


def test_headquarters_tells_of_its_stores(hq_database, now):
    with hq_database.writing() as session:
        session.add(Store(id="s1", portal_urls=[], added_at=now))

    found = values(chain.of_stores(hq_database, HOUR, now))

    assert found["doorman_hq_stores", "never"] == 1
    assert found["doorman_hq_stores", "silent"] == found["doorman_hq_stores", "well"] == 0
    assert found["doorman_hq_pushed_version",] == 0


def test_headquarters_tells_what_waits(hq_database, now):
    one = {"store_id": "s1", "type": "t", "subject": "s", "occurred_at": now, "received_at": now}
    with hq_database.writing() as session:
        session.add(Store(id="s1", portal_urls=[], added_at=now))
        session.flush()
        batch = InboxBatch(store_id="s1", received_at=now - HOUR, sealed_body=b"")
        session.add(batch)
        session.flush()
        for number, state in enumerate(InboxState):
            session.add(
                InboxEvent(
                    event_id=f"{number:026}", batch_id=batch.id, position=number, state=state, **one
                )
            )
        for number, reason in enumerate(["unknown_member", "error_KeyError", "error_ValueError"]):
            session.add(
                ParkedEvent(
                    store_id="s1",
                    event_id=f"{number:026}",
                    parked_at=now,
                    reason=reason,
                    sealed_data=b"",
                )
            )
        for number, done_at in enumerate([None, now]):
            session.add(
                ErasureOrder(
                    store_id="s1",
                    store_member=f"{number:026}",
                    ordered_at=now - 2 * HOUR,
                    done_at=done_at,
                )
            )

    assert values(chain.of_inbox(hq_database, now)) == {
        ("doorman_hq_inbox_waiting",): 1,
        ("doorman_hq_inbox_oldest_age_seconds",): 3600,
        ("doorman_hq_inbox_parked", "unknown_member"): 1,
        ("doorman_hq_inbox_parked", "error"): 2,
    }
    assert values(chain.of_orders(hq_database, now)) == {
        ("doorman_hq_erasure_orders_waiting",): 1,
        ("doorman_hq_erasure_orders_oldest_age_seconds",): 7200,
    }


def test_headquarters_tells_what_became_of_codes(hq_database, now):
    sends = [
        (SmsState.TAKEN, "", now),
        (SmsState.TAKEN, "", now - 2 * HOUR),
        (SmsState.NOT_TAKEN, "store_limit", now),
    ]
    with hq_database.writing() as session:
        session.add(Store(id="s1", portal_urls=[], added_at=now))
        session.flush()
        for number, (state, outcome, at) in enumerate(sends):
            session.add(
                SmsSend(
                    store_id="s1",
                    message_id=f"{number:026}",
                    number_lookup=bytes(16),
                    sent_at=at,
                    state=state,
                    outcome=outcome,
                )
            )

    assert values(chain.of_sms(hq_database, now)) == {
        ("doorman_hq_sms_codes", "taken"): 1,
        ("doorman_hq_sms_codes", "store_limit"): 1,
    }


def test_logs_are_whole_or_not_and_flows_are_written_or_not(settings, tmp_path, now):
    found = settings.model_copy(update={"run_dir": tmp_path})
    found.data_dir.mkdir()
    assert values(logs.of_logs(found, now)) == {}

    verified.write(found.data_dir, ACCESS_LOG, Result(now, "", 7, ""))
    verified.write(found.data_dir, FLOWS, Result(now, "block 3 is gone", 2, ""))
    (tmp_path / "alive").mkdir()
    sign = SignOfLife(tmp_path, "flows", now=lambda: now)
    sign.give()
    assert values(logs.of_logs(found, now)) == {
        ("doorman_log_verified_timestamp_seconds", ACCESS_LOG): now.timestamp(),
        ("doorman_log_whole", ACCESS_LOG): 1,
        ("doorman_log_verified_timestamp_seconds", FLOWS): now.timestamp(),
        ("doorman_log_whole", FLOWS): 0,
        ("doorman_flow_log_written",): 1,
    }
    assert values(logs.of_logs(found, now + HOUR))["doorman_flow_log_written",] == 0

    sign.give("the flow log cannot be written")
    assert values(logs.of_logs(found, now))["doorman_flow_log_written",] == 0
    sign.end()
    (found.flows_dir).mkdir()
    (found.flows_dir / f"00000001-{now:%Y%m%dT%H}Z.flows").touch()
    assert values(logs.of_logs(found, now))["doorman_flow_log_written",] == 0
    later = values(logs.of_logs(found, now + 72 * HOUR))
    assert ("doorman_flow_log_written",) not in later
