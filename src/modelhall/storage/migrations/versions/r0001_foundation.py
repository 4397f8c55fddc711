"""The first tables, the change number's row, and the view `models`."""

from alembic import op

from modelhall.storage.migrations.first_step import file_for

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make everything."""
    connection = op.get_bind()
    for statement in file_for(connection.dialect.name).read_text().split(";\n\n"):
        connection.exec_driver_sql(statement.strip().removesuffix(";"))
