"""chats in which cells are told of their cases; what went into a case is found by an index."""

import sqlalchemy as sa
from alembic import op

import bot.store.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_chats",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("is_urgent_only", sa.Boolean(), nullable=False),
        sa.Column("added_at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_at", bot.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_notice_chats_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_notice_chats_person_id_persons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_chats")),
    )
    with op.batch_alter_table("notice_chats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_chats_cell_id"), ["cell_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_chats_person_id"), ["person_id"], unique=False)

    op.create_table(
        "notice_codes",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_notice_codes_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_notice_codes")),
        sa.UniqueConstraint("agent_id", name=op.f("uq_notice_codes_agent_id")),
    )
    op.create_table(
        "notices_told",
        sa.Column("chat_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_notices_told_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["notice_chats.id"], name=op.f("fk_notices_told_chat_id_notice_chats"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "kind", "case_id", name=op.f("pk_notices_told")),
    )
    with op.batch_alter_table("notices_told", schema=None) as batch_op:
        batch_op.create_index("ix_notices_told_case", ["case_id"], unique=False)

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cases_merged",
            ["merged_into"],
            unique=False,
            sqlite_where=sa.text("merged_into IS NOT NULL"),
            postgresql_where=sa.text("merged_into IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_merged")

    with op.batch_alter_table("notices_told", schema=None) as batch_op:
        batch_op.drop_index("ix_notices_told_case")

    op.drop_table("notices_told")
    op.drop_table("notice_codes")
    with op.batch_alter_table("notice_chats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_chats_person_id"))
        batch_op.drop_index(batch_op.f("ix_notice_chats_cell_id"))

    op.drop_table("notice_chats")
