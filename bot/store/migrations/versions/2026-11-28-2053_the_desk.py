"""the desk."""

import sqlalchemy as sa
from alembic import op

import bot.store.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_cell", ["cell_id", "id"], unique=False)

    op.create_table(
        "canned_replies",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("changed_at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
    )
    with op.batch_alter_table("canned_replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_canned_replies_cell_id"), ["cell_id"], unique=False)

    op.create_table(
        "cell_settings",
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        sa.Column("ramadan_week", sa.JSON(), nullable=False),
        sa.Column("keeps_holidays", sa.Boolean(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("is_accepting", sa.Boolean(), nullable=False),
        sa.Column("notice_email", sa.String(length=254), nullable=False),
        sa.Column("hours_confirmed_at", bot.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("notified_event", sa.Integer(), nullable=False),
        sa.Column("notified_at", bot.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("changed_at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cell_id", name=op.f("pk_cell_settings")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_absences_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index("ix_absences_cell", ["cell_id", "last_day"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("invited_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", bot.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["agents.id"], name=op.f("fk_invitations_invited_by_agents")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_table(
        "presences",
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("is_typing", sa.Boolean(), nullable=False),
        sa.Column("seen_at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_presences_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent_id", "case_id", name=op.f("pk_presences")),
    )
    with op.batch_alter_table("presences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presences_case_id"), ["case_id"], unique=False)

    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_saved_views_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    with op.batch_alter_table("saved_views", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_views_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "case_labels",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_labels_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "name", name=op.f("pk_case_labels")),
    )
    with op.batch_alter_table("case_labels", schema=None) as batch_op:
        batch_op.create_index("ix_case_labels_name", ["cell_id", "name"], unique=False)

    op.create_table(
        "case_words",
        sa.Column("cell_id", sa.String(length=64), nullable=False),
        sa.Column(
            "word",
            sa.String(length=24).with_variant(sa.VARCHAR(length=24, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_words_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cell_id", "word", "case_id", name=op.f("pk_case_words")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("case_words", schema=None) as batch_op:
        batch_op.create_index("ix_case_words_case", ["case_id"], unique=False)

    op.create_table(
        "mentions",
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("at", bot.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", bot.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_mentions_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_mentions_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", "case_id", name=op.f("pk_mentions")),
    )
    with op.batch_alter_table("agent_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("browser", sa.String(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("browser_hash", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("is_complete", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("seen_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table("agents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("roles", sa.JSON(), nullable=False, server_default='["agent", "lead"]'))
        batch_op.add_column(sa.Column("sealed_totp", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("totp_since", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("totp_last_step", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("seen_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cell_id", sa.String(length=64), nullable=False, server_default=""))
        batch_op.drop_index(batch_op.f("ix_case_events_case_id"))
        batch_op.create_index("ix_case_events_case", ["case_id", "id"], unique=False)
        batch_op.create_index("ix_case_events_cell", ["cell_id", "id"], unique=False)

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.String(length=20), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("route", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("rank", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("changed_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("waiting_since", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("first_replied_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("first_reply_s", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reply_left_s", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("resolution_left_s", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("running_since", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reply_due_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("resolution_due_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("window_reminded_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("merged_into", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("score", sa.String(length=8), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("rated_at", bot.store.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f("ix_cases_cell_status"))
        batch_op.create_index("ix_cases_agent", ["agent_id", "rank"], unique=False)
        batch_op.create_index("ix_cases_closed", ["cell_id", "closed_at"], unique=False)
        batch_op.create_index("ix_cases_list", ["cell_id", "rank", "opened_at"], unique=False)
        batch_op.create_index("ix_cases_newest", ["cell_id", "opened_at"], unique=False)
        batch_op.create_index("ix_cases_opened", ["opened_at"], unique=False)
        batch_op.create_index("ix_cases_reply_due", ["reply_due_at"], unique=False)
        batch_op.create_index("ix_cases_resolution_due", ["resolution_due_at"], unique=False)

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(length=10), nullable=False, server_default=""))
        batch_op.create_index("ix_messages_outcome", ["outcome", "created_at"], unique=False)

    _bring_over()
    _guard_audit()


def downgrade() -> None:
    _unguard_audit()
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_outcome")
        batch_op.drop_column("outcome")

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_resolution_due")
        batch_op.drop_index("ix_cases_reply_due")
        batch_op.drop_index("ix_cases_opened")
        batch_op.drop_index("ix_cases_newest")
        batch_op.drop_index("ix_cases_list")
        batch_op.drop_index("ix_cases_closed")
        batch_op.drop_index("ix_cases_agent")
        batch_op.create_index(batch_op.f("ix_cases_cell_status"), ["cell_id", "status", "opened_at"], unique=False)
        batch_op.drop_column("rated_at")
        batch_op.drop_column("score")
        batch_op.drop_column("merged_into")
        batch_op.drop_column("window_reminded_at")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("resolution_due_at")
        batch_op.drop_column("reply_due_at")
        batch_op.drop_column("running_since")
        batch_op.drop_column("resolution_left_s")
        batch_op.drop_column("reply_left_s")
        batch_op.drop_column("first_reply_s")
        batch_op.drop_column("first_replied_at")
        batch_op.drop_column("waiting_since")
        batch_op.drop_column("changed_at")
        batch_op.drop_column("version")
        batch_op.drop_column("rank")
        batch_op.drop_column("route")
        batch_op.drop_column("topic")

    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_index("ix_case_events_cell")
        batch_op.drop_index("ix_case_events_case")
        batch_op.create_index(batch_op.f("ix_case_events_case_id"), ["case_id"], unique=False)
        batch_op.drop_column("cell_id")

    with op.batch_alter_table("agents", schema=None) as batch_op:
        batch_op.drop_column("seen_at")
        batch_op.drop_column("totp_last_step")
        batch_op.drop_column("totp_since")
        batch_op.drop_column("sealed_totp")
        batch_op.drop_column("roles")

    with op.batch_alter_table("agent_sessions", schema=None) as batch_op:
        batch_op.drop_column("seen_at")
        batch_op.drop_column("is_complete")
        batch_op.drop_column("browser_hash")
        batch_op.drop_column("browser")

    op.drop_table("mentions")
    with op.batch_alter_table("case_words", schema=None) as batch_op:
        batch_op.drop_index("ix_case_words_case")

    op.drop_table("case_words")
    with op.batch_alter_table("case_labels", schema=None) as batch_op:
        batch_op.drop_index("ix_case_labels_name")

    op.drop_table("case_labels")
    with op.batch_alter_table("saved_views", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_views_agent_id"))

    op.drop_table("saved_views")
    with op.batch_alter_table("presences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presences_case_id"))

    op.drop_table("presences")
    op.drop_table("invitations")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index("ix_absences_cell")

    op.drop_table("absences")
    op.drop_table("cell_settings")
    with op.batch_alter_table("canned_replies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_canned_replies_cell_id"))

    op.drop_table("canned_replies")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entries_cell")

    op.drop_table("audit_entries")


def _bring_over() -> None:
    """What was there before: cases in their place in the list, events at their cell."""
    op.execute("UPDATE cases SET rank = 0 WHERE urgency <> ''")
    op.execute("UPDATE cases SET rank = 2 WHERE status = 'closed'")
    op.execute("UPDATE cases SET changed_at = COALESCE(closed_at, opened_at)")
    op.execute("UPDATE case_events SET cell_id = (SELECT cell_id FROM cases WHERE cases.id = case_events.case_id)")


def _guard_audit() -> None:
    """The audit log is only ever added to: the database itself refuses the rest."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_entries_no_{event.lower()} BEFORE {event} ON audit_entries "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()"
    )


def _unguard_audit() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_entries_no_{event}")
        return
    op.execute("DROP TRIGGER audit_entries_only_added ON audit_entries")
    op.execute("DROP FUNCTION audit_entries_refuse()")
