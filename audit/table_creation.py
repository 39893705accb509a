"""The operation by which a migration makes all tables of an app at once."""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """As its operations one by one would, but in one statement, and with models that are rendered once.

    Django renders every related model anew after each model that is made: most of what a fresh `migrate` took.
    Models may refer to each other, as foreign keys come after all tables.
    """

    reversible = False

    def __init__(self, operations: Sequence[CreateModel]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        with schema_editor.connection.schema_editor(collect_sql=True, atomic=False) as collector:
            for operation in self.operations:
                operation.database_forwards(app_label, collector, from_state, to_state)
        schema_editor.execute("\n".join(collector.collected_sql), params=None)

    def describe(self) -> str:
        return f"Create {len(self.operations)} tables"
