"""Links that nothing agreed to needs any more are seen, and none that something needs."""

from dataclasses import replace
from typing import Any

from demo.bank.accounts import BI, GOVERNANCE
from requests_app.grants.link_naming.queries import TABLE_LINKS
from tests.tools.chaos.compare.test_observed import GRANT, ROLE, read_approvals
from tests.workers.link_flows import choose_naming
from tests.workers.mesh import Mesh
from tools.chaos.compare import resource_links

ACCOUNT = ROLE.split(":")[4]


def find_mesh_leftovers(mesh: Mesh, wanted: resource_links.NeededLinks) -> set[str]:
    """Of this mesh's database alone: others share the pretend AWS."""
    glue: Any = mesh.cloud.client("glue", BI)
    return {name for name in resource_links.find_leftover_links(glue, wanted) if name.startswith(mesh.link)}


def test_a_link_to_a_database_is_left_over_without_a_live_grant(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(), "present")
    assert (
        find_mesh_leftovers(mesh, resource_links.compute_needed_links(read_approvals(), BI, set())) == set()
    )
    assert find_mesh_leftovers(mesh, resource_links.compute_needed_links([], BI, set())) == {mesh.link}
    assert find_mesh_leftovers(mesh, resource_links.compute_needed_links(read_approvals(), BI, {BI})) == {
        mesh.link
    }


def test_a_link_to_a_table_is_left_over_with_its_database(mesh: Mesh) -> None:
    choose_naming(mesh, TABLE_LINKS)
    mesh.run_until_presence(mesh.grant(), "present")
    home = f"{mesh.link}_tables"
    assert find_mesh_leftovers(mesh, resource_links.compute_needed_links(read_approvals(), BI, {BI})) == set()
    assert find_mesh_leftovers(mesh, resource_links.compute_needed_links([], BI, {BI})) == {
        home,
        f"{home}.{mesh.table.name}",
    }
    other = [replace(one, table="another") for one in read_approvals()]
    assert find_mesh_leftovers(mesh, resource_links.compute_needed_links(other, BI, {BI})) == {
        f"{home}.{mesh.table.name}"
    }


def test_what_is_needed_follows_the_kind_of_grant_and_the_choice() -> None:
    whole, ended = replace(GRANT, table="*"), replace(GRANT, is_live=False)
    passed = replace(GRANT, subgranting_account="555555555555")
    found = resource_links.compute_needed_links([GRANT, whole, ended, passed], ACCOUNT, {ACCOUNT})
    assert (found.tables, found.databases) == ({(GOVERNANCE, "gold", "lives")}, {(GOVERNANCE, "gold")})
    assert resource_links.compute_needed_links([passed], "555555555555", set()).databases == {
        (GOVERNANCE, "gold")
    }
