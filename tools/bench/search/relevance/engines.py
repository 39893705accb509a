"""Runs each engine over a corpus: a PostgreSQL that may be kept between runs, and a Python that has tantivy."""

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from demo.bootstrap import ROOT
from demo.embedded import database_roles
from demo.embedded.postgres import Postgres
from demo.embedded.state_folder import StateFolder
from tools.bench.harness.servers import build_django_environment, create_migrated_schema
from tools.bench.harness.subprocesses import build_environment, run_program
from tools.bench.search.relevance.scores import (
    FIRST_HITS,
    OURS,
    PEER,
    AnsweredMisspelling,
    AnsweredQuery,
    CorpusAnswers,
    FoundKeys,
)
from tools.bench.search.relevance.texts import CorpusText, write_texts

FILLED_BY = (
    "*/migrations/**/*.py", "*/migrations/**/*.sql", "catalog/mirror/**/*.py", "catalog/search/index/**/*.py",
    "catalog/sync/**/*.py", "tools/bench/search/meshmarket.py", "tools/bench/search/relevance/meshmarket.py",
    "tools/bench/search/relevance/engines.py",
)  # fmt: skip
"""Code that decides what a filled database holds: it is filled again when one of these files has changed."""
_CREATE = f"""
CREATE TABLE bench_text (key text PRIMARY KEY, vector tsvector NOT NULL);
GRANT SELECT ON bench_text TO {database_roles.WEB}"""
_INSERT = "INSERT INTO bench_text VALUES (%s, to_tsvector('english', %s))"
_FIND = """
SELECT key FROM bench_text, websearch_to_tsquery('english', %s) AS query
WHERE vector @@ query ORDER BY ts_rank(vector, query) DESC, key LIMIT %s"""


@contextmanager
def open_workspace(kept: Path | None) -> Iterator[Path]:
    """The folder of packages, texts and databases: one that is thrown away, unless one is given to be kept."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
        return
    folder = tempfile.mkdtemp(prefix="mm-bench-")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def run_postgres(folder: Path, *, keep: bool) -> Iterator[Postgres]:
    """The server with the databases of the corpora."""
    with ExitStack() as stack:
        state = StateFolder(folder / "postgres")
        state.acquire()
        stack.callback(state.release)
        if not keep:
            stack.callback(state.wipe)
        postgres = Postgres(state, durable=False)
        stack.callback(postgres.stop)
        postgres.start()
        yield postgres


@dataclass(frozen=True)
class EngineRunner:
    """Fills and asks all engines; `python` is one that has tantivy, or nothing."""

    folder: Path
    postgres: Postgres
    python: str

    def find(self, corpus: str, texts: Sequence[CorpusText], queries: Sequence[str]) -> FoundKeys:
        texts_file, queries_file = self.folder / f"{corpus}.json", self.folder / f"{corpus}-queries.json"
        write_texts(texts_file, texts)
        queries_file.write_text(json.dumps(queries))
        database = f"relevance_{corpus}"
        self._fill(database, texts_file)
        found = self._run_django(
            "answer", [str(texts_file), str(queries_file)], self._build_environment(database)
        )
        answers: FoundKeys = json.loads(found)
        if self.python:
            program = [
                self.python,
                "-m",
                "tools.bench.search.relevance.tantivy",
                str(texts_file),
                str(queries_file),
            ]
            answers |= json.loads(run_program(program, build_environment()))
        return answers

    def _fill(self, database: str, texts_file: Path) -> None:
        address, stamp = self.postgres.superuser_url(), self.folder / f"{database}.filled"
        state = _compute_fingerprint(texts_file)
        if stamp.exists() and stamp.read_text() == state:
            return
        stamp.unlink(missing_ok=True)
        if database_roles.database_exists(address, database):
            database_roles.drop_database(address, database)
        database_roles.create_database(address, database)
        environment = self._build_environment(database)
        create_migrated_schema(self.postgres, database)
        as_superuser = {**environment, "DATABASE_URL": self.postgres.superuser_url(database)}
        self._run_django("fill", [str(texts_file)], as_superuser)
        stamp.write_text(state)

    def _build_environment(self, database: str) -> dict[str, str]:
        return {**build_django_environment(self.postgres), **self.postgres.urls(database)}

    def _run_django(self, function: str, arguments: list[str], environment: dict[str, str]) -> str:
        call = [
            "-m",
            "tools.bench.harness.subprocess_call",
            "tools.bench.search.relevance.meshmarket",
            function,
        ]
        return run_program([sys.executable, *call, *arguments], environment)


def _compute_fingerprint(texts_file: Path) -> str:
    """Digests the texts, and the code that fills a database with them."""
    found = hashlib.sha256(texts_file.read_bytes())
    for file in sorted(file for pattern in FILLED_BY for file in ROOT.glob(pattern)):
        found.update(file.read_bytes())
    return found.hexdigest()


def format_answers(corpus: str, answers: CorpusAnswers, *, unused: bool) -> str:
    """Lists the answers that are the worst beside the peer first; then the misspellings whose text was not found."""
    queries = answers.used + (answers.unused if unused else ())
    blocks = [_format_query(corpus, answer) for answer in _sort(queries)]
    blocks += [
        _format_misspelling(corpus, misspelling)
        for misspelling in answers.misspellings
        if not misspelling.is_found(OURS)
    ]
    return "\n\n".join(blocks)


def _sort(answers: Sequence[AnsweredQuery]) -> list[AnsweredQuery]:
    return sorted(
        answers, key=lambda answer: answer.compare() if PEER in answer.found else answer.get_ndcg(OURS)
    )


def _format_query(corpus: str, answer: AnsweredQuery) -> str:
    scores = ", ".join(f"{engine} {answer.get_ndcg(engine):.3f}" for engine in answer.found)
    grades = answer.query.grades
    lines = [
        f"[{corpus}] {answer.query.text}",
        f"  NDCG@10: {scores}",
        f"  judged: {_format_keys(grades, grades)}",
    ]
    lines += [f"  {engine}: {_format_keys(keys, grades)}" for engine, keys in answer.found.items()]
    return "\n".join(lines)


def _format_misspelling(corpus: str, answer: AnsweredMisspelling) -> str:
    sought = answer.misspelling
    return (
        f"[{corpus}] {sought.text}: {sought.key} is not among {' | '.join(answer.found[OURS]) or 'nothing'}"
    )


def _format_keys(keys: Iterable[str], grades: Mapping[str, int]) -> str:
    return " | ".join(f"{key} {grades.get(key, 0)}" for key in keys) or "nothing"


def fill(texts: Sequence[CorpusText]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        cursor.executemany(_INSERT, [(text.key, " ".join(text.get_fields().values())) for text in texts])


def find(text: str) -> list[str]:
    """Keys of the first ten hits."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [text, FIRST_HITS])
        return [key for (key,) in cursor.fetchall()]
