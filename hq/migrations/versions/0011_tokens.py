"""Words that programs show to read metrics."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_SCOPE = sa.Enum("figures", "metrics", name="scope", native_enum=False, length=16)


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("token_lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("scope", _SCOPE, nullable=False, server_default="figures"),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="api_tokens_pkey"),
        sa.UniqueConstraint("token_lookup", name="api_tokens_token_lookup_key"),
    )


def downgrade() -> None:
    op.drop_table("api_tokens")
