"""Changes past whoever manages permissions: each is one control call, and what a client then sees."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import REGION
from mocklake.testing.principals import create_roles
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, PARTNER

DATABASE = "past_us"
TABLE = {"DatabaseName": DATABASE, "Name": "orders"}
ON_TABLE = {"Table": TABLE}
READER = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/past-reader"}
FILTER = {"TableCatalogId": CENTRAL, "DatabaseName": DATABASE, "TableName": "orders", "Name": "few"}


class Lake:
    """The governance account's clients, and changes past them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.glue = cloud.client("glue", CENTRAL)
        self.lf = cloud.client("lakeformation", CENTRAL)

    def change(self, do: str, *, account: str = CENTRAL, **members: Any) -> None:
        body = {"do": do, "account": account, "region": REGION, **members}
        assert self.cloud.control("change", body)["do"] == do

    def refusal(self, body: Any) -> str:
        with pytest.raises(HTTPError) as refusal:
            self.cloud.control("change", body)
        assert refusal.value.code == 400
        return str(json.load(refusal.value)["error"])

    def rows(self, who: dict[str, str] | None = None) -> list[set[str]]:
        wanted = who or READER
        listed = self.lf.list_permissions(Resource=ON_TABLE)["PrincipalResourcePermissions"]
        return [set(row["Permissions"]) for row in listed if row["Principal"] == wanted]

    def columns(self) -> list[str]:
        table = self.glue.get_table(**TABLE)["Table"]
        return [one["Name"] for one in table["StorageDescriptor"]["Columns"]]


@pytest.fixture
def lake(cloud: Cloud) -> Iterator[Lake]:
    made = Lake(cloud)
    create_roles(cloud.client("iam", CENTRAL), "past-reader")
    made.glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    columns = [{"Name": "id", "Type": "int"}, {"Name": "email", "Type": "string"}]
    storage = {"Columns": columns, "Location": "s3://past-us/orders/"}
    made.glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "orders", "StorageDescriptor": storage})
    yield made
    made.glue.delete_database(Name=DATABASE)


def test_a_grant_and_a_revoke(lake: Lake) -> None:
    wanted: dict[str, Any] = {"Principal": READER, "Resource": ON_TABLE, "Permissions": ["ALTER"]}
    lake.change("grant", **wanted)
    assert lake.rows() == [{"ALTER"}] or lake.rows() == [{"ALTER", "DESCRIBE"}]
    lake.change("revoke", **wanted)
    assert "ALTER" not in set().union(*lake.rows())


def test_a_recreated_table_has_lost_its_permissions(lake: Lake) -> None:
    lake.change("grant", Principal=READER, Resource=ON_TABLE, Permissions=["SELECT"])
    lake.change("recreate_table", **TABLE)
    assert (lake.rows(), lake.columns()) == ([], ["id", "email"])
    lake.change("drop_table", **TABLE)
    assert refused(lake.glue.get_table, **TABLE) == "EntityNotFoundException"


def test_many_tables_are_made_at_once_up_to_one_that_is_refused(lake: Lake) -> None:
    lake.change("make_tables", DatabaseName=DATABASE, TableInputs=[{"Name": f"many_{at}"} for at in range(3)])
    with pytest.raises(HTTPError, match="400"):
        lake.change("make_tables", DatabaseName=DATABASE, TableInputs=[{"Name": "last"}, {"Name": "orders"}])
    listed = [one["Name"] for one in lake.glue.get_tables(DatabaseName=DATABASE)["TableList"]]
    assert listed == ["last", "many_0", "many_1", "many_2", "orders"]


def test_columns_come_and_go_with_a_new_version(lake: Lake) -> None:
    lake.change("add_column", **TABLE, Column={"Name": "phone", "Type": "string"})
    lake.change("drop_column", **TABLE, ColumnName="email")
    assert lake.columns() == ["id", "phone"]
    assert len(lake.glue.get_table_versions(DatabaseName=DATABASE, TableName="orders")["TableVersions"]) == 3


def test_a_table_is_tagged_anew_and_untagged(lake: Lake) -> None:
    tags = [{"TagKey": "tier", "TagValues": ["gold"]}]
    lake.change("retag", Resource=ON_TABLE, LFTags=tags)
    (tag,) = lake.lf.get_resource_lf_tags(Resource=ON_TABLE)["LFTagsOnTable"]
    assert (tag["TagKey"], tag["TagValues"]) == ("tier", ["gold"])
    lake.change("untag", Resource=ON_TABLE, LFTags=tags)
    assert "LFTagsOnTable" not in lake.lf.get_resource_lf_tags(Resource=ON_TABLE)


def test_a_named_expression_changes(lake: Lake) -> None:
    lake.lf.create_lf_tag_expression(Name="past", Expression=[{"TagKey": "tier", "TagValues": ["gold"]}])
    lake.change("change_expression", Name="past", Expression=[{"TagKey": "tier", "TagValues": ["bronze"]}])
    found = lake.lf.get_lf_tag_expression(Name="past")["Expression"]
    assert found == [{"TagKey": "tier", "TagValues": ["bronze"]}]
    lake.lf.delete_lf_tag_expression(Name="past")


def test_a_filter_is_edited_and_deleted(lake: Lake) -> None:
    data = FILTER | {"ColumnWildcard": {}, "RowFilter": {"FilterExpression": "id = 1"}}
    lake.lf.create_data_cells_filter(TableData=data)
    lake.change("edit_filter", TableData=data | {"RowFilter": {"AllRowsWildcard": {}}})
    found = lake.lf.get_data_cells_filter(**FILTER)["DataCellsFilter"]
    assert found["RowFilter"] == {"AllRowsWildcard": {}}
    lake.change("delete_filter", **FILTER)
    assert refused(lake.lf.get_data_cells_filter, **FILTER) == "EntityNotFoundException"


def test_a_share_is_deleted(lake: Lake) -> None:
    partner = {"DataLakePrincipalIdentifier": PARTNER}
    lake.change("grant", Principal=partner, Resource=ON_TABLE, Permissions=["SELECT"])
    lake.change("delete_share", receiver=PARTNER)
    shares = lake.cloud.client("ram", CENTRAL).get_resource_shares(resourceOwner="SELF")["resourceShares"]
    assert "DELETED" in {one["status"] for one in shares}
    assert (
        lake.cloud.client("ram", PARTNER).get_resource_share_invitations()["resourceShareInvitations"] == []
    )
    body = {"do": "delete_share", "account": CENTRAL, "region": REGION, "receiver": PARTNER}
    assert "shares nothing" in lake.refusal(body)


def test_links_are_repointed_and_dropped(lake: Lake) -> None:
    target = {"CatalogId": CENTRAL, "DatabaseName": DATABASE}
    lake.glue.create_database(DatabaseInput={"Name": "past_link", "TargetDatabase": target})
    table_link = {"Name": "linked", "TargetTable": {**target, "Name": "orders"}}
    lake.glue.create_table(DatabaseName=DATABASE, TableInput=table_link)
    other = {"CatalogId": CENTRAL, "DatabaseName": "shop_gold"}
    lake.change("repoint_link", DatabaseName="past_link", Target=other)
    found = lake.glue.get_database(Name="past_link")["Database"]["TargetDatabase"]
    assert found["DatabaseName"] == "shop_gold"
    lake.change("repoint_link", DatabaseName=DATABASE, Name="linked", Target={**other, "Name": "returns"})
    lake.change("drop_link", DatabaseName="past_link")
    lake.change("drop_link", DatabaseName=DATABASE, Name="linked")
    assert refused(lake.glue.get_database, Name="past_link") == "EntityNotFoundException"
    assert lake.columns() == ["id", "email"]


def test_a_location_is_deregistered_and_an_opt_in_removed(lake: Lake) -> None:
    arn = "arn:aws:s3:::past-us"
    lake.lf.register_resource(ResourceArn=arn, UseServiceLinkedRole=True, HybridAccessEnabled=True)
    lake.lf.create_lake_formation_opt_in(Principal=READER, Resource=ON_TABLE)
    lake.change("remove_opt_in", Principal=READER, Resource=ON_TABLE)
    opted = lake.lf.list_lake_formation_opt_ins(Principal=READER)["LakeFormationOptInsInfoList"]
    lake.change("deregister", ResourceArn=arn)
    assert opted == []
    assert refused(lake.lf.describe_resource, ResourceArn=arn) == "EntityNotFoundException"


def test_the_version_is_lowered_and_all_other_settings_stay(lake: Lake) -> None:
    before = lake.lf.get_data_lake_settings()["DataLakeSettings"]
    lake.change("lower_version", version="3")
    after = lake.lf.get_data_lake_settings()["DataLakeSettings"]
    assert after["Parameters"]["CROSS_ACCOUNT_VERSION"] == "3"
    assert after["DataLakeAdmins"] == before["DataLakeAdmins"]
    lake.lf.put_data_lake_settings(DataLakeSettings=before)


def test_a_recreated_role_has_another_id_and_ends_its_sessions(lake: Lake) -> None:
    glue, iam = lake.cloud.client("glue", CONSUMER, "analyst"), lake.cloud.client("iam", CONSUMER)
    before = iam.get_role(RoleName="analyst")["Role"]
    lake.change("recreate_role", account=CONSUMER, RoleName="analyst")
    after = iam.get_role(RoleName="analyst")["Role"]
    assert before["Arn"] == after["Arn"]
    assert before["RoleId"] != after["RoleId"]
    assert after["AssumeRolePolicyDocument"] == before["AssumeRolePolicyDocument"]
    assert iam.list_role_policies(RoleName="analyst")["PolicyNames"] == ["inline"]
    assert refused(glue.get_databases) == "UnrecognizedClientException"


def test_a_table_is_left_to_iam_again(lake: Lake) -> None:
    lake.change("add_iam_allowed_principals", Resource=ON_TABLE)
    assert lake.rows({"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}) == [{"ALL"}]


def test_a_row_is_listed_after_all_others_until_it_is_taken_away(lake: Lake) -> None:
    resource = {"AnyResource": {"CatalogId": CENTRAL, "ResourceType": "TABLE"}}
    row = {
        "Principal": READER,
        "Resource": resource,
        "Permissions": ["SELECT"],
        "PermissionsWithGrantOption": [],
    }

    def list_rows() -> list[dict[str, Any]]:
        page = lake.lf.list_permissions(MaxResults=2)
        found = page["PrincipalResourcePermissions"]
        while "NextToken" in page:
            page = lake.lf.list_permissions(MaxResults=2, NextToken=page["NextToken"])
            found += page["PrincipalResourcePermissions"]
        return list(found)

    before = list_rows()
    lake.change("list_row", Row=row)
    assert list_rows() == [*before, row]
    assert lake.rows() == []
    lake.change("unlist_row", Row=row)
    assert list_rows() == before
    body = {"do": "unlist_row", "account": CENTRAL, "region": REGION, "Row": row}
    assert "no such row" in lake.refusal(body)


def test_a_change_is_recorded_as_a_call_of_the_root(lake: Lake) -> None:
    last = lake.cloud.control("calls")[-1]["number"]
    lake.change("drop_table", **TABLE)
    (call,) = [one for one in lake.cloud.control(f"calls?since={last}") if one["operation"] == "DeleteTable"]
    assert call["principal"] == f"arn:aws:iam::{CENTRAL}:root"


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"do": "explode"}, "do is one of grant, revoke"),
        ({"do": ["grant"]}, "do is one of grant, revoke"),
        ({"do": "drop_table", **TABLE, "account": "999999999999"}, "account is an existing"),
        ({"do": "drop_table", **TABLE, "region": 1}, "region is given"),
        ({"do": "drop_table", "Name": "orders"}, "DatabaseName"),
        ({"do": "drop_table", **TABLE, "Colour": "red"}, "Colour"),
        ({"do": "drop_table", **TABLE, "Name": "none"}, "none not found"),
        ({"do": "drop_column", **TABLE}, "ColumnName"),
        ({"do": "drop_column", **TABLE, "ColumnName": 5}, "ColumnName is a text"),
        ({"do": "add_column", **TABLE, "Column": "phone"}, "Column is an object"),
        ({"do": "add_column", **TABLE, "Column": {"Name": "ID"}}, "has a column ID"),
        ({"do": "drop_link", "DatabaseName": DATABASE}, "no resource link"),
        ({"do": "lower_version", "version": "5"}, "is 4 already"),
        ({"do": "recreate_role", "RoleName": "nobody"}, "has no role nobody"),
        ({"do": "retag", "Resource": ON_TABLE, "LFTags": [{"TagKey": "x", "TagValues": ["y"]}]}, "AddLFTags"),
        ({"do": "grant", "Principal": READER, "Resource": ON_TABLE, "Permissions": ["FLY"]}, "FLY"),
    ],
)
def test_what_is_unknown_or_malformed_is_refused(lake: Lake, members: dict[str, Any], text: str) -> None:
    assert text in lake.refusal({"account": CENTRAL, "region": REGION, **members})
    assert lake.columns() == ["id", "email"]
