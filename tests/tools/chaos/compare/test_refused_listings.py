"""How chaos reads what AWS refuses to list: what is gone or hidden holds nothing, any other refusal is an error."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.bank.accounts import GOVERNANCE, REGION
from mocklake.testing.switches import ALL
from tools.chaos.compare.observed_access import UNSEEN_CODES, list_filters, list_if_seen, read_lines
from tools.chaos.compare.resource_links import TABLE_LINK_PARAMETER, NeededLinks, find_leftover_links

RECEIVER = "310000000001"
READER = f"arn:aws:iam::{RECEIVER}:role/reader"


def build_refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "ListPermissions")


def refuse(code: str) -> dict[str, Any]:
    raise build_refusal(code)


class Lake:
    """An account's Lake Formation with one data cells filter, whose table it may not see."""

    def __init__(self, code: str) -> None:
        self._code = code

    def list_data_cells_filter(self) -> dict[str, Any]:
        one = {"DatabaseName": "gold", "TableName": "lives", "Name": "f", "RowFilter": {}}
        return {"DataCellsFilters": [one]}

    def list_permissions(self, **asked: Any) -> dict[str, Any]:
        if "Resource" in asked:
            raise build_refusal(self._code)
        return {"PrincipalResourcePermissions": []}


class Glue:
    """A catalog with a database of links that is gone when its tables are listed."""

    def get_databases(self) -> dict[str, Any]:
        mark = {TABLE_LINK_PARAMETER: f"{GOVERNANCE}/{REGION}/gold"}
        return {"DatabaseList": [{"Name": "links", "Parameters": mark}]}

    def get_tables(self, **_: Any) -> dict[str, Any]:
        raise build_refusal("EntityNotFoundException")


def test_the_codes_are_those_that_the_switches_choose_between() -> None:
    assert set(ALL["missing_in_listings"].values) == UNSEEN_CODES


@pytest.mark.parametrize("code", sorted(UNSEEN_CODES))
def test_an_account_that_may_not_see_a_table_holds_nothing_of_its_filters(code: str) -> None:
    assert list_filters(Lake(code))
    holders = {f"{READER} by {RECEIVER}"}
    assert not read_lines(lambda _account, _region: Lake(code), [(GOVERNANCE, REGION)], holders)


def test_any_other_refusal_is_an_error() -> None:
    with pytest.raises(ClientError):
        list(list_if_seen(map(refuse, ["ThrottlingException"])))


def test_a_database_of_links_that_goes_while_it_is_read_has_no_links() -> None:
    assert find_leftover_links(Glue(), NeededLinks()) == {"links"}
