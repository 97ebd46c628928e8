"""Every table that says something of a person is in the file, or stands here with a reason."""

import pytest

from core.members import data_export, dossier
from core.models.every import metadata

IN_THE_FILE = {
    "code_sends",
    "consents",
    "coupons",
    "crm_proofs",
    "device_sources",
    "devices",
    "grants",
    "group_members",
    "identities",
    "logins",
    "member_sources",
    "member_visits",
    "members",
    "outbox_events",
    "survey_turns",
    "temporary_passes",
}
LEFT_OUT = {
    "access_days": "numbers of rows and hashes",
    "access_exports": "what the police asked for, for days",
    "access_head": "a number and a hash",
    "access_records": "the law's, locked; what it says of a session is with the sessions",
    "audit_entries": "staff's; that they looked at a member, by number alone",
    "audit_head": "a number and a hash",
    "campaign_days": "counts alone",
    "campaigns": "for everybody; its name stands with the coupon",
    "counter_readings": "where a counter stood; what it came to is in the sessions",
    "crm_lines": "how the line to the CRM is, counts and times",
    "crm_records": "that the CRM was told; what it was told is in the file",
    "day_notes": "staff's, on the store's days",
    "counting_pages": "taps of staff, counts alone",
    "counting_sessions": "people at the door, counts alone",
    "enrolment_days": "counts alone",
    "gone_members": "ids of members who are none any more",
    "member_groups": "a list; that one is on it is in the file",
    "portal_days": "counts alone",
    "portal_phones": "that a phone saw the first page, by a mark that ends with the day",
    "presence_hours": "counts alone",
    "report_mails": "staff",
    "sources": "staff's; its name stands with who was brought",
    "opt_outs": "of an address alone, under a key of its own; its page shows and ends it",
    "sponsor_requests": "the guest's name is emptied once staff have decided",
    "survey_answers": "counts alone",
    "surveys": "for everybody",
    "traffic_days": "counts alone",
    "traffic_hours": "counts alone",
    "traffic_now": "a count alone",
    "api_tokens": "staff",
    "failed_sign_ins": "staff",
    "sign_ins": "staff",
    "users": "staff",
    "voucher_batches": "paper, of nobody",
    "voucher_tries": "that a device typed a wrong voucher, for an hour",
    "voucher_uses": "a voucher is nobody's; the session by it is not of the proven account",
    "vouchers": "paper, of nobody",
    "walk_stations": "how loud a phone of the staff's was",
    "walks": "staff",
    "wordings": "for everybody",
}


def test_every_table_is_in_the_file_or_left_out_for_a_reason():
    assert sorted(IN_THE_FILE | LEFT_OUT.keys()) == sorted(metadata.tables)


@pytest.mark.parametrize("table", sorted(IN_THE_FILE))
def test_what_is_in_the_file_is_read(table):
    names = vars(data_export) | vars(dossier)
    models = {getattr(each, "__tablename__", None) for each in names.values()}

    assert table in models
