"""Sends events by the API in one process, through Django's whole stack of middleware, then walks a large graph."""

import json
import random
import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from catalog.lineage.graph import Direction, Place, walk, walk_columns
from identity.people.models import Membership, Person, Team
from identity.service_tokens import TokenScope, create_service_token
from kernel import clock
from tools.bench.harness.timing import measure_in_turns, measure_seconds

BATCH, COLUMNS, JOBS = 100, 5, 400
LOOKUPS, ROUNDS = 200, 7
_FILL = """
WITH job AS (INSERT INTO catalog_lineagejob (team_id, key, namespace, name, kind, type, description, code_url, owners,
    facet_times, first_seen, last_seen, view_digest, view_problem)
  VALUES (%(team)s, gen_random_uuid(), 'bench', 'graph', 'pipeline', '', '', '', '[]', '{}', now(), now(), '', '') RETURNING id),
datasets AS (INSERT INTO catalog_lineagedataset (key, namespace, name, columns, symlinks, match, first_seen, last_seen)
  SELECT gen_random_uuid(), 'bench', 'graph' || n, '[]', '[]', 'none', now(), now() FROM generate_series(1, %(nodes)s) n RETURNING id),
numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM datasets),
pairs AS (SELECT DISTINCT job.id AS job, a.id AS source, b.id AS target FROM job, generate_series(1, %(edges)s) e
  JOIN numbered a ON a.n = 1 + e %% %(nodes)s
  JOIN numbered b ON b.n = 1 + (e %% %(nodes)s + 1 + (e / %(nodes)s) * 7919) %% %(nodes)s WHERE a.id <> b.id),
edges AS (INSERT INTO catalog_tableedge (job_id, source_id, target_id, first_seen, last_seen)
  SELECT job, source, target, now(), now() FROM pairs)
INSERT INTO catalog_columnedge (job_id, source_id, source_column, target_id, target_column, is_direct, detail, first_seen, last_seen)
  SELECT job, source, 'c', target, 'c', true, '', now(), now() FROM pairs"""
_LOOKUP = "SELECT id, namespace, name FROM catalog_lineagedataset WHERE node = %s"


def measure(events: int, edges: int, seed: int) -> None:
    """Prints the figures as JSON."""
    team, secret = _make_token()
    batches = _build_batches(events, seed)
    client = Client(HTTP_HOST="127.0.0.1", headers={"Authorization": f"Bearer {secret}"})
    for body in _build_batches(BATCH, seed + 1):
        _send(client, body)
    first = measure_seconds(lambda: _send_all(client, batches))
    again = measure_seconds(lambda: _send_all(client, batches))
    found = {"events": events / first, "repeated": events / again, **_measure_walks(team, edges, seed)}
    print(json.dumps(found))


def _make_token() -> tuple[Team, str]:
    person = Person.objects.create_user("bench@lineage.example", "Bench")
    team = Team.objects.create(slug="bench-lineage", name="Bench")
    Membership.objects.create(person=person, team=team, role=Membership.Role.DATA_OWNER)
    now = clock.now()
    service_token = create_service_token(
        acting_user=person, team_id=team.pk, name="bench", scopes=[TokenScope.LINEAGE_WRITE],
        expires_at=now + timedelta(days=1), now=now,
    )  # fmt: skip
    return team, service_token.secret


def _send_all(client: Client, batches: list[str]) -> None:
    for body in batches:
        _send(client, body)


def _send(client: Client, body: str) -> None:
    answer = client.post(reverse("api-lineage-batch"), body, content_type="application/json")
    if answer.status_code != 200 or answer.json()["summary"]["failed"]:  # noqa: PLR2004 - OK
        raise RuntimeError(f"{answer.status_code} {answer.content[:500]!r}")


def _build_batches(events: int, seed: int) -> list[str]:
    picks, start = random.Random(seed), clock.now() - timedelta(days=2)
    made = [_build_event(number, picks, start + timedelta(seconds=number)) for number in range(events)]
    return [json.dumps(made[at : at + BATCH]) for at in range(0, events, BATCH)]


def _build_event(number: int, picks: random.Random, at: Any) -> dict[str, Any]:
    """The START or COMPLETE of a run: two inputs, and one output with columns from both."""
    job = picks.randrange(JOBS)
    inputs = [f"gold/in{job}", f"gold/in{(job * 7) % JOBS}_b"]
    fields = {
        f"c{column}": {
            "inputFields": [{"namespace": "s3://bench", "name": inputs[column % 2], "field": f"c{column}"}]
        }
        for column in range(COLUMNS)
    }
    schema = {"fields": [{"name": f"c{column}", "type": "string"} for column in range(COLUMNS)]}
    return {
        "eventType": "COMPLETE" if number % 2 else "START",
        "eventTime": at.isoformat(),
        "producer": "https://example.com/bench",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
        "run": {"runId": str(uuid.UUID(int=picks.getrandbits(128))), "facets": {}},
        "job": {"namespace": "bench", "name": f"job{job}", "facets": {}},
        "inputs": [
            {"namespace": "s3://bench", "name": name, "facets": {"schema": schema}} for name in inputs
        ],
        "outputs": [
            {
                "namespace": "s3://bench",
                "name": f"gold/out{job}",
                "facets": {"columnLineage": {"fields": fields}},
            }
        ],
    }


def _measure_walks(team: Team, edges: int, seed: int) -> dict[str, float]:
    """Nodes have five edges down and five up."""
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"team": team.pk, "nodes": max(edges // 5, 10), "edges": edges})
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT id FROM catalog_lineagedataset WHERE namespace = 'bench' AND name LIKE 'graph%%' ORDER BY id"
        )
        nodes = [pk for (pk,) in cursor.fetchall()]
    chosen = random.Random(seed).sample(nodes, min(LOOKUPS, len(nodes)))
    time.sleep(1)
    taken = measure_in_turns(
        lambda: [_look_up(pk) for pk in chosen],
        lambda: [walk(pk, Direction.DOWNSTREAM, 2) for pk in chosen],
        lambda: [walk_columns(Place(pk, "c"), Direction.DOWNSTREAM, 2) for pk in chosen],
        rounds=ROUNDS,
    )
    names = ("lookup_ms", "hops_ms", "column_hops_ms")
    return {name: seconds / len(chosen) * 1000 for name, seconds in zip(names, taken, strict=True)}


def _look_up(pk: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(_LOOKUP, [pk])
        return cursor.fetchall()
