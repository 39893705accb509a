"""Checks, in every test that opens a page, that the caches of a product's content and of the count of decisions know of
a change in each table they read.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
from django.db import connection

from portal.inbox import other_decisions
from portal.products import views

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
def checked_caches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module, name in ((views, "read_product_content"), (other_decisions, "read_other_decisions")):
        monkeypatch.setattr(module, name, check_marks(getattr(module, name)))
    clear_caches()
    yield
    clear_caches()


def clear_caches() -> None:
    views.clear_cache()
    other_decisions.clear_cache()


def check_marks(read: Callable[..., Any]) -> Callable[..., Any]:
    def read_checked(*arguments: Any) -> Any:
        named: set[str] = set()

        def note(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
            named.update(_NAMES.findall(str(sql)))
            return execute(sql, *rest)

        unmarked = list_unmarked_tables()
        with connection.execute_wrapper(note):
            found = read(*arguments)
        assert sorted(named & unmarked) == []
        return found

    return read_checked
