"""For each alert: what a store measures when it is to fire, and at what minute it does.

Series in promtool's notation: `0+1x60` is a value that grows by 1 each minute, `_` is none.
"""

STORE = 'store="s1",instance="10.9.0.2:8081"'
PORTAL = f'program="portal",{STORE}'
HQ = 'job="doorman-hq",instance="10.0.0.11:8091"'
_DAY = 86400
_MIB = 1024 * 1024

# By name: what is measured, and the minute of the first look at which it has to fire.
CASES = {
    "DoormanStoreUnreachable": ({f'up{{job="doorman",{STORE}}}': "0x60"}, 15),
    "DoormanMetricsMissing": (
        {f'doorman_collector_success{{collector="gate",{STORE}}}': "0x60"},
        20,
    ),
    "DoormanGateDown": ({f"doorman_gate_up{{{STORE}}}": "0x60"}, 5),
    "DoormanGateFails": (
        {f'doorman_gate_requests_total{{outcome="unavailable",{STORE}}}': "0+2x60"},
        20,
    ),
    "DoormanPortalErrors": (
        {
            f'doorman_requests_total{{{PORTAL},route="form",status="500"}}': "0+2x60",
            f'doorman_requests_total{{{PORTAL},route="page",status="200"}}': "0+9x60",
        },
        30,
    ),
    "DoormanPortalSlow": (
        {
            f'doorman_request_duration_seconds_bucket{{{PORTAL},route="page",le="{le}"}}': (
                f"0+{each}x60"
            )
            for le, each in {"0.5": 1, "1": 2, "2.5": 10, "+Inf": 10}.items()
        },
        40,
    ),
    "DoormanShoppersStuck": (
        {f'doorman_logins_total{{way="sms",outcome="gate_failed",{STORE}}}': "0x9 1x50"},
        12,
    ),
    "DoormanSmsDown": (
        {
            f'doorman_logins_total{{way="sms",outcome="code_not_sent",{STORE}}}': "0+1x60",
            f'doorman_logins_total{{way="sms",outcome="code_sent",{STORE}}}': "7x60",
        },
        30,
    ),
    "DoormanCarrierSetUp": (
        {f'doorman_sms_sends_total{{carrier="aliyun",outcome="set_up",{STORE}}}': "0x9 1x50"},
        12,
    ),
    "DoormanCodesUnused": (
        {f"doorman_codes_begun{{{STORE}}}": "40x60", f"doorman_codes_used{{{STORE}}}": "5x60"},
        15,
    ),
    "DoormanCodesSpent": (
        {f'doorman_refusals_total{{reason="store_day",{STORE}}}': "0x9 1x50"},
        12,
    ),
    "DoormanJobFails": (
        {f'doorman_job_runs_total{{job_name="send",outcome="failed",{STORE}}}': "0+1x60"},
        30,
    ),
    "DoormanJobLate": (
        {
            f'doorman_job_last_success_timestamp_seconds{{job_name="send",{STORE}}}': "0x60",
            f'doorman_job_period_seconds{{job_name="send",{STORE}}}': "60x60",
        },
        30,
    ),
    "DoormanNewsLate": ({f"doorman_outbox_oldest_age_seconds{{{STORE}}}": "4000x60"}, 20),
    "DoormanNewsParked": ({f"doorman_outbox_parked{{{STORE}}}": "2x120"}, 70),
    "DoormanNewsDropped": ({f"doorman_outbox_dropped_total{{{STORE}}}": "0x9 100x50"}, 12),
    "DoormanCrmOptOuts": (
        {f'doorman_crm_withdrawals_total{{outcome="withdrawn",{STORE}}}': "0x9 300x50"},
        12,
    ),
    "DoormanSensorDown": ({f'doorman_sensor_state{{state="stopped",{STORE}}}': "1x60"}, 15),
    "DoormanSensorPartlyDeaf": (
        {f'doorman_sensor_source_hearing{{source="mon1",{STORE}}}': "0x60"},
        40,
    ),
    "DoormanSensorSlow": (
        {
            f"doorman_sensor_dropped_total{{{STORE}}}": "0+300x120",
            f"doorman_sensor_frames_total{{{STORE}}}": "0+100x120",
        },
        70,
    ),
    "DoormanSightingsUnsaved": ({f"doorman_sensor_unsaved_total{{{STORE}}}": "0x9 100x50"}, 12),
    "DoormanDayNotClosed": ({f"doorman_traffic_days_unclosed{{{STORE}}}": "1x300"}, 200),
    "DoormanCertificateEnds": (
        {f"doorman_certificate_end_timestamp_seconds{{{STORE}}}": f"{10 * _DAY}x120"},
        90,
    ),
    "DoormanCertificateOver": (
        {f"doorman_certificate_end_timestamp_seconds{{{STORE}}}": f"{_DAY}x60"},
        5,
    ),
    "DoormanBackupLate": (
        {f"doorman_backup_last_timestamp_seconds{{{STORE}}}": f"{-3 * _DAY}x120"},
        90,
    ),
    "DoormanLogBroken": ({f'doorman_log_whole{{log="access_log",{STORE}}}': "0x60"}, 1),
    "DoormanLogUnverified": (
        {f'doorman_log_verified_timestamp_seconds{{log="flows",{STORE}}}': f"{-4 * _DAY}x120"},
        65,
    ),
    "DoormanAccessLogUnwritten": (
        {f"doorman_access_log_failures_total{{{STORE}}}": "0x9 1x50"},
        12,
    ),
    "DoormanFlowLogUnwritten": ({f"doorman_flow_log_written{{{STORE}}}": "0x60"}, 15),
    "DoormanClockOff": ({f"doorman_clock_offset_seconds{{{STORE}}}": "7x60"}, 40),
    "DoormanDiskFull": ({f"doorman_disk_free_bytes{{{STORE}}}": f"{400 * _MIB}x60"}, 20),
    "DoormanDiskFills": (
        {
            f"doorman_disk_free_bytes{{{STORE}}}": f"{6000 * _MIB}-{5 * _MIB}x600",
            f"doorman_disk_size_bytes{{{STORE}}}": f"{30000 * _MIB}x600",
        },
        540,
    ),
    "DoormanDiskWorn": (
        {f'doorman_disk_wear_ratio{{device="mmcblk0",cells="mlc",{STORE}}}': "0.8x120"},
        90,
    ),
    "DoormanDiskWrites": (
        {f"doorman_disk_written_bytes_total{{{STORE}}}": "0+1000000x2000"},
        1700,
    ),
    "DoormanLogGrows": ({f"doorman_database_wal_bytes{{{STORE}}}": f"{300 * _MIB}x60"}, 40),
    "DoormanMemoryHigh": (
        {
            f'doorman_program_memory_bytes{{program="{each}",{STORE}}}': f"{300 * _MIB}x60"
            for each in ("portal", "jobs")
        },
        40,
    ),
    "DoormanHeadquartersSilent": (
        {
            f"doorman_headquarters_configured{{{STORE}}}": "1x120",
            f"doorman_headquarters_last_heard_timestamp_seconds{{{STORE}}}": "0x120",
        },
        90,
    ),
    "DoormanHeadquartersDown": ({f"up{{{HQ}}}": "0x60"}, 10),
    "DoormanStoresSilent": (
        {
            f'doorman_hq_stores{{state="silent",{HQ}}}': "20x60",
            f'doorman_hq_stores{{state="well",{HQ}}}': "300x60",
        },
        15,
    ),
    "DoormanStoreSilent": ({f'doorman_hq_stores{{state="silent",{HQ}}}': "1x120"}, 70),
    "DoormanInboxLate": ({f"doorman_hq_inbox_oldest_age_seconds{{{HQ}}}": "2000x60"}, 15),
    "DoormanInboxParked": (
        {f'doorman_hq_inbox_parked{{reason="unusable_rows",{HQ}}}': "1x120"},
        70,
    ),
    "DoormanErasureLate": (
        {f"doorman_hq_erasure_orders_oldest_age_seconds{{{HQ}}}": f"{4 * _DAY}x120"},
        70,
    ),
    "DoormanStoreOverLimit": ({f'doorman_hq_sms_codes{{outcome="store_limit",{HQ}}}': "3x60"}, 5),
}

# A store and a headquarters that are well, over a day; the clock begins at 0.
WELL = {
    f'up{{job="doorman",{STORE}}}': "1x1440",
    f'doorman_collector_success{{collector="gate",{STORE}}}': "1x1440",
    f"doorman_gate_up{{{STORE}}}": "1x1440",
    f'doorman_gate_requests_total{{outcome="done",{STORE}}}': "0+30x1440",
    f'doorman_gate_requests_total{{outcome="unavailable",{STORE}}}': "0x1440",
    f'doorman_requests_total{{program="portal",route="page",status="200",{STORE}}}': "0+9x1440",
    f'doorman_requests_total{{program="portal",route="health",status="503",{STORE}}}': "0+9x1440",
    f'doorman_logins_total{{way="sms",outcome="gate_failed",{STORE}}}': "0x1440",
    f'doorman_logins_total{{way="sms",outcome="code_not_sent",{STORE}}}': "0+1x1440",
    f'doorman_logins_total{{way="sms",outcome="code_sent",{STORE}}}': "0+9x1440",
    f'doorman_sms_sends_total{{carrier="aliyun",outcome="set_up",{STORE}}}': "0x1440",
    f'doorman_sms_sends_total{{carrier="aliyun",outcome="down",{STORE}}}': "0+1x1440",
    # At night, two: too few to say anything.
    f"doorman_codes_begun{{{STORE}}}": "2x1440",
    f"doorman_codes_used{{{STORE}}}": "0x1440",
    f'doorman_refusals_total{{reason="store_day",{STORE}}}': "0x1440",
    f'doorman_refusals_total{{reason="too_soon",{STORE}}}': "0+1x1440",
    f'doorman_job_runs_total{{job_name="send",outcome="failed",{STORE}}}': "0x700 1x740",
    f'doorman_job_last_success_timestamp_seconds{{job_name="send",{STORE}}}': "0+60x1440",
    f'doorman_job_period_seconds{{job_name="send",{STORE}}}': "60x1440",
    f"doorman_outbox_oldest_age_seconds{{{STORE}}}": "900x1440",
    f"doorman_outbox_parked{{{STORE}}}": "0x1440",
    f"doorman_outbox_dropped_total{{{STORE}}}": "100x1440",
    f'doorman_crm_withdrawals_total{{outcome="withdrawn",{STORE}}}': "0+1x1440",
    f'doorman_sensor_state{{state="quiet",{STORE}}}': "1x1440",
    f'doorman_sensor_state{{state="stopped",{STORE}}}': "0x1440",
    f'doorman_sensor_source_hearing{{source="mon0",{STORE}}}': "1x1440",
    # The day of the store begins anew.
    f"doorman_sensor_frames_total{{{STORE}}}": "0+300x700 0+300x739",
    f"doorman_sensor_dropped_total{{{STORE}}}": "0+100x700 0+100x739",
    f"doorman_sensor_unsaved_total{{{STORE}}}": "0x1440",
    f"doorman_traffic_days_unclosed{{{STORE}}}": "0x600 1x60 0x778",
    f"doorman_certificate_end_timestamp_seconds{{{STORE}}}": f"{60 * _DAY}x1440",
    f"doorman_backup_last_timestamp_seconds{{{STORE}}}": "0x1440",
    f'doorman_log_whole{{log="access_log",{STORE}}}': "1x1440",
    f'doorman_log_verified_timestamp_seconds{{log="access_log",{STORE}}}': "0x1440",
    f"doorman_access_log_failures_total{{{STORE}}}": "3x1440",
    f"doorman_flow_log_written{{{STORE}}}": "1x1440",
    f"doorman_clock_offset_seconds{{{STORE}}}": "0.01x1440",
    f"doorman_clock_synchronised{{{STORE}}}": "1x1440",
    f"doorman_disk_free_bytes{{{STORE}}}": f"{6000 * _MIB}x1440",
    f"doorman_disk_size_bytes{{{STORE}}}": f"{30000 * _MIB}x1440",
    f"doorman_disk_written_bytes_total{{{STORE}}}": "0+130000x1440",
    f'doorman_disk_wear_ratio{{device="mmcblk0",cells="mlc",{STORE}}}': "0.3x1440",
    f"doorman_database_wal_bytes{{{STORE}}}": "4000000x1440",
    f'doorman_program_memory_bytes{{program="portal",{STORE}}}': f"{80 * _MIB}x1440",
    f"doorman_headquarters_configured{{{STORE}}}": "1x1440",
    f"doorman_headquarters_last_heard_timestamp_seconds{{{STORE}}}": "0+60x1440",
    # A single store, of no chain.
    'doorman_headquarters_configured{store="s2"}': "0x1440",
    'doorman_headquarters_last_heard_timestamp_seconds{store="s2"}': "0x1440",
    f"up{{{HQ}}}": "1x1440",
    f'doorman_hq_stores{{state="well",{HQ}}}': "300x1440",
    f'doorman_hq_stores{{state="silent",{HQ}}}': "0x1440",
    f"doorman_hq_inbox_oldest_age_seconds{{{HQ}}}": "5x1440",
    f'doorman_hq_inbox_parked{{reason="unknown_member",{HQ}}}': "3x1440",
    f"doorman_hq_erasure_orders_oldest_age_seconds{{{HQ}}}": "7200x1440",
    f'doorman_hq_sms_codes{{outcome="taken",{HQ}}}': "500x1440",
}
