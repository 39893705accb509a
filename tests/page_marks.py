"""Checks, in every test that opens a product's page, that the cache of its content knows of a change in each table it reads."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
from django.db import connection

from identity.people.models import Person
from portal.products import views
from portal.products.views import ProductContent

_NAMES = re.compile(r"\b[a-z]+_[a-z_]+\b")
_EVERY_EVENT = 4 | 8 | 16
"""INSERT, DELETE and UPDATE in pg_trigger.tgtype."""
_MARKED_TABLES = f"""
SELECT tgrelid::regclass::text FROM pg_trigger
WHERE tgfoid IN ('catalog_altered'::regproc, 'page_altered'::regproc) AND tgattr = ''
GROUP BY tgrelid HAVING bit_or(tgtype) & {_EVERY_EVENT} = {_EVERY_EVENT}"""
_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"


@lru_cache(maxsize=1)
def list_unmarked_tables() -> frozenset[str]:
    """Past Django, so that tests that count queries do not count these."""
    connection.ensure_connection()
    marked, tables = (
        {name for (name,) in connection.connection.execute(sql)} for sql in (_MARKED_TABLES, _TABLES)
    )
    return frozenset(tables - marked)


@pytest.fixture(autouse=True)
def checked_product_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    read = views.read_product_content

    def read_checked(person: Person, slug: str) -> ProductContent:
        named: set[str] = set()

        def note(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
            named.update(_NAMES.findall(str(sql)))
            return execute(sql, *rest)

        unmarked = list_unmarked_tables()
        with connection.execute_wrapper(note):
            content = read(person, slug)
        assert not named & unmarked
        return content

    monkeypatch.setattr(views, "read_product_content", read_checked)
    views.clear_cache()
    yield
    views.clear_cache()
