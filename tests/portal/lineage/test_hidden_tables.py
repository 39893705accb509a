"""A name that matches a table which its reporter may not see looks like one that matches nothing, wherever it is asked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.lineage.models import LineageDataset, LineageJob
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.quality.intake import find_team_tables
from identity.people.models import Team
from tests import factories
from tests.bank import Bank
from tests.catalog.lineage.samples import columns_from, dataset, place_table, run_event, send

HIDDEN, MISSING = "secret", "absent"
Named = Callable[[Bank, str], dict[str, Any]]


def get_arn(bank: Bank) -> str:
    catalog = bank.claims.database.catalog
    return f"arn:aws:glue:{catalog.region}:{catalog.account.account_id}"


def by_arn(bank: Bank, name: str) -> dict[str, Any]:
    return dataset(f"table/{bank.claims.database.name}/{name}", get_arn(bank))


def by_symlink(bank: Bank, name: str) -> dict[str, Any]:
    link = {"namespace": get_arn(bank), "name": f"table/{bank.claims.database.name}/{name}", "type": "TABLE"}
    return dataset(f"link-to-{name}", symlinks={"identifiers": [link]})


def by_location(bank: Bank, name: str) -> dict[str, Any]:
    return dataset(f"gold/{name}/day=1")


def by_hand(bank: Bank, name: str) -> dict[str, Any]:
    return dataset(f"elsewhere/{name}")


@pytest.fixture
def hidden(bank: Bank) -> Table:
    table = place_table(bank.claims.database, HIDDEN, f"s3://lake/gold/{HIDDEN}")
    product = factories.make_product(bank.domain, bank.ines, [table])
    DataProduct.objects.filter(pk=product.pk).update(is_published=False)
    Table.objects.filter(pk=bank.claims.pk).update(location="s3://lake/claims")
    return table


@pytest.fixture
def elsewhere(bank: Bank) -> Team:
    return Team.objects.get(name="Elsewhere")


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def tell(bank: Bank, team: Team, named: Named, name: str, run: int) -> LineageDataset:
    """An event that reads the dataset, with the SQL of the job, and one that writes it."""
    there = named(bank, name)
    facet = columns_from({"x": [(there["name"], "x")]}, there["namespace"])
    sql = {"sql": {"query": f"select x from {bank.claims.database.name}.{name}", "dialect": "athena"}}
    send(
        team,
        run_event(inputs=(there,), outputs=(dataset(f"out-{name}", columnLineage=facet),), job=f"read-{name}", run=run),
        run_event(inputs=("claims",), outputs=(there,), job=f"write-{name}", run=run + 1),
        run_event(inputs=(there,), outputs=(f"sql-{name}",), job=f"sql-{name}", run=run + 2, job_facets=sql),
    )  # fmt: skip
    found = LineageDataset.objects.filter(namespace=there["namespace"], name=there["name"])
    return found.latest("pk")


def look(bank: Bank, found: LineageDataset, name: str) -> list[Any]:
    """All that Sam is told, without ids and with one name for both."""
    client = sign_in(bank.sam)
    listed = client.get("/api/v1/unmatched-datasets").json()["results"]
    own = [one for one in listed if name in one["name"]]
    addresses = [
        f"/api/v1/unmatched-datasets/{found.pk}",
        f"/api/v1/lineage?node=dataset:{found.pk}&depth=3",
        f"/api/v1/lineage?node=dataset:{found.pk}&direction=upstream",
        f"/api/v1/lineage?node=dataset:{found.pk}&column=*",
        f"/api/v1/lineage?node=table:{bank.claims.pk}&depth=3&direction=downstream",
    ]
    answers = [client.get(address) for address in addresses]
    assert [answer.status_code for answer in answers] == [200] * len(addresses)
    pages = [
        f"/lineage-datasets/{found.pk}/",
        *(f"/jobs/{job.pk}/" for job in LineageJob.objects.filter(name__contains=name).order_by("name")),
    ]
    assert len(pages) == 4
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert f"{bank.claims.database.name}.{HIDDEN}</a>" not in answer.content.decode()
    lineage = [
        sorted(
            (one["distance"], one["name"].replace(name, "NAME"), one["table"] is None)
            for one in answer.json()["nodes"]
            if name in one["name"] or one["table"]
        )
        for answer in answers[1:]
    ]
    counts = [[len(answer.json()["edges"]), len(answer.json()["column_edges"])] for answer in answers[1:4]]
    return [_strip(own, name), _strip(answers[0].json(), name), lineage, counts]


def _strip(data: Any, name: str) -> Any:
    if isinstance(data, list):
        return sorted((_strip(one, name) for one in data), key=json.dumps)
    if isinstance(data, dict):
        return {key: _strip(value, name) for key, value in data.items() if key not in {"id", "url"}}
    return data.replace(name, "NAME") if isinstance(data, str) else data


@pytest.mark.parametrize("is_reported", [False, True], ids=["", "reported by its owners"])
@pytest.mark.parametrize("named", [by_arn, by_symlink, by_location, by_hand])
def test_a_hidden_table_looks_like_a_missing_one(
    bank: Bank,
    hidden: Table,
    elsewhere: Team,
    named: Named,
    is_reported: bool,  # noqa: FBT001 - a case
) -> None:
    if is_reported:
        send(
            bank.insurance,
            run_event(inputs=("src",), outputs=(named(bank, HIDDEN),), job="own", run=50, minute=200),
        )
    pairs = [(HIDDEN, 1), (MISSING, 11)]
    found = {name: tell(bank, elsewhere, named, name, run) for name, run in pairs}
    if named is by_hand:
        LineageDataset.objects.filter(pk=found[HIDDEN].pk).update(
            table=hidden, match="hand", matched_by=bank.ines
        )
    found[HIDDEN].refresh_from_db()
    assert (found[HIDDEN].table, found[MISSING].table) == (hidden, None)
    assert look(bank, found[HIDDEN], HIDDEN) == look(bank, found[MISSING], MISSING)
    assert len(sign_in(bank.sam).get("/api/v1/unmatched-datasets").json()["results"]) >= 2


@pytest.mark.parametrize("owners", ["report nothing", "reported it before", "report it later"])
def test_a_match_by_hand_looks_the_same_and_changes_no_other_team(
    bank: Bank, hidden: Table, elsewhere: Team, owners: str
) -> None:
    own = run_event(inputs=("src",), outputs=(by_arn(bank, HIDDEN),), job="own", run=50)
    if owners == "reported it before":
        send(bank.insurance, own)
    found = [tell(bank, elsewhere, by_arn, *pair) for pair in ((HIDDEN, 1), (MISSING, 11))]
    if owners == "report it later":
        send(bank.insurance, own)
    client = sign_in(bank.sam)
    answers = []
    for one, name in zip(found, (HIDDEN, MISSING), strict=True):
        path = f"/api/v1/unmatched-datasets/{one.pk}/match"
        answer = client.post(path, {"table": str(bank.claims.pk)}, content_type="application/json")
        assert answer.status_code == 200
        answers.append(_strip(answer.json(), name))
        one.refresh_from_db()
        assert (one.table, one.team) == (bank.claims, elsewhere)
    assert answers[0] == answers[1]
    kept = LineageDataset.objects.filter(table=hidden)
    jobs = list(kept.values_list("team__name", "links__job__name"))
    assert jobs == ([] if owners == "report nothing" else [("Insurance", "own")])
    tell(bank, elsewhere, by_arn, HIDDEN, 1)
    assert list(kept.values_list("team__name", "links__job__name")) == jobs


def test_a_dataset_event_without_a_job_looks_the_same(bank: Bank, hidden: Table, elsewhere: Team) -> None:
    send(bank.insurance, run_event(outputs=(by_arn(bank, HIDDEN),), job="own", run=50))
    for name in (HIDDEN, MISSING):
        event = {**run_event(), "dataset": by_arn(bank, name)}
        for member in ("eventType", "run", "job", "inputs", "outputs"):
            del event[member]
        assert not send(elsewhere, event).faults
    listed = sign_in(bank.sam).get("/api/v1/unmatched-datasets").json()["results"]
    hidden_one, missing = (
        [_strip(one, name) for one in listed if one["name"].endswith(name)] for name in (HIDDEN, MISSING)
    )
    assert hidden_one == missing
    assert len(missing) == 1


def test_the_job_of_another_team_at_a_hidden_table_stays_hidden(
    bank: Bank, hidden: Table, elsewhere: Team
) -> None:
    send(bank.insurance, run_event(inputs=("claims",), outputs=(by_arn(bank, HIDDEN),), job="own", run=50))
    tell(bank, elsewhere, by_arn, HIDDEN, 1)
    client = sign_in(bank.sam)
    assert client.get(f"/jobs/{LineageJob.objects.get(name='own').pk}/").status_code == 404
    assert "own" not in {one["name"] for one in client.get("/api/v1/jobs").json()["results"]}


def test_a_hidden_table_takes_no_match_from_one_that_the_team_sees(
    bank: Bank, hidden: Table, elsewhere: Team
) -> None:
    place_table(bank.claims.database, "outer", "s3://lake/gold")
    link = {"namespace": get_arn(bank), "name": f"table/{bank.claims.database.name}/claims", "type": "TABLE"}
    for number, name in enumerate((HIDDEN, MISSING)):
        named = {**by_arn(bank, name), "facets": {"symlinks": {"identifiers": [link]}}}
        links = [by_symlink(bank, name)["facets"]["symlinks"]["identifiers"][0], link]
        linked = dataset(f"linked-{name}", symlinks={"identifiers": links})
        send(elsewhere, run_event(inputs=(named, linked), outputs=(by_location(bank, name),), run=number))
        found = LineageDataset.objects.filter(name__contains=name).order_by("name")
        assert [one.table and one.table.name for one in found] == ["outer", "claims", "claims"]


def test_a_result_finds_its_teams_table_whatever_other_tables_there_are(
    bank: Bank, hidden: Table, elsewhere: Team
) -> None:
    other = factories.make_domain(elsewhere, "Other")
    account = factories.make_account(elsewhere, name="Elsewhere")
    database = factories.make_database(factories.make_catalog(account), other, name=hidden.database.name)
    own = factories.make_table(database, HIDDEN)
    assert find_team_tables([str(own)], [elsewhere.pk]) == {str(own): own}
