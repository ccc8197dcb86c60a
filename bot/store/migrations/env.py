"""Alembic's way in. The connection is handed over by bot/store/migrate.py."""

from alembic import context

import bot.aliases
import bot.buttons
import bot.cases.cells
import bot.cases.model
import bot.cases.notice_chats
import bot.cases.staff
import bot.conversations
import bot.deliveries
import bot.files
import bot.trackers  # noqa: F401 - each defines tables
from bot.store.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
