"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed_mac", sa.LargeBinary(), nullable=False),
        sa.Column("randomised", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="devices_pkey"),
        sa.UniqueConstraint("lookup", name="devices_lookup_key"),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="members_pkey"),
        sa.UniqueConstraint("public_id", name="members_public_id_key"),
    )
    op.create_table(
        "outbox_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_data", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "sent", "parked", name="outboxstate", native_enum=False),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="outbox_events_pkey"),
        sa.UniqueConstraint("event_id", name="outbox_events_event_id_key"),
    )
    with op.batch_alter_table("outbox_events", schema=None) as batch_op:
        batch_op.create_index("outbox_events_next", ["state", "id"], unique=False)
        batch_op.create_index("outbox_events_of_subject", ["state", "subject", "id"], unique=False)

    op.create_table(
        "traffic_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("probe_requests", sa.Integer(), nullable=False),
        sa.Column("fixtures", sa.Integer(), nullable=False),
        sa.Column("passers_by", sa.Integer(), nullable=False),
        sa.Column("passers_by_low", sa.Integer(), nullable=False),
        sa.Column("passers_by_high", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("visitors_low", sa.Integer(), nullable=False),
        sa.Column("visitors_high", sa.Integer(), nullable=False),
        sa.Column("dwell_q1_s", sa.Integer(), nullable=True),
        sa.Column("dwell_median_s", sa.Integer(), nullable=True),
        sa.Column("dwell_q3_s", sa.Integer(), nullable=True),
        sa.Column("dwell_under_5_min", sa.Integer(), nullable=False),
        sa.Column("dwell_5_to_20_min", sa.Integer(), nullable=False),
        sa.Column("dwell_20_to_60_min", sa.Integer(), nullable=False),
        sa.Column("dwell_1_to_6_h", sa.Integer(), nullable=False),
        sa.Column("dwell_over_6_h", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", name="traffic_days_pkey"),
    )
    op.create_table(
        "traffic_hours",
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("passers_by", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("start", name="traffic_hours_pkey"),
    )
    with op.batch_alter_table("traffic_hours", schema=None) as batch_op:
        batch_op.create_index("traffic_hours_day", ["day"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="users_pkey"),
        sa.UniqueConstraint("name", name="users_name_key"),
    )
    op.create_table(
        "code_sends",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone_lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column(
            "device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name="code_sends_device_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="code_sends_pkey"),
    )
    with op.batch_alter_table("code_sends", schema=None) as batch_op:
        batch_op.create_index("code_sends_of_day", ["sent_at"], unique=False)
        batch_op.create_index("code_sends_of_device", ["device_id", "sent_at"], unique=False)
        batch_op.create_index("code_sends_of_number", ["phone_lookup", "sent_at"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone_lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum(
                "terms",
                "membership",
                "marketing",
                "visit_analytics",
                name="purpose",
                native_enum=False,
            ),
            nullable=False,
        ),
        sa.Column("wording_version", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="consents_member_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="consents_pkey"),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index("consents_member_id", ["member_id"], unique=False)
        batch_op.create_index("consents_of_phone", ["phone_lookup", "purpose"], unique=False)

    op.create_table(
        "identities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.Enum("phone", name="identitykind", native_enum=False), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="identities_member_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="identities_pkey"),
        sa.UniqueConstraint("kind", "lookup", name="identities_kind_lookup_key"),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index("identities_member_id", ["member_id"], unique=False)

    op.create_table(
        "logins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "code_sent", "verified", "online", "locked", name="loginstate", native_enum=False
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("phone_lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=True),
        sa.Column("code_made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms_accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name="logins_device_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="logins_pkey"),
    )
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.create_index("logins_newest_of_device", ["device_id", "started_at"], unique=False)
        batch_op.create_index("logins_of_phone", ["phone_lookup", "started_at"], unique=False)

    op.create_table(
        "grants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("login_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "end_cause",
            sa.Enum("expired", "logged_out", "revoked", name="endcause", native_enum=False),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name="grants_device_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["login_id"], ["logins.id"], name="grants_login_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="grants_member_id_fkey", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="grants_pkey"),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index("grants_login_id", ["login_id"], unique=False)
        batch_op.create_index("grants_member_id", ["member_id"], unique=False)
        batch_op.create_index("grants_of_device", ["device_id", "expires_at"], unique=False)
        batch_op.create_index("grants_running", ["ended_at", "expires_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index("grants_running")
        batch_op.drop_index("grants_of_device")
        batch_op.drop_index("grants_member_id")
        batch_op.drop_index("grants_login_id")

    op.drop_table("grants")
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.drop_index("logins_of_phone")
        batch_op.drop_index("logins_newest_of_device")

    op.drop_table("logins")
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_index("identities_member_id")

    op.drop_table("identities")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index("consents_of_phone")
        batch_op.drop_index("consents_member_id")

    op.drop_table("consents")
    with op.batch_alter_table("code_sends", schema=None) as batch_op:
        batch_op.drop_index("code_sends_of_number")
        batch_op.drop_index("code_sends_of_device")
        batch_op.drop_index("code_sends_of_day")

    op.drop_table("code_sends")
    op.drop_table("users")
    with op.batch_alter_table("traffic_hours", schema=None) as batch_op:
        batch_op.drop_index("traffic_hours_day")

    op.drop_table("traffic_hours")
    op.drop_table("traffic_days")
    with op.batch_alter_table("outbox_events", schema=None) as batch_op:
        batch_op.drop_index("outbox_events_of_subject")
        batch_op.drop_index("outbox_events_next")

    op.drop_table("outbox_events")
    op.drop_table("members")
    op.drop_table("devices")
