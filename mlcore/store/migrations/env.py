"""What alembic runs: the steps, on the connection and within the transaction of `migrations.upgrade`."""

from alembic import context

from mlcore.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
context.run_migrations()
