"""Over every column of every table: what could hold something personal is sealed, or a blind
index, or stands here with the reason why it does not.
"""

import pytest
import sqlalchemy as sa

from core.models.base import LookupBinary, SealedBinary, UtcTime
from core.models.every import metadata as of_store
from hq.models.every import metadata as of_hq

# Of these no value says who somebody is. A 32-bit number has no room for a phone number or a
# hardware address; an enumeration has words of ours.
_HARMLESS = (sa.Boolean, sa.Date, UtcTime, sa.Enum)

CRM_RECORDS = {
    "crm_proofs.crm": "a name of ours",
    "crm_proofs.event_id": "random",
    "crm_proofs.member": "a member's public id",
    "crm_records.connector": "a name of ours",
    "crm_records.kind": "a name of ours",
    "crm_records.local_id": "a member's public id, an event's, or a blind index",
}
REASONS = {
    "access_days.anchored_where": "a name of ours",
    "access_days.first": "a count",
    "access_days.hash": "of hashes",
    "access_days.hash_after": "of salted rows",
    "access_days.hash_before": "of salted rows",
    "access_days.last": "a count",
    "access_head.day_before": "of salted rows",
    "access_head.day_begins": "of the store",
    "access_head.day_first": "a count",
    "access_head.days_hash": "of hashes",
    "access_head.hash": "of salted rows",
    "access_head.number": "a count",
    "access_head.place": "a count",
    "access_exports.asked_by": "staff's, chosen to sign in with",
    "access_exports.decided_by": "staff's, chosen to sign in with",
    "access_head.time_zone": "of the store",
    "access_records.hash": "of salted rows",
    "access_records.session_id": "random",
    "api_tokens.name": "entered by staff, for a program",
    "audit_entries.about_user": "staff's, chosen to sign in with",
    "audit_entries.action": "a name of ours",
    "audit_entries.address": "of a machine of the staff's, on the management side",
    "audit_entries.hash": "of salted rows",
    "audit_entries.member": "a member's public id",
    "audit_entries.reason": "a word of ours",
    "audit_entries.salt": "random",
    "audit_entries.user_name": "staff's, chosen to sign in with",
    "audit_head.forgotten": "a count",
    "audit_head.forgotten_hash": "of salted rows",
    "audit_head.hash": "of salted rows",
    "audit_head.number": "a count",
    "campaigns.coupon_pattern": "entered by staff, for everybody",
    "campaigns.coupon_text": "entered by staff, for everybody",
    "campaigns.heading": "entered by staff, for everybody",
    "campaigns.language": "of a page",
    "campaigns.line": "entered by staff, for everybody",
    "campaigns.link": "entered by staff, for everybody",
    "campaigns.name": "entered by staff, for everybody",
    "campaigns.picture": "hash of a picture that everybody is shown",
    "campaigns.picture_text": "entered by staff, for everybody",
    "campaigns.pushed_key": "a name of the chain's",
    "campaigns.stores": "ids of stores",
    "code_sends.carrier": "a name of ours",
    "code_sends.message_id": "the carrier's number for a message",
    "consents.language": "one of ours",
    "consents.wording_version": "a version of ours",
    "counter_readings.bytes_down": "a count",
    "counter_readings.bytes_up": "a count",
    "counting_pages.page": "random",
    "counting_sessions.rules": "a hash of settings",
    "counting_sessions.user_name": "staff's, chosen to sign in with",
    "coupons.code": "random, or the chain's own; says nothing by itself",
    "crm_lines.reason": "a word of ours or an HTTP status",
    **CRM_RECORDS,
    "day_notes.text": "entered by staff, of the store's days; the page asks for no names",
    "gone_members.into_id": "a member's public id",
    "gone_members.public_id": "a member's public id",
    "grants.bytes_down": "a count",
    "grants.bytes_up": "a count",
    "grants.quota_bytes": "a count",
    "grants.session_id": "random",
    "logins.code_carrier": "a name of ours",
    "logins.code_hash": "keyed hash of a code that lasts minutes",
    "logins.language": "one of ours",
    "member_groups.name": "entered by staff, for a list; the dashboard asks for no names",
    "members.language": "one of ours",
    "members.public_id": "random; what the CRM knows a member by",
    "outbox_events.event_id": "random",
    "outbox_events.last_error": "a reason of ours or an HTTP status",
    "outbox_events.source": "a store's name",
    "outbox_events.subject": "a member's public id, or a day",
    "outbox_events.type": "a name of ours",
    "sponsor_requests.match_number": "random, four digits",
    "sources.code": "random, of a QR code that hangs in the store",
    "sources.name": "staff's, by which the store knows its own guides",
    "survey_answers.text": "entered by staff, to choose from; nobody writes an answer",
    "surveys.language": "of a page",
    "surveys.question": "entered by staff, for everybody",
    "temporary_passes.session_id": "random",
    "traffic_hours.inside_mean": "a count",
    "users.name": "staff's, chosen to sign in with",
    "users.password_hash": "argon2id, or scrypt",
    "walks.user_name": "staff's, chosen to sign in with",
    "wordings.language": "one of ours",
    "wordings.text": "what everybody is shown",
    "wordings.version": "a hash of it",
    "voucher_batches.name": "entered by staff, for a list",
}
LENT = ("api_tokens.", "audit_entries.", "audit_head.", "users.")
HQ_REASONS = {
    "access_tokens.app_id": "an account of the chain",
    **{name: reason for name, reason in REASONS.items() if name.startswith(LENT)},
    "chain_links.consents": "purposes and times, by themselves of nobody",
    "chain_links.language": "one of ours",
    "chain_links.store_member": "random; what the store knows a member by",
    "chain_members.public_id": "random; what the CRM knows a member by",
    "crm_lines.reason": "a reason of ours or an HTTP status",
    **CRM_RECORDS,
    "erasure_orders.store_member": "random; what the store knows a member by",
    "erasure_orders.told_by": "a store's name",
    "withdrawal_orders.store_member": "random; what the store knows a member by",
    "inbox.batch_id": "a count",
    "inbox.event_id": "random",
    "inbox.store_id": "a name of ours",
    "inbox.subject": "a member's public id, or a day",
    "inbox.type": "a name of ours",
    "outbox_events.event_id": "random",
    "outbox_events.last_error": "a reason of ours or an HTTP status",
    "outbox_events.source": "a name of ours",
    "outbox_events.subject": "a member's public id, or a day",
    "outbox_events.type": "a name of ours",
    "parked_events.event_id": "random",
    "parked_events.reason": "a word of ours",
    "proofs.redeemed_by": "the store's word for a device, opaque here",
    "pushed_versions.document": "settings and texts for everybody",
    "pushed_versions.signature": "of what everybody is shown",
    "pushed_versions.target": "a name of ours",
    "sms_sends.carrier": "a name of ours",
    "sms_sends.carrier_message_id": "the carrier's number for a message",
    "sms_sends.message_id": "random",
    "sms_sends.outcome": "a word of ours",
    "region_days.data": "counts of all stores of a region",
    "region_days.files": "a hash",
    "region_days.region": "a name of ours",
    "store_anchors.hash": "of salted rows",
    "store_anchors.number": "a count",
    "store_days.data": "counts, suppressed by the store",
    "store_days.dwell_median_s": "of all visitors of a day",
    "store_days.entry_rate": "of all visitors of a day",
    "store_days.passers_by": "a count",
    "store_days.visitors": "a count",
    "store_health.clock_off_s": "of a machine",
    "store_health.pushed_trouble": "a word of ours",
    "store_health.sensor_state": "a word of ours",
    "store_health.sensors": "names and states of machines",
    "store_health.version": "of Doorman",
    "store_hours.inside_mean": "a count",
    "store_hours.passers_by": "a count",
    "store_hours.visitors": "a count",
    "stores.id": "a name of ours",
    "stores.latitude": "of a shop",
    "stores.longitude": "of a shop",
    "stores.name": "of a shop",
    "stores.portal_urls": "addresses of the chain's own portals",
    "stores.region": "a name of ours",
    "user_regions.region": "a name of ours",
    "wechat_logins.id": "random",
    "wechat_logins.language": "one of ours",
    "wechat_logins.match_code": "random",
    "wechat_logins.reference": "the store's word for a device, opaque here",
    "wechat_logins.return_url": "address of a page of the store's portal",
}


def needs_reason(column):
    if isinstance(column.type, (SealedBinary, LookupBinary)):
        return False
    # What a foreign key holds is judged where it points to.
    if column.foreign_keys or isinstance(column.type, _HARMLESS):
        return False
    counts_rows = column.primary_key and isinstance(column.type, sa.Integer)
    is_small = isinstance(column.type, sa.Integer) and not isinstance(column.type, sa.BigInteger)
    return not counts_rows and not is_small


@pytest.mark.parametrize(
    ("metadata", "reasons"),
    [pytest.param(of_store, REASONS, id="store"), pytest.param(of_hq, HQ_REASONS, id="hq")],
)
def test_no_column_holds_anything_personal_in_the_open(metadata, reasons):
    columns = [column for table in metadata.sorted_tables for column in table.columns]

    assert sorted(reasons) == sorted(
        f"{column.table.name}.{column.name}" for column in columns if needs_reason(column)
    )


@pytest.mark.parametrize(
    "sort", [sa.String(20), sa.Text(), sa.LargeBinary(), sa.JSON(), sa.BigInteger(), sa.Float()]
)
def test_a_new_column_of_a_sort_with_room_for_a_person_would_be_noticed(sort):
    table = sa.Table("t", sa.MetaData(), sa.Column("telephone", sort))

    assert needs_reason(table.c.telephone)
