"""How long the engine takes to look over a catalog that holds very many permissions, most of them somebody else's."""

import json
import time

import psycopg

from demo.bank.accounts import GOVERNANCE, REGION
from fulfilment.intents.actions import wake_scope
from kernel import clock
from lakeformation.drift import DifferenceKind
from tools.chaos.actors.outside_changes import GrantHolder
from tools.environment.in_process_environment import InProcessEnvironment

STRANGER_PREFIX = "somebody-of-many"
NEW_ROLE_SECONDS = 120
"""After which AWS knows a new role."""
COUNT_FINDINGS = """
SELECT count(*) FROM fulfilment_driftfinding WHERE kind = %s AND gone_at IS NULL AND principal_arn LIKE %s
"""


def grant_to_strangers(stage: InProcessEnvironment, holders: list[GrantHolder], count: int) -> None:
    """So many permissions of nobody's concern but their holders', each a role's on a table of which we granted some."""
    tables = sorted({one.table_name for one in holders if one.catalog_location == (GOVERNANCE, REGION)})
    iam = stage.cloud.root("iam", GOVERNANCE)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for role in range(-(-count // len(tables))):
        iam.create_role(RoleName=f"{STRANGER_PREFIX}-{role}", AssumeRolePolicyDocument=trust)
    stage.advance(NEW_ROLE_SECONDS)
    for number in range(count):
        role, at = divmod(number, len(tables))
        database, name = tables[at]
        who = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{GOVERNANCE}:role/{STRANGER_PREFIX}-{role}"}
        asked = {
            "do": "grant", "account": GOVERNANCE, "region": REGION, "Principal": who, "Permissions": ["SELECT"],
            "Resource": {"Table": {"DatabaseName": database, "Name": name}},
        }  # fmt: skip
        stage.cloud.control("change", asked)


def measure_scan(stage: InProcessEnvironment) -> tuple[float, int]:
    """Seconds until every scope was looked at, and how many of the permissions are told of."""
    with psycopg.connect(stage.superuser_url) as session:
        keys = [str(key) for (key,) in session.execute("SELECT key FROM fulfilment_scope").fetchall()]
    for key in keys:
        wake_scope(scope_key=key, reason="a part of chaos", now=clock.now())
    began = time.monotonic()
    stage.run_due_rounds(lambda: None)
    taken = time.monotonic() - began
    with psycopg.connect(stage.superuser_url) as session:
        row = session.execute(
            COUNT_FINDINGS, [DifferenceKind.SURPLUS_FOREIGN, f"%/{STRANGER_PREFIX}-%"]
        ).fetchone()
    assert row is not None
    return taken, int(row[0])
