"""A round of many grants asks PostgreSQL as often as one of few: its transactions have no time for more."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from demo.bank.accounts import BI
from fulfilment.intents.actions import wake_scope
from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from identity.accounts import Principal
from kernel import clock
from requests_app.grants.models import Grant
from tests import factories
from tests.database import as_role
from tests.workers.aws_setup import make_role
from tests.workers.engine_rounds import claim_next_scope, wait_for_listings
from tests.workers.mesh import COLUMNS, Mesh
from workers.engine.claim import ROWS_PER_TIMEOUT
from workers.engine.rounds import run_scope_round

FEW, MANY = 2, 7
LIMIT = re.compile(r"transaction_timeout = '([\d.]+)s'")


def make_grants(mesh: Mesh, count: int) -> list[Grant]:
    """To a role each, and proven."""
    iam, first = mesh.cloud.client("iam", BI), mesh.roles[BI]
    grants = []
    for number in range(count):
        name = f"{first.name}-{number}"
        unique_id = make_role(iam, BI, name)["RoleId"]
        role = factories.make_principal(first.account, name, unique_id=unique_id)
        grants.append(mesh.grant(to=role))
    for grant in grants:
        mesh.run_until_presence(grant, "present")
    return grants


def revoke_outside_portal(mesh: Mesh, roles: Sequence[Principal]) -> None:
    where = {"DatabaseName": mesh.database, "Name": mesh.table.name, "ColumnNames": list(COLUMNS)}
    for role in roles:
        mesh.governance_client().revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": role.arn},
            Resource={"TableWithColumns": where},
            Permissions=["SELECT"],
        )


@dataclass(frozen=True)
class RoundStatements:
    """To PostgreSQL in a round: how much, and for how many seconds its transactions may last."""

    statements: int
    limits: frozenset[str]


def record_round(key: str) -> RoundStatements:
    """In the next one of the scope, which is asked for."""
    wait_for_listings()
    wake_scope(scope_key=key, reason="a test", now=clock.now())
    with as_role("meshmarket_worker"):
        while (lease := claim_next_scope("a test")) and lease.scope.key != key:
            run_scope_round(lease)
        assert lease is not None
        with CaptureQueriesContext(connection) as caught:
            run_scope_round(lease)
    limits = (LIMIT.search(query["sql"]) for query in caught)
    return RoundStatements(len(caught), frozenset(found[1] for found in limits if found))


def record_rounds(mesh: Mesh, grants: Sequence[Grant]) -> tuple[RoundStatements, RoundStatements]:
    """Of the round that finds that all of it was taken away, and of the one that proves that it is there again."""
    intents = Intent.objects.filter(pk__in=[grant.intent_id for grant in grants])
    key = mesh.get_intent(grants[0]).scope_key
    revoke_outside_portal(mesh, [grant.principal for grant in grants])
    found = record_round(key)
    assert set(intents.values_list("presence", flat=True)) == {"unknown"}
    assert DriftFinding.objects.filter(kind="missing", gone_at=None).count() == len(grants)
    proven = record_round(key)
    assert set(intents.values_list("presence", flat=True)) == {"present"}
    assert not DriftFinding.objects.filter(gone_at=None).exists()
    return found, proven


def test_what_was_taken_from_many_is_found_and_proven_in_as_many_statements(mesh: Mesh) -> None:
    """One grant is left, so that the share holds the table both times."""
    grants = make_grants(mesh, MANY + 1)
    few, many = record_rounds(mesh, grants[:FEW]), record_rounds(mesh, grants[:MANY])
    assert [one.statements for one in many] == [one.statements for one in few]


def test_transactions_may_last_longer_where_they_write_more(mesh: Mesh, settings: Settings) -> None:
    settings.SHORT_TRANSACTION = ROWS_PER_TIMEOUT / 10
    found, proven = record_rounds(mesh, make_grants(mesh, FEW))
    longer = f"{settings.SHORT_TRANSACTION + FEW / 10:g}"
    assert longer in found.limits & proven.limits
