"""How Alembic reaches the database: on the connection that `upgrade` hands it, or on the process's own settings."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection

from service.store.columns import UtcTime
from service.store.database import VERSION_TABLE, open_database
from service.store.settings import Settings
from service.store.tables import metadata

handed = context.config.attributes.get("connection")


def as_plain_type(kind: str, item: object, autogen_context: AutogenContext) -> str | Literal[False]:
    """How a new revision writes the types of `service.store.columns`: a revision outlives the code that made it."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return "sa.JSON()" if kind == "type" and isinstance(item, JSON) else False


def migrate(connection: Connection) -> None:
    """Runs the revisions in the connection's transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        render_as_batch=True,
        render_item=as_plain_type,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if handed is not None:
    migrate(handed)
else:
    with open_database(Settings.from_environment().database_url).write() as own:
        migrate(own)
