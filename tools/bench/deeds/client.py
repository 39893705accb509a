"""Requests access, approves and revokes by API v1 in one process, through Django's whole stack of middleware."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from catalog.mirror.models import Table
from demo.embedded import database_roles
from demo.embedded.child_process import EmbeddedError
from identity.people.models import Membership, Person, Team
from tools.bench.harness.timing import measure_with_processor
from tools.bench.pages.request_rows import create_requesting_role, create_session

DEEDS = ("submissions", "approvals", "revocations")
ROUNDS = 5
COLUMNS_PER_ITEM = 2


@dataclass
class Measured:
    """What each round took: seconds and processor seconds a deed, and processor seconds a call of the minimal view; statements
    and written rows of one deed.
    """

    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    baseline_processor_seconds: list[float] = field(default_factory=list)
    statements: int = 0
    rows: int = 0

    def summarize(self) -> dict[str, float]:
        """The best round of each: what slows one round down slows all."""
        return {
            "rate": 1 / min(self.seconds),
            "processor_ms": min(self.processor_seconds) * 1000,
            "baseline_processor_ms": min(self.baseline_processor_seconds) * 1000,
            "statements": self.statements,
            "rows": self.rows,
        }


class ApiClient:
    """Somebody who is signed in."""

    def __init__(self, person: Person) -> None:
        self._client = Client(HTTP_HOST="127.0.0.1")
        self._client.cookies[settings.SESSION_COOKIE_NAME] = create_session(person)
        self._keys = count()

    def get(self, name: str, *arguments: int) -> dict[str, Any]:
        """By the name of the address and its arguments."""
        return self._read(self._client.get(reverse(name, args=arguments)))

    def post(self, name: str, body: dict[str, Any], *arguments: int) -> dict[str, Any]:
        key = f"bench-{id(self)}-{next(self._keys)}"
        return self._read(
            self._client.post(
                reverse(name, args=arguments),
                json.dumps(body),
                content_type="application/json",
                headers={"Idempotency-Key": key},
            )
        )

    @staticmethod
    def _read(answer: Any) -> dict[str, Any]:
        if answer.status_code not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise EmbeddedError(f"{answer.status_code}: {answer.content[:500]!r}")
        found: dict[str, Any] = json.loads(answer.content)
        return found


def measure(requests: int) -> None:
    """Prints, by the name of the deed, what it took."""
    tables = _list_tables(requests)
    requester, owner, recipient = _create_people()
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {database_roles.WEB}")
    asking, deciding = ApiClient(requester), ApiClient(owner)
    found = {name: Measured() for name in DEEDS}
    size = len(tables) // ROUNDS
    for first in range(0, size * ROUNDS, size):
        _measure_round(found, asking, deciding, tables[first : first + size], recipient)
    print(json.dumps({name: one.summarize() for name, one in found.items()}))


def _list_tables(requests: int) -> list[Table]:
    owned = Table.objects.filter(database__domain__owner_team__slug="bench", tombstoned_at=None)
    return list(owned.order_by("pk").prefetch_related("columns")[:requests])


def _create_people() -> tuple[Person, Person, str]:
    """Who requests, who owns the data, and the ARN of the role for which is requested."""
    readers = Team.objects.create(slug="readers", name="Readers")
    requester = Person.objects.create(email="reader@bank.example", name="Reader", password="!")  # noqa: S106
    Membership.objects.create(team=readers, person=requester, role=Membership.Role.MEMBER)
    owner = Person.objects.create(email="owner@bank.example", name="Owner", password="!")  # noqa: S106
    Membership.objects.create(
        team=Team.objects.get(slug="bench"), person=owner, role=Membership.Role.DATA_OWNER
    )
    return requester, owner, create_requesting_role(readers).arn


def _measure_round(
    found: dict[str, Measured], asking: ApiClient, deciding: ApiClient, tables: list[Table], recipient: str
) -> None:
    expires_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    bodies = iter([_build_request(table, recipient, expires_at) for table in tables])
    items: list[int] = []
    grants: list[int] = []

    def submit() -> None:
        asked = asking.post("api-access-requests", next(bodies))
        items.append(asked["items"][0]["id"])

    _measure(found["submissions"], submit, len(tables), asking)
    decisions = iter([(pk, _build_approval(deciding.get("api-review", pk))) for pk in items])

    def approve() -> None:
        item, body = next(decisions)
        grants.append(deciding.post("api-review-decisions", body, item)["grant"]["id"])

    _measure(found["approvals"], approve, len(tables), deciding)
    granted = iter(list(grants))

    def revoke() -> None:
        deciding.post("api-grant-revoke", {"comment": "The project has ended."}, next(granted))

    _measure(found["revocations"], revoke, len(grants), deciding)


def _build_request(table: Table, recipient: str, expires_at: str) -> dict[str, Any]:
    target = {"kind": "table", "table": str(table.pk)}
    columns = [column.name for column in table.columns.all()[:COLUMNS_PER_ITEM]]
    return {
        "recipient": {"kind": "principal", "principal": recipient},
        "purpose": "Reserves of the quarter, by region and by month.",
        "expires_at": expires_at,
        "items": [{"target": target, "column_mode": "listed", "columns": columns}],
    }


def _build_approval(review: dict[str, Any]) -> dict[str, Any]:
    return {
        "outcome": "approve",
        "comment": "Good.",
        "effects_hash": review["effects_hash"],
        "policy_hash": review["policy_hash"],
        "terms_hash": review["terms_hash"],
        "widenings": [widening["key"] for widening in review["effects"]["widenings"]],
    }


def _measure(found: Measured, deed: Callable[[], None], deeds: int, client: ApiClient) -> None:
    """All but the first, of which rows and statements are counted; then the minimal view as often."""
    written = _count_written_rows()
    with _count_statements() as statements:
        deed()
    found.statements, found.rows = len(statements), _count_written_rows() - written
    seconds, processor_seconds = measure_with_processor(lambda: _repeat(deed, deeds - 1))
    found.seconds.append(seconds / (deeds - 1))
    found.processor_seconds.append(processor_seconds / (deeds - 1))
    body = {"rows": found.rows, "purpose": "Reserves of the quarter, by region and by month."}
    _, processor_seconds = measure_with_processor(
        lambda: _repeat(lambda: client.post("bench-rows", body), deeds - 1)
    )
    found.baseline_processor_seconds.append(processor_seconds / (deeds - 1))


def _repeat(work: Callable[[], object], times: int) -> None:
    for _ in range(times):
        work()


def _count_written_rows() -> int:
    """Rows that this database inserted and updated so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0)::int FROM pg_stat_user_tables")
        (written,) = cursor.fetchone()
        return int(written)


@contextmanager
def _count_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield statements
