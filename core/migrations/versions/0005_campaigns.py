"""Sources of members, campaigns with their counts and coupons, groups of members, surveys."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_attribution()
    _create_campaigns()
    _create_counts()
    _create_surveys()


def downgrade() -> None:
    for table in (
        "survey_turns",
        "survey_answers",
        "surveys",
        "coupons",
        "campaign_days",
        "campaigns",
        "group_members",
        "member_groups",
        "member_sources",
        "device_sources",
        "sources",
    ):
        op.drop_table(table)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.Constraint:
    name = f"{table}_{column}_fkey"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def _create_attribution() -> None:
    op.create_table(
        "sources",
        sa.Column("id", _BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("guide", "poster", name="sourcekind", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        _time("created_at"),
        _time("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="sources_pkey"),
        sa.UniqueConstraint("code", name="sources_code_key"),
    )
    op.create_table(
        "device_sources",
        sa.Column("device_id", _BIG, nullable=False),
        sa.Column("source_id", _BIG, nullable=False),
        _time("since"),
        _time("entered_at"),
        _time("protected_until"),
        _time("until"),
        _key("device_sources", "device_id", "devices"),
        _key("device_sources", "source_id", "sources"),
        sa.PrimaryKeyConstraint("device_id", name="device_sources_pkey"),
    )
    op.create_index("device_sources_source_id", "device_sources", ["source_id"])
    op.create_table(
        "member_sources",
        sa.Column("member_id", _BIG, nullable=False),
        sa.Column("source_id", _BIG, nullable=False),
        _time("since"),
        _time("entered_at"),
        _time("protected_until"),
        _time("until"),
        _key("member_sources", "member_id", "members"),
        _key("member_sources", "source_id", "sources"),
        sa.PrimaryKeyConstraint("member_id", name="member_sources_pkey"),
    )
    op.create_index("member_sources_source_id", "member_sources", ["source_id"])


def _create_campaigns() -> None:
    op.create_table(
        "member_groups",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id", name="member_groups_pkey"),
        sa.UniqueConstraint("name", name="member_groups_name_key"),
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", _BIG, nullable=False),
        sa.Column("member_id", _BIG, nullable=False),
        _key("group_members", "group_id", "member_groups"),
        _key("group_members", "member_id", "members"),
        sa.PrimaryKeyConstraint("group_id", "member_id", name="group_members_pkey"),
    )
    op.create_index("group_members_member_id", "group_members", ["member_id"])
    op.create_table(
        "campaigns",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column(
            "spot",
            sa.Enum("first", "online", name="spot", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "everyone",
                "members",
                "new",
                "seed",
                "active",
                "loyal",
                "dormant",
                "lost",
                "group",
                name="audience",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("group_id", _BIG, nullable=True),
        sa.Column("stores", sa.String(500), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        _time("starts_at"),
        _time("ends_at"),
        sa.Column("heading", sa.String(60), nullable=False),
        sa.Column("line", sa.String(200), nullable=False),
        sa.Column("picture", sa.String(64), nullable=False),
        sa.Column("picture_text", sa.String(120), nullable=False),
        sa.Column("link", sa.String(1000), nullable=False),
        sa.Column(
            "coupon",
            sa.Enum("none", "made", "given", name="couponkind", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("coupon_pattern", sa.String(32), nullable=False),
        sa.Column("coupon_text", sa.String(80), nullable=False),
        sa.Column("coupon_days", sa.Integer(), nullable=False),
        _time("created_at"),
        _time("ended_at", nullable=True),
        _key("campaigns", "group_id", "member_groups", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="campaigns_pkey"),
    )
    op.create_index("campaigns_group_id", "campaigns", ["group_id"])


def _create_counts() -> None:
    op.create_table(
        "campaign_days",
        sa.Column("campaign_id", _BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("impressions", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        _key("campaign_days", "campaign_id", "campaigns"),
        sa.PrimaryKeyConstraint("campaign_id", "day", name="campaign_days_pkey"),
    )
    op.create_table(
        "coupons",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("campaign_id", _BIG, nullable=False),
        sa.Column("member_id", _BIG, nullable=True),
        sa.Column("code", sa.String(32), nullable=False),
        _time("issued_at", nullable=True),
        _time("expires_at", nullable=True),
        _time("used_at", nullable=True),
        _key("coupons", "campaign_id", "campaigns"),
        _key("coupons", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name="coupons_pkey"),
        sa.UniqueConstraint("campaign_id", "member_id", name="coupons_campaign_id_member_id_key"),
        sa.UniqueConstraint("code", name="coupons_code_key"),
    )
    op.create_index("coupons_member_id", "coupons", ["member_id"])


def _create_surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("question", sa.String(120), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        _time("created_at"),
        _time("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="surveys_pkey"),
    )
    op.create_table(
        "survey_answers",
        sa.Column("survey_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(60), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=False),
        _key("survey_answers", "survey_id", "surveys"),
        sa.PrimaryKeyConstraint("survey_id", "number", name="survey_answers_pkey"),
    )
    op.create_table(
        "survey_turns",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("survey_id", _BIG, nullable=False),
        sa.Column("device_id", _BIG, nullable=True),
        sa.Column("member_id", _BIG, nullable=True),
        _key("survey_turns", "survey_id", "surveys"),
        _key("survey_turns", "device_id", "devices", ondelete="SET NULL"),
        _key("survey_turns", "member_id", "members", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="survey_turns_pkey"),
        sa.UniqueConstraint("survey_id", "device_id", name="survey_turns_survey_id_device_id_key"),
        sa.UniqueConstraint("survey_id", "member_id", name="survey_turns_survey_id_member_id_key"),
    )
    op.create_index("survey_turns_device_id", "survey_turns", ["device_id"])
    op.create_index("survey_turns_member_id", "survey_turns", ["member_id"])
