"""What lets other programs read figures."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("token_lookup", sa.LargeBinary(16), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="api_tokens_pkey"),
        sa.UniqueConstraint("token_lookup", name="api_tokens_token_lookup_key"),
    )


def downgrade() -> None:
    op.drop_table("api_tokens")
