from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.store.base import Base
from bot.store.database import open_database
from bot.store.migrate import downgrade, is_migrated, migrate


def test_the_schema_goes_up_and_down_and_matches_the_models(settings):
    database = open_database(settings)
    assert not is_migrated(database)
    migrate(database)
    assert is_migrated(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    downgrade(database, "base")
    assert not is_migrated(database)
    migrate(database)
    assert is_migrated(database)
    database.close()
