"""From a change in Glue to its being found: the demo's bank, one sweep, EventBridge and SQS of the pretend AWS."""

import json
import statistics
import time

import psycopg

from demo.bank.accounts import GOVERNANCE, OBSERVER_ROLE, REGION
from demo.embedded.process import wait_until
from tools.bench.report import Board, at_most
from tools.environment.worker_environment import Stage, standing

ROUNDS, LONGEST = 12, 30.0
MILLISECONDS = 1000
LOOK_EVERY = 0.005
DATABASE = "bench_events"
_ARN = f"arn:aws:sqs:{REGION}:{GOVERNANCE}:bench-events"
_CHOOSE = """INSERT INTO catalog_syncsettings (catalog_id, pause_percent, events_queue_url)
SELECT id, 20, %s FROM identity_connectedcatalog WHERE short_name = 'gov'"""
_FOUND = "SELECT 1 FROM catalog_document WHERE visibility = 1 AND search @@ to_tsquery('simple', %s)"


def run(board: Board) -> None:
    """The median of some tables that are made, one after the other, while the worker has nothing else to do."""
    with standing(lambda _line: None, lambda _stage: None) as stage:
        url = _listen(stage)
        with psycopg.connect(stage.superuser_url, autocommit=True) as connection:
            connection.execute(_CHOOSE, [url])
            stage.start_workers(1)
            taken = [_until_found(stage, connection, number) for number in range(ROUNDS + 1)]
    # The first one waits for the process to start.
    middle = MILLISECONDS * statistics.median(taken[1:])
    board.add("change event, until found by search", middle, "ms", must=at_most(250), stretch=at_most(50))


def _until_found(stage: Stage, connection: psycopg.Connection[tuple[int]], number: int) -> float:
    word = f"event{number:04d}"
    columns = [{"Name": f"{word}_id", "Type": "string"}]
    glue = stage.cloud.root("glue", GOVERNANCE)
    if number == 0:
        glue.create_database(DatabaseInput={"Name": DATABASE})
    made = {"Name": f"t_{number}", "StorageDescriptor": {"Columns": columns}}
    glue.create_table(DatabaseName=DATABASE, TableInput=made)
    began = time.perf_counter()
    wait_until(lambda: connection.execute(_FOUND, [word]).fetchone() is not None, LONGEST, LOOK_EVERY)
    return time.perf_counter() - began


def _listen(stage: Stage) -> str:
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
