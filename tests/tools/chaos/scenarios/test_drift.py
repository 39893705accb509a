"""`manage.py chaos --part drift`: a change counts as found by its own class alone, for its own grant or table."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from fulfilment.permissions.models import DriftFinding
from identity.accounts import ConnectedCatalog
from tests.database import as_role
from tests.workers.mesh import Mesh
from tools.chaos.actors.outside_changes import CATALOG_CHANGE
from tools.chaos.scenarios.drift import FIND_FINDINGS

NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
ExpectedFinding = tuple[str, int, str, str]
"""Class, intent, table and database of a change."""


@pytest.fixture
def catalog(mesh: Mesh) -> ConnectedCatalog:
    return ConnectedCatalog.objects.all()[0]


def add_finding(catalog: ConnectedCatalog, kind: str, intents: Sequence[int], seen: datetime = NOW) -> None:
    with as_role("meshmarket_worker"):
        DriftFinding.objects.create(
            catalog=catalog, kind=kind, key=f"{kind} {intents}", database="gold", table="lives", text="x",
            intents=list(intents), first_seen_at=seen, last_seen_at=seen,
        )  # fmt: skip


def find_findings(looked: Sequence[ExpectedFinding]) -> list[bool]:
    kinds, intents, names, databases = (list(one) for one in zip(*looked, strict=True))
    about: dict[str, Any] = {
        "since": NOW,
        "for_all": CATALOG_CHANGE.finding,
        "kinds": kinds,
        "intents": intents,
        "names": names,
        "databases": databases,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND_FINDINGS, about)
        return [is_found for (is_found,) in cursor.fetchall()]


def test_each_change_of_a_hand_is_answered_in_its_place(catalog: ConnectedCatalog) -> None:
    add_finding(catalog, "missing", [7, 8])
    add_finding(catalog, "filter_changed", [9])
    looked = [("missing", 9), ("missing", 8), ("filter_changed", 9), ("filter_changed", 7), ("missing", 7)]
    assert find_findings([(kind, intent, "lives", "gold") for kind, intent in looked]) == [
        False, True, True, False, True,
    ]  # fmt: skip


def test_a_table_stands_for_its_grants_where_none_is_named(catalog: ConnectedCatalog) -> None:
    add_finding(catalog, "surplus_foreign", [])
    looked = [("lives", "gold"), ("deaths", "gold"), ("lives", "silver")]
    assert find_findings([("surplus_foreign", 7, *name) for name in looked]) == [True, False, False]


def test_what_was_seen_before_the_change_is_not_it(catalog: ConnectedCatalog) -> None:
    add_finding(catalog, "missing", [7], NOW - timedelta(minutes=2))
    assert find_findings([("missing", 7, "lives", "gold")]) == [False]


def test_a_lowered_version_concerns_everybody(catalog: ConnectedCatalog) -> None:
    add_finding(catalog, "version_lowered", [])
    assert find_findings([("version_lowered", 7, "deaths", "silver")]) == [True]
