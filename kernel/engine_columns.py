"""Columns that the web role may not write: on INSERT, where the engine writes them later; or of a row that is there."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models


class EngineColumns(models.Model):
    """A row that the web inserts and the engine updates. Its `ENGINE_COLUMNS` have defaults in the database, and an
    INSERT does not name them while they hold their default: PostgreSQL asks for the right on each column that it names.

    Its `INSERT_ONLY_COLUMNS` are written by INSERT, and later only by a database function: saving an existing row
    leaves them out, unless `update_fields` names them.
    """

    ENGINE_COLUMNS: ClassVar[frozenset[str]] = frozenset()
    INSERT_ONLY_COLUMNS: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if self.INSERT_ONLY_COLUMNS and not self._state.adding and options.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            options["update_fields"] = names - self.INSERT_ONLY_COLUMNS
        super().save(*args, **options)

    def _do_insert(
        self, manager: Any, using: str | None, fields: Iterable[Any], *more: Any, **options: Any
    ) -> Any:
        named = [field for field in fields if not self._is_left_out(field)]
        return super()._do_insert(manager, using, named, *more, **options)  # type: ignore[misc]

    def _is_left_out(self, field: "models.Field[Any, Any]") -> bool:
        return field.name in self.ENGINE_COLUMNS and getattr(self, field.attname) == field.get_default()
