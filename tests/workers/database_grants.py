"""The whole database of one mesh: asked for and approved, and tables that come to it."""

import itertools
import time

from catalog.mirror.glue_parser import build_database_snapshot, build_table_snapshot
from catalog.mirror.models import Database, Table
from demo.bank.accounts import BI
from kernel import clock
from mocklake.testing.athena_query import ask
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.many_tables import submit_access_request_for_target
from requests_app.targets.checks import compute_effects
from requests_app.targets.databases import build_database_target
from requests_app.targets.recipients import Recipient
from tests import factories
from tests.workers.aws_setup import copy_table
from tests.workers.mesh import COLUMNS, Mesh

_numbers = itertools.count(1)


def mirror_database(mesh: Mesh) -> Database:
    """The mirror learns the identity of the mesh's database."""
    found = mesh.governance_client("glue").get_database(Name=mesh.database)["Database"]
    database = mesh.table.database
    database.glue_created_at = build_database_snapshot(found, {}).glue_created_at
    database.save()
    return database


def grant_database(mesh: Mesh, account: str = BI) -> Grant:
    """Asked and approved, each widening with it; nothing is in AWS yet."""
    database, now = mirror_database(mesh), clock.now()
    target = build_database_target(database, mesh.people[account])
    request = submit_access_request_for_target(
        acting_user=mesh.people[account],
        details=Recipient(mesh.roles[account]).build_details({"purpose": "Quarterly reserve report"}, factories.days_from_now(30)),
        target=target,
        members_hash=target.members_hash, idempotency_key=f"whole-{next(_numbers)}", now=now,
    )  # fmt: skip
    shown = compute_effects(item := request.items.get())
    grant = approve_item(
        acting_user=mesh.owner, item_id=item.pk, effects_hash=compute_item_approval_hash(item), comment="", now=clock.now(),
        widenings=[one.key for one in shown.widenings],
    )  # fmt: skip
    assert grant is not None
    return grant


def add_table(mesh: Mesh, name: str = "later") -> Table:
    """Another table comes to the database, in AWS and in the mirror."""
    glue = mesh.governance_client("glue")
    pattern = glue.get_table(DatabaseName=mesh.database, Name=mesh.table.name)["Table"]
    copy_table(glue, pattern, mesh.database, name)
    seen = build_table_snapshot(
        glue.get_table(DatabaseName=mesh.database, Name=name)["Table"], database_tags={}
    )
    table = factories.make_table(mesh.table.database, name, COLUMNS)
    table.location, table.glue_created_at = seen.location, seen.glue_created_at
    table.save()
    return table


def can_read(mesh: Mesh, table: str, account: str = BI) -> bool:
    """Whether the account's role reads a table of the database just now."""
    athena = mesh.cloud.client("athena", account, mesh.roles[account].name)
    answer = ask(athena, f"SELECT region FROM {mesh.link}.{table} LIMIT 1")
    return answer.state == "SUCCEEDED"


def recreate_database(mesh: Mesh) -> None:
    """Somebody drops the database, and makes one of the same name."""
    glue = mesh.governance_client("glue")
    found = glue.get_table(DatabaseName=mesh.database, Name=mesh.table.name)["Table"]
    glue.delete_database(Name=mesh.database)
    time.sleep(1.1)  # CreateTime has a resolution of a second
    glue.create_database(DatabaseInput={"Name": mesh.database, "CreateTableDefaultPermissions": []})
    copy_table(glue, found, mesh.database, mesh.table.name)
