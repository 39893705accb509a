"""What a test's mesh consists of: accounts, roles that read and a table of its own in the pretend AWS."""

from typing import Any

from catalog.mirror.glue_parser import build_database_snapshot, build_table_snapshot
from catalog.mirror.models import Table
from demo.bank.accounts import GOVERNANCE
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Team
from mocklake.testing.server import Cloud
from tests import factories


def make_account(account_id: str, team: Team, **fields: object) -> Account:
    role = f"arn:aws:iam::{account_id}:role/meshmarket"
    return factories.make_account(
        team, account_id, observer_role_arn=f"{role}-observer", executor_role_arn=f"{role}-executor",
        external_id=f"meshmarket-{account_id}", **fields,
    )  # fmt: skip


def make_principal(cloud: Cloud, account: Account, name: str) -> Principal:
    role = make_role(cloud.client("iam", account.account_id), account.account_id, name)
    return factories.make_principal(account, name, unique_id=role["RoleId"])


def make_role(iam: Any, account: str, name: str) -> dict[str, Any]:
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}]}'
    rights = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["athena:*","glue:Get*","lakeformation:GetDataAccess"],"Resource":"*"}]}'
    role: dict[str, Any] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust % account)["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="reads", PolicyDocument=rights)
    return role


def remove_role(iam: Any, name: str) -> None:
    iam.delete_role_policy(RoleName=name, PolicyName="reads")
    iam.delete_role(RoleName=name)


def make_table(cloud: Cloud, catalog: ConnectedCatalog, domain: Any, database: str) -> Table:
    glue = cloud.client("glue", GOVERNANCE)
    pattern = glue.get_table(DatabaseName="insurance_gold", Name="life_expectancy")["Table"]
    glue.create_database(DatabaseInput={"Name": database, "CreateTableDefaultPermissions": []})
    copy_table(glue, pattern, database, "lives")
    seen = build_table_snapshot(
        glue.get_table(DatabaseName=database, Name="lives")["Table"], database_tags={}
    )
    names = [column.name for column in seen.columns if not column.is_partition_key]
    keys = [column.name for column in seen.columns if column.is_partition_key]
    row = factories.make_database(catalog, domain, database)
    row.glue_created_at = build_database_snapshot(
        glue.get_database(Name=database)["Database"], {}
    ).glue_created_at
    row.save()
    table = factories.make_table(row, "lives", names, partition_keys=keys)
    table.location, table.glue_created_at = seen.location, seen.glue_created_at
    table.save()
    return table


def copy_table(glue: Any, pattern: dict[str, Any], database: str, name: str) -> None:
    kept = ("Description", "Owner", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
    wanted = {key: pattern[key] for key in kept if key in pattern}
    glue.create_table(DatabaseName=database, TableInput={"Name": name, **wanted})
