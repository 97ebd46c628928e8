"""What connectors remember of the CRM."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "crm_records",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("connector", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("local_id", sa.String(64), nullable=False),
        sa.Column("sealed_remote_id", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="crm_records_pkey"),
        sa.UniqueConstraint(
            "connector", "kind", "local_id", name="crm_records_connector_kind_local_id_key"
        ),
    )
    op.create_index("crm_records_expires_at", "crm_records", ["expires_at"])


def downgrade() -> None:
    op.drop_table("crm_records")
