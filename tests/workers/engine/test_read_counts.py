"""A round asks AWS no more often than it must: of many roles or tables it reads a list."""

from collections import Counter
from dataclasses import replace

from catalog.mirror.glue_parser import build_table_snapshot
from demo.bank.accounts import BI, PARTNER, REGION
from fulfilment.observations.models import ObservedPermission
from lakeformation.values.arn import PrincipalArn
from lakeformation.values.permissions import ALL_TABLES
from tests import factories
from tests.workers.aws_setup import copy_table, make_role, remove_role
from tests.workers.mesh import Mesh
from workers.aws.glue import GlueReader
from workers.aws.iam import MAX_SINGLE_READS, find_identity_ids
from workers.engine.catalog_reading import read_catalog, read_creation_times

RULE = "region = 'Nord'"


def count_calls(mesh: Mesh, since: int) -> Counter[str]:
    """How often what was called since that call."""
    return Counter(call["operation"] for call in mesh.cloud.control(f"calls?since={since}"))


def test_few_roles_are_asked_for_by_name_and_many_are_listed(mesh: Mesh) -> None:
    iam = mesh.cloud.client("iam", BI)
    names = [f"{mesh.roles[BI].name}-{number}" for number in range(MAX_SINGLE_READS + 1)]
    made = {name: make_role(iam, BI, name)["RoleId"] for name in names}
    arns = [PrincipalArn.parse(f"arn:aws:iam::{BI}:role/{name}") for name in names]
    since = mesh.get_last_call()
    assert find_identity_ids(iam, arns[1:]) == {arn: made[arn.name] for arn in arns[1:]}
    assert count_calls(mesh, since) == {"GetRole": MAX_SINGLE_READS}
    remove_role(iam, names[0])
    since = mesh.get_last_call()
    assert find_identity_ids(iam, arns) == {arn: made[arn.name] for arn in arns[1:]}
    assert count_calls(mesh, since) == {"ListRoles": 1, "GetRole": 1}


def test_an_account_has_users_beside_its_roles(mesh: Mesh) -> None:
    iam, role = mesh.cloud.client("iam", BI), PrincipalArn.parse(mesh.roles[BI].arn)
    user = replace(role, kind="user", name=f"{role.name}-user")
    made = iam.create_user(UserName=user.name)["User"]["UserId"]
    assert find_identity_ids(iam, [role, user])[user] == made
    assert replace(role, name=user.name) not in find_identity_ids(iam, [replace(role, name=user.name)])


def test_of_a_database_of_which_many_tables_are_wanted_the_list_is_read(mesh: Mesh) -> None:
    glue, mine = mesh.governance_client("glue"), mesh.table
    found = glue.get_table(DatabaseName=mesh.database, Name=mine.name)["Table"]
    copy_table(glue, found, mesh.database, "second")
    factories.make_table(mine.database, "second")
    wanted = {(mesh.database, mine.name), (mesh.database, "second")}
    since = mesh.get_last_call()
    seen = read_creation_times(mesh.catalog, wanted)
    assert seen.keys() == wanted
    assert seen[mesh.database, mine.name] == mine.glue_created_at
    assert count_calls(mesh, since)["GetTable"] == 0
    since = mesh.get_last_call()
    assert read_creation_times(mesh.catalog, {*wanted, (mesh.database, "gone")}).keys() == wanted
    assert count_calls(mesh, since)["GetTable"] == 1


def with_second_table(mesh: Mesh) -> Mesh:
    """The same with another table of the database."""
    glue = mesh.governance_client("glue")
    found = glue.get_table(DatabaseName=mesh.database, Name=mesh.table.name)["Table"]
    copy_table(glue, found, mesh.database, "second")
    seen = build_table_snapshot(
        glue.get_table(DatabaseName=mesh.database, Name="second")["Table"], database_tags={}
    )
    table = factories.make_table(mesh.table.database, "second", [column.name for column in seen.columns])
    table.location, table.glue_created_at = seen.location, seen.glue_created_at
    table.save()
    return replace(mesh, table=table)


def test_who_reads_by_a_filter_is_asked_for_the_tables_concerned_alone_and_of_others_stays_known(
    mesh: Mesh,
) -> None:
    other = with_second_table(mesh)
    theirs, ours = other.grant(account=PARTNER, rows=RULE), mesh.grant(rows=RULE)
    other.run_until_presence(theirs, "present")
    mesh.run_until_presence(ours, "present")
    since = mesh.get_last_call()
    seen = read_catalog(mesh.catalog, {(mesh.database, mesh.table.name)})
    assert count_calls(mesh, since)["ListPermissions"] == 2
    assert seen.unread_tables == {(mesh.database, "second")}
    since = mesh.get_last_call()
    assert read_catalog(mesh.catalog, {(mesh.database, ALL_TABLES)}).unread_tables == set()
    assert count_calls(mesh, since)["ListPermissions"] == 3
    mesh.revoke(ours)
    mesh.run_until_presence(ours, "absent")
    known = ObservedPermission.objects.filter(database=mesh.database).exclude(cells_filter="")
    assert set(known.values_list("table", flat=True)) == {"second"}


def test_of_several_databases_in_a_catalog_the_list_is_read_and_what_it_lacks_is_asked_for(
    mesh: Mesh,
) -> None:
    glue = mesh.cloud.client("glue", BI)
    names = [f"{mesh.database}_{number}" for number in range(3)]
    for name in names:
        glue.create_database(DatabaseInput={"Name": name})
    reader = GlueReader(mesh.roles[BI].account, REGION)
    since = mesh.get_last_call()
    assert reader.find_databases(names).keys() == {*names}
    assert count_calls(mesh, since).keys() == {"GetDatabases"}  # of one page or several
    since = mesh.get_last_call()
    assert reader.find_databases([*names, "gone"]).keys() == {*names}
    calls = count_calls(mesh, since)
    assert calls.keys() == {"GetDatabases", "GetDatabase"}
    assert calls["GetDatabase"] == 1
    since = mesh.get_last_call()
    assert reader.find_databases(names[:1])[names[0]]["Name"] == names[0]
    assert count_calls(mesh, since) == {"GetDatabase": 1}
