"""PostgreSQL's own ranking of a corpus: one vector of all the text, by the `english` configuration."""

from collections.abc import Sequence

from django.db import connection

from demo.embedded import database_roles
from tools.bench.search.relevance.metrics import FIRST_HITS
from tools.bench.search.relevance.texts import CorpusText

_CREATE = f"""
CREATE TABLE bench_text (key text PRIMARY KEY, vector tsvector NOT NULL);
GRANT SELECT ON bench_text TO {database_roles.WEB}"""
_INSERT = "INSERT INTO bench_text VALUES (%s, to_tsvector('english', %s))"
_FIND = """
SELECT key FROM bench_text, websearch_to_tsquery('english', %s) AS query
WHERE vector @@ query ORDER BY ts_rank(vector, query) DESC, key LIMIT %s"""


def fill(texts: Sequence[CorpusText]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        cursor.executemany(_INSERT, [(text.key, " ".join(text.get_fields().values())) for text in texts])


def find(text: str) -> list[str]:
    """Keys of the first ten hits."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [text, FIRST_HITS])
        return [key for (key,) in cursor.fetchall()]
