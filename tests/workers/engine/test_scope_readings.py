"""What a reading shows beside permissions is kept with its time: answers to "why" rest on it."""

from typing import Any

from demo.bank.accounts import BI, GOVERNANCE, REGION
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.storage import CatalogFacts, ShareFacts, get_data_catalog
from fulfilment.rounds import Scope
from lakeformation.values.permissions import ALL_TABLES, OptIn
from tests.workers.mesh import Mesh


def get_reading(mesh: Mesh, kind: Scope.Kind) -> ScopeReading:
    return ScopeReading.objects.get(scope__catalog=mesh.catalog, scope__kind=kind)


def test_a_catalogs_administrators_and_wide_opt_ins_are_kept(mesh: Mesh) -> None:
    lake, role = mesh.governance_client(), mesh.roles[BI].arn
    place = f"arn:aws:s3:::hybrid-{mesh.database.replace('_', '-')}"
    lake.register_resource(
        ResourceArn=place, RoleArn=mesh.catalog.location_role_arn, HybridAccessEnabled=True
    )
    on: list[dict[str, Any]] = [
        {"Database": {"Name": mesh.database}},
        {"Table": {"DatabaseName": mesh.database, "TableWildcard": {}}},
    ]
    for resource in on:
        lake.create_lake_formation_opt_in(Principal={"DataLakePrincipalIdentifier": role}, Resource=resource)
    try:
        mesh.run_rounds(5)
    finally:
        lake.deregister_resource(ResourceArn=place)
    kept = get_reading(mesh, Scope.Kind.CATALOG)
    facts = CatalogFacts.from_json(kept.facts)
    here = get_data_catalog(mesh.catalog)
    mine = {one for one in facts.wide_opt_ins if one.database == mesh.database}
    assert mine == {OptIn(here, role, mesh.database, name) for name in ("", ALL_TABLES)}
    assert facts.admins is not None
    assert f"arn:aws:iam::{GOVERNANCE}:role/meshmarket-executor" in facts.admins
    assert (facts.cross_account_version, facts.opens_new_tables_to_iam) == (4, False)
    assert kept.epoch == kept.scope.epoch
    assert kept.read_at <= kept.scope.converged_at  # type: ignore[operator]


def test_what_a_consuming_account_receives_is_kept(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(), "present")
    facts = ShareFacts.from_json(get_reading(mesh, Scope.Kind.SHARE).facts)
    place = f"arn:aws:glue:{REGION}:{GOVERNANCE}"
    wanted = {f"{place}:database/{mesh.database}", f"{place}:table/{mesh.database}/{mesh.table.name}"}
    assert wanted <= facts.received_resources
