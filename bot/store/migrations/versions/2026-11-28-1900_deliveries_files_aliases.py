"""Deliveries, files, what is known of an address, codes that link, what was seen."""

import sqlalchemy as sa
from alembic import op

import bot.store.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Moment = bot.store.base.UtcDateTime


def upgrade() -> None:
    with op.batch_alter_table("aliases") as table:
        table.add_column(sa.Column("is_account", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("is_reachable", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("heard_at", Moment(timezone=True), nullable=True))
        table.add_column(sa.Column("stopped_at", Moment(timezone=True), nullable=True))
        table.add_column(sa.Column("reminded_at", Moment(timezone=True), nullable=True))
    with op.batch_alter_table("messages", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("sent_at", Moment(timezone=True), nullable=True))
        table.add_column(sa.Column("sequence", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "deliveries",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("parts_sent", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.String(length=30), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Moment(timezone=True), nullable=False),
        sa.Column("attempted_at", Moment(timezone=True), nullable=True),
        sa.Column("queued_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_deliveries_message_id_messages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_deliveries_person_id_persons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_person", "deliveries", ["person_id", "channel", "state", "message_id"])
    op.create_index("ix_deliveries_due", "deliveries", ["state", "next_try_at"])
    op.create_index(op.f("ix_deliveries_provider_id"), "deliveries", ["provider_id"])
    op.create_table(
        "files",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_reference", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_files_message_id_messages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_files_person_id_persons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    for column in ("message_id", "person_id", "state"):
        op.create_index(op.f(f"ix_files_{column}"), "files", [column])
    op.create_table(
        "link_codes",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_link_codes_person_id_persons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_link_codes")),
    )
    op.create_index(op.f("ix_link_codes_person_id"), "link_codes", ["person_id"])
    op.create_table(
        "seen",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_seen")),
    )
    op.create_index(op.f("ix_seen_at"), "seen", ["at"])
    op.create_table(
        "contents",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_contents")),
    )


def downgrade() -> None:
    for name in ("contents", "seen", "link_codes", "files", "deliveries"):
        op.drop_table(name)
    with op.batch_alter_table("messages", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_column("sequence")
        table.drop_column("sent_at")
    with op.batch_alter_table("aliases") as table:
        for column in ("reminded_at", "stopped_at", "heard_at", "is_reachable", "is_account"):
            table.drop_column(column)
