"""A program's engine is bound by the first worker that trains it.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lets a program wait for its engine; those of before keep theirs."""
    with op.batch_alter_table("programs") as programs:
        programs.alter_column("engine", existing_type=sa.Text(), nullable=True)
        programs.alter_column("engine_reason", existing_type=sa.Text(), nullable=True)


def downgrade() -> None:
    """Binds what is not bound to the one engine that there was."""
    op.execute("UPDATE programs SET engine = 'eager', engine_reason = '' WHERE engine IS NULL")
    with op.batch_alter_table("programs") as programs:
        programs.alter_column("engine", existing_type=sa.Text(), nullable=False)
        programs.alter_column("engine_reason", existing_type=sa.Text(), nullable=False)
