"""From a change in Glue to its being found: the demo's bank, one sweep, EventBridge and SQS of the pretend AWS."""

import json
import statistics
import time

import psycopg

from demo.bank.accounts import GOVERNANCE, OBSERVER_ROLE, REGION
from demo.embedded.waits import wait_for
from tools.bench.report import BenchReport, at_most
from tools.environment.worker_environment import WorkerEnvironment, worker_environment

ROUNDS, MAX_SECONDS = 12, 30.0
MILLISECONDS = 1000
POLL_SECONDS = 0.005
DATABASE = "bench_events"
_ARN = f"arn:aws:sqs:{REGION}:{GOVERNANCE}:bench-events"
_SET_QUEUE = """INSERT INTO catalog_syncsettings (catalog_id, pause_percent, events_queue_url)
SELECT id, 20, %s FROM identity_connectedcatalog WHERE short_name = 'gov'"""
_IS_FOUND = "SELECT 1 FROM catalog_document WHERE visibility = 1 AND search @@ to_tsquery('simple', %s)"


def run(board: BenchReport, rounds: int | None = None) -> None:
    """The median of some tables that are made, one after the other, while the worker has nothing else to do."""
    with worker_environment(lambda _line: None, lambda _stage: None) as stage:
        url = _create_event_queue(stage)
        with psycopg.connect(stage.superuser_url, autocommit=True) as connection:
            connection.execute(_SET_QUEUE, [url])
            stage.start_workers(1)
            taken = [
                _measure_until_found(stage, connection, number) for number in range((rounds or ROUNDS) + 1)
            ]
    # The first one waits for the process to start.
    middle = MILLISECONDS * statistics.median(taken[1:])
    board.add_figure(
        "change event, until found by search", middle, "ms", must=at_most(250), stretch=at_most(50)
    )


def _measure_until_found(
    stage: WorkerEnvironment, connection: psycopg.Connection[tuple[int]], number: int
) -> float:
    word = f"event{number:04d}"
    columns = [{"Name": f"{word}_id", "Type": "string"}]
    glue = stage.cloud.root("glue", GOVERNANCE)
    if number == 0:
        glue.create_database(DatabaseInput={"Name": DATABASE})
    made = {"Name": f"t_{number}", "StorageDescriptor": {"Columns": columns}}
    glue.create_table(DatabaseName=DATABASE, TableInput=made)
    began = time.perf_counter()
    wait_for(
        lambda: connection.execute(_IS_FOUND, [word]).fetchone(),
        MAX_SECONDS,
        f"The search did not find {word}, a table that an event told of",
        POLL_SECONDS,
    )
    return time.perf_counter() - began


def _create_event_queue(stage: WorkerEnvironment) -> str:
    """The URL of a queue that Glue's events of the governance account come into."""
    observer = f"arn:aws:iam::{GOVERNANCE}:role/{OBSERVER_ROLE}"
    fill = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    read = {"Effect": "Allow", "Principal": {"AWS": observer}, "Action": "sqs:*"}
    policy = json.dumps({"Statement": [{**each, "Resource": _ARN} for each in (fill, read)]})
    sqs, events = stage.cloud.root("sqs", GOVERNANCE), stage.cloud.root("events", GOVERNANCE)
    url = sqs.create_queue(QueueName="bench-events", Attributes={"Policy": policy})["QueueUrl"]
    events.put_rule(Name="glue", EventPattern=json.dumps({"source": ["aws.glue"]}))
    events.put_targets(Rule="glue", Targets=[{"Id": "queue", "Arn": _ARN}])
    return str(url)
