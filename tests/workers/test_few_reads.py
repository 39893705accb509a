"""A round asks AWS no more often than it must: of many roles or tables it reads a list."""

from collections import Counter
from dataclasses import replace

from lakeformation.arn import PrincipalArn
from tests import factories
from tests.awsim.cloud import BI
from tests.workers.landscape import copy_table, drop_role, make_role
from tests.workers.mesh import Mesh
from workers.aws.identities import ASKED_ALONE, identity_ids
from workers.creations import creations


def asked(mesh: Mesh, since: int) -> Counter[str]:
    """How often what was called since that call."""
    return Counter(call["operation"] for call in mesh.cloud.control(f"calls?since={since}"))


def test_few_roles_are_asked_for_by_name_and_many_are_listed(mesh: Mesh) -> None:
    iam = mesh.cloud.client("iam", BI)
    names = [f"{mesh.roles[BI].name}-{number}" for number in range(ASKED_ALONE + 1)]
    made = {name: make_role(iam, BI, name)["RoleId"] for name in names}
    arns = [PrincipalArn.parse(f"arn:aws:iam::{BI}:role/{name}") for name in names]
    since = mesh.last_call()
    assert identity_ids(iam, arns[1:]) == {arn: made[arn.name] for arn in arns[1:]}
    assert asked(mesh, since) == {"GetRole": ASKED_ALONE}
    drop_role(iam, names[0])
    since = mesh.last_call()
    assert identity_ids(iam, arns) == {arn: made[arn.name] for arn in arns[1:]}
    assert asked(mesh, since) == {"ListRoles": 1, "GetRole": 1}


def test_an_account_has_users_beside_its_roles(mesh: Mesh) -> None:
    iam, role = mesh.cloud.client("iam", BI), PrincipalArn.parse(mesh.roles[BI].arn)
    user = replace(role, kind="user", name=f"{role.name}-user")
    made = iam.create_user(UserName=user.name)["User"]["UserId"]
    assert identity_ids(iam, [role, user])[user] == made
    assert replace(role, name=user.name) not in identity_ids(iam, [replace(role, name=user.name)])


def test_of_a_database_of_which_many_tables_are_wanted_the_list_is_read(mesh: Mesh) -> None:
    glue, mine = mesh.governance("glue"), mesh.table
    found = glue.get_table(DatabaseName=mesh.database, Name=mine.name)["Table"]
    copy_table(glue, found, mesh.database, "second")
    factories.make_table(mine.database, "second")
    wanted = {(mesh.database, mine.name), (mesh.database, "second")}
    since = mesh.last_call()
    seen = creations(mesh.catalog, wanted)
    assert seen.keys() == wanted
    assert seen[mesh.database, mine.name] == mine.glue_created_at
    assert asked(mesh, since)["GetTable"] == 0
    since = mesh.last_call()
    assert creations(mesh.catalog, {*wanted, (mesh.database, "gone")}).keys() == wanted
    assert asked(mesh, since)["GetTable"] == 1
