"""Alembic's door to the record's tables; `pipeline.record.database` opens it with the connection that holds the write lock."""

from alembic import context

from pipeline.record.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
