"""The audit log in a chain; what is asked for out of the access log, and who agrees."""

import sqlalchemy as sa
from alembic import op

from core import audit_chain, clock

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.Column("forgotten_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("forgotten_until", _MOMENT, nullable=True),
        sa.Column("forgotten_on", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="audit_head_pkey"),
    )
    op.add_column("audit_entries", sa.Column("salt", sa.String(32), nullable=True))
    op.add_column("audit_entries", sa.Column("hash", sa.LargeBinary(32), nullable=True))
    audit_chain.begin(op.get_bind(), clock.now())
    with op.batch_alter_table("audit_entries") as table:
        table.alter_column("salt", existing_type=sa.String(32), nullable=False)
        table.alter_column("hash", existing_type=sa.LargeBinary(32), nullable=False)
    op.create_table(
        "access_exports",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("is_approved", sa.Boolean(), nullable=True),
        sa.Column("given_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="access_exports_pkey"),
    )


def downgrade() -> None:
    op.drop_table("access_exports")
    for name in ("hash", "salt"):
        op.drop_column("audit_entries", name)
    op.drop_table("audit_head")
    if op.get_bind().dialect.name == "postgresql":
        # The version before has the database number its entries.
        op.execute(
            "SELECT setval(pg_get_serial_sequence('audit_entries', 'id'), max(id))"
            " FROM audit_entries HAVING max(id) > 0"
        )
