"""Rows of every model that has an admin page, in generations: rows of one generation refer to each other alone."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from background.task_table import TaskName
from catalog.change_versions import Alteration
from catalog.products.models import Domain
from catalog.search.index.models import Document, FacetCount
from fulfilment.rounds import Scope
from identity.accounts import Account, ConnectedCatalog
from identity.people.models import Person
from requests_app.access_requests.models import RequestItem
from tests.database import without_triggers

FIRST_ID = 7_100_000
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIMPLE_VALUES: dict["type[models.Field[Any, Any]]", Any] = {
    models.BooleanField: False,
    models.DateTimeField: NOW,
    models.DateField: date(2026, 3, 4),
    models.DecimalField: Decimal("1.5"),
    models.DurationField: timedelta(0),
    models.FloatField: 1.5,
    models.IntegerField: 3,
    models.JSONField: {"tier": "gold"},
    ArrayField: [],
}
CHECKS = """SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint
WHERE contype IN ('c', 'u') AND connamespace = 'public'::regnamespace AND conrelid <> 0"""
UNIQUE_INDEXES = """SELECT indexrelid::regclass::text FROM pg_index
WHERE indisunique AND NOT indisprimary AND indrelid::regclass::text = ANY(%s)"""


class RowMaker:
    def __init__(self) -> None:
        self.ids = itertools.count(FIRST_ID)
        self.generation = 0
        self.rows: dict[tuple[type[models.Model], int], models.Model] = {}

    def make_generation(self) -> None:
        self.generation += 1
        with _without_checks():
            for model in admin.site._registry:
                self.get_row(model)

    def get_row(self, model: type[models.Model]) -> Any:
        """This generation's; it has its id before it is saved, so that rows may refer to each other."""
        key = (model, self.generation)
        if key not in self.rows:
            row = self.rows[key] = model(pk=self._make(model, model._meta.pk))
            for field in model._meta.concrete_fields:
                if not field.primary_key and (value := self._make(model, field)) is not None:
                    setattr(row, field.attname, value)
            models.Model.save(row, force_insert=True)
        return self.rows[key]

    def _make(self, model: type[models.Model], field: "models.Field[Any, Any]") -> Any:
        if isinstance(field, models.ForeignKey):
            return self.get_row(field.related_model).pk
        if field.primary_key:
            return self._make_id(field)
        known = self._make_reference(model, field.name) if model is not Alteration else None
        return self._make_value(field) if known is None else known

    def _make_value(self, field: "models.Field[Any, Any]") -> Any:
        if field.choices:
            return next(value for value, _label in field.flatchoices if value)
        if isinstance(field, models.CharField | models.TextField):
            return self._make_text(field)
        if isinstance(field, models.UUIDField):
            return uuid.uuid4()
        if field.has_default() and not isinstance(field, models.BooleanField):
            return field.get_default()
        return next((value for kind, value in SIMPLE_VALUES.items() if isinstance(field, kind)), None)

    def _make_id(self, field: "models.Field[Any, Any]") -> Any:
        if isinstance(field, models.SmallIntegerField):
            return 100 + self.generation
        if isinstance(field, models.UUIDField):
            return uuid.uuid4()
        return next(self.ids) if isinstance(field, models.IntegerField) else self._make_text(field)

    def _make_text(self, field: "models.Field[Any, Any]") -> str:
        word = LETTERS[self.generation]
        text = f"{word}@bank.example" if isinstance(field, models.EmailField) else f"{field.name}-{word}"
        return text[-(field.max_length or 100) :]

    def _make_reference(self, model: type[models.Model], name: str) -> Any:
        """What text and number fields without a foreign key refer to."""
        if name == "account_id":
            return f"4444{self.generation:08}"
        references: dict[str, Callable[[], Any]] = {
            "scope_key": lambda: f"catalog:{self.get_row(ConnectedCatalog).pk}",
            "subject": lambda: f"item:{self.get_row(RequestItem).pk}",
            "actor": lambda: f"person:{self.get_row(Person).pk}",
            "row_id": lambda: self.get_row(Scope).pk,
            "task": lambda: TaskName.CONVERGE_SCOPE,
            "rules": list,
        }
        if model in {Document, FacetCount}:
            references |= {
                "domain": lambda: self.get_row(Domain).pk,
                "account": lambda: self.get_row(Account).pk,
            }
        return references[name]() if name in references else None


@contextmanager
def _without_checks() -> Iterator[None]:
    """Until the test ends; its transaction is rolled back."""
    with without_triggers(), connection.cursor() as cursor:
        # A table with checks that wait for the commit is not altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(CHECKS)
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
        cursor.execute(UNIQUE_INDEXES, [[model._meta.db_table for model in admin.site._registry]])
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX IF EXISTS {name}")
        yield
