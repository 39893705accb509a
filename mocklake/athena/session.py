"""What a statement runs in, and what it gives: the one interface of all kinds of statements."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mocklake.athena.parsing import Statement
from mocklake.athena.sql_text import CATALOG
from mocklake.iam.callers import Caller
from mocklake.world import World


@dataclass(frozen=True)
class Session:
    """`database` may be empty; `output` is the folder in S3 that results go to, `s3://bucket/folder/`, or empty."""

    world: World
    caller: Caller
    query_id: str
    database: str = ""
    catalog: str = CATALOG
    output: str = ""
    parameters: tuple[str, ...] = ()
    workgroup: str = "primary"


@dataclass(frozen=True)
class Result:
    """`columns` are (name, Athena type, as in `decimal(9,2)`); `rows` hold text, None for NULL."""

    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """`update_count` is for INSERT and CTAS; `scanned` counts bytes read; `written` are the objects made."""

    result: Result = field(default_factory=Result)
    update_count: int = 0
    scanned: int = 0
    written: tuple[str, ...] = ()


Handler = Callable[[Session, Statement], Outcome]
"""Raises QueryFailedError with the reason why the query ends FAILED."""
