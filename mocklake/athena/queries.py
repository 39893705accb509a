"""SELECT: the tables that it names are loaded as the caller may read them, then DuckDB runs it."""

from collections.abc import Sequence
from pathlib import Path

from mocklake.athena import auditing, engine, parameters, table_references
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.sources import Source


def run(session: Session, query: Statement) -> Outcome:
    text = parameters.bound(query.text, session.parameters)
    sources = _load(session, text)
    result = engine.run(text, sources, session.database, session.catalog)
    return Outcome(result, scanned=_size(sources))


def store_rows(session: Session, text: str, path: Path) -> Outcome:
    """The query's rows as table `kept.main.kept` of a new DuckDB file; the outcome has columns and no rows.

    For CTAS, INSERT and UNLOAD, whose modules read the file with a DuckDB of their own.
    """
    sources = _load(session, text)
    result = engine.store(text, sources, session.database, session.catalog, path)
    return Outcome(result, scanned=_size(sources))


def _load(session: Session, text: str) -> list[Source]:
    names = table_references.tables_of(text, session.database, session.catalog)
    with session.world.lock:
        return [
            auditing.load(session.world, session.caller, name, session.query_id) for name in sorted(names)
        ]


def _size(sources: Sequence[Source]) -> int:
    inner = (one for source in sources if source.view for one in source.view.sources)
    files = sum(len(file.content) for source in sources for file in source.files)
    return files + (_size(tuple(inner)) if any(source.view for source in sources) else 0)
