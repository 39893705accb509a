"""What other teams report of a table is a claim: it changes neither its freshness, nor a cause, nor what its datasets are."""

from datetime import timedelta

import pytest
from django.test import Client

from catalog.derivation.evaluation import read_graph
from catalog.freshness import find_failed_run, find_last_write
from catalog.lineage.models import LineageDataset
from catalog.mirror.models import Database, Table
from identity.people.models import Team
from tests import factories
from tests.bank import Bank
from tests.catalog.lineage.samples import NOON, NOW, dataset, find_dataset, place_table, run_event, send


@pytest.fixture
def foreign(bank: Bank) -> Team:
    Table.objects.filter(pk=bank.claims.pk).update(location="s3://lake/claims")
    bank.claims.refresh_from_db()
    return factories.make_team("Foreign", members=[bank.sam])


def test_a_foreign_run_is_no_write_and_no_cause(bank: Bank, foreign: Team) -> None:
    send(foreign, run_event(outputs=("claims",), run=1, minute=60))
    assert find_dataset("claims").table == bank.claims
    assert find_last_write(bank.claims) is None
    send(bank.insurance, run_event(outputs=("claims",), run=2))
    send(foreign, run_event("FAIL", outputs=("claims",), run=3, minute=90))
    assert find_last_write(bank.claims) == NOON
    assert find_failed_run(bank.claims) is None
    send(bank.insurance, run_event("FAIL", outputs=("claims",), run=4, minute=95))
    failed = find_failed_run(bank.claims)
    assert failed is not None
    assert failed.at == NOON + timedelta(minutes=95)


def test_nobody_writes_a_table_without_a_domain(bank: Bank, foreign: Team) -> None:
    send(bank.insurance, run_event(outputs=("claims",), run=2))
    assert find_last_write(bank.claims) == NOON
    Database.objects.filter(pk=bank.claims.database_id).update(domain=None)
    assert find_last_write(bank.claims) is None


def test_a_foreign_event_moves_no_dataset_and_replaces_no_column(bank: Bank, foreign: Team) -> None:
    place_table(bank.claims.database, "other", "s3://lake/other")
    arn = f"arn:aws:glue:{bank.catalog.region}:{bank.catalog.account.account_id}"
    link = {"namespace": arn, "name": f"table/{bank.claims.database.name}/other", "type": "TABLE"}
    own = dataset(
        "claims", schema={"fields": [{"name": "claim_id", "type": "string"}]}, symlinks={"identifiers": []}
    )
    send(bank.insurance, run_event(outputs=(own,)))
    symlinks = {"identifiers": [link]}
    claimed = dataset("claims", schema={"fields": [{"name": "nonsense", "type": "int"}]}, symlinks=symlinks)
    send(foreign, run_event(outputs=(claimed,), minute=30))
    found = find_dataset("claims")
    assert (found.table, found.columns) == (bank.claims, [["claim_id", "string"]])
    send(foreign, run_event(outputs=(dataset("late"),), minute=31))
    LineageDataset.objects.filter(name="late").update(table=bank.claims, match="location")
    send(bank.insurance, run_event(outputs=(dataset("late", symlinks=symlinks),), minute=40))
    assert find_dataset("late").match == "symlink"


def test_a_foreign_edge_is_shown_as_a_claim_and_lowers_no_class(bank: Bank, foreign: Team) -> None:
    place_table(bank.claims.database, "secrets", "s3://lake/secrets")
    send(foreign, run_event(inputs=("secrets",), outputs=("claims",), job="claim", run=1))
    client = Client()
    client.force_login(bank.ines)
    address = f"/api/v1/lineage?node=table:{bank.claims.pk}"
    [edge] = client.get(address).json()["edges"]
    assert edge["claimed_by"]["name"] == "Foreign"
    assert "(claimed by Foreign)" in client.get(f"/tables/{bank.claims.pk}/lineage/").content.decode()
    assert not read_graph([bank.claims.pk]).sources
    send(bank.insurance, run_event(inputs=("secrets",), outputs=("claims",), job="own", run=2))
    claims = {one["job"]["name"]: one["claimed_by"] for one in client.get(address).json()["edges"]}
    assert (claims["own"], claims["claim"] is None) == (None, False)
    assert read_graph([bank.claims.pk]).sources


@pytest.mark.parametrize(("minutes", "is_taken"), [(4, True), (6, False), (23 * 60, False)])
def test_an_event_is_at_most_five_minutes_ahead(bank: Bank, minutes: int, is_taken: bool) -> None:  # noqa: FBT001 - a case
    ahead = (NOW - NOON).total_seconds() / 60 + minutes
    result = send(bank.insurance, run_event(minute=ahead))
    assert (not result.faults) is is_taken
