"""Statistics of a table's or partition's columns, as clients put them.

Source: botocore model (typed data, errors for each column; which IAM actions cover the calls). Assumed: a change
needs ALTER on the table; statistics of a column that the caller may not see are not found, as the column is.
"""

from base64 import b64decode
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.partitions import Found, find_table_to_change, find_table_to_read, get_existing_partition
from mocklake.glue.store import Partition, Table
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

Owner = Table | Partition
IAM_ACTIONS = {
    "UpdateColumnStatisticsForTable": "UpdateTable", "UpdateColumnStatisticsForPartition": "UpdatePartition",
    "GetColumnStatisticsForTable": "GetTable", "GetColumnStatisticsForPartition": "GetPartition",
    "DeleteColumnStatisticsForTable": "DeleteTable", "DeleteColumnStatisticsForPartition": "DeletePartition",
}  # fmt: skip
"""The IAM action that covers a call where it is not the call's own name."""


def update_for_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER; what does not fit is told column by column."""
    table = find_table_to_change(world, caller, params, "ALTER")
    return _update(table, table.table, params)


def update_for_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """As for a table; EntityNotFoundException for values that are not registered."""
    table = find_table_to_change(world, caller, params, "ALTER")
    return _update(table, get_existing_partition(table, params["PartitionValues"]), params)


def get_for_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Answers for the columns that the caller may see; the others and those without statistics are told as errors."""
    table = find_table_to_read(world, caller, params)
    return _get(table, table.table, params)


def get_for_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """As for a table; EntityNotFoundException for values that are not registered."""
    table = find_table_to_read(world, caller, params)
    return _get(table, get_existing_partition(table, params["PartitionValues"]), params)


def delete_for_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER; EntityNotFoundException for a column without statistics."""
    table = find_table_to_change(world, caller, params, "ALTER")
    return _delete(table.table, params)


def delete_for_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """As for a table; EntityNotFoundException for values that are not registered."""
    table = find_table_to_change(world, caller, params, "ALTER")
    return _delete(get_existing_partition(table, params["PartitionValues"]), params)


def keep(owner: Owner, statistics: dict[str, Any]) -> None:
    """In place of what was kept for the column; bytes come in base64 on the wire."""
    if owner.statistics is None:
        owner.statistics = {}
    owner.statistics[statistics["ColumnName"].lower()] = kept = copied(statistics)
    decimal = kept["StatisticsData"].get("DecimalColumnStatisticsData", {})
    for one in (decimal.get("MinimumValue"), decimal.get("MaximumValue")):
        if one and isinstance(one["UnscaledValue"], str):
            one["UnscaledValue"] = b64decode(one["UnscaledValue"])


def _update(found: Found, owner: Owner, params: dict[str, Any]) -> dict[str, Any]:
    errors = []
    for one in params["ColumnStatisticsList"]:
        detail = _misfit(found, one)
        if detail is None:
            keep(owner, one)
        else:
            errors.append({"ColumnStatistics": one, "Error": detail})
    return {"Errors": errors}


def _misfit(found: Found, one: dict[str, Any]) -> dict[str, str] | None:
    data, kind = one["StatisticsData"], one["StatisticsData"]["Type"]
    if one["ColumnName"].lower() not in (*found.table.data_columns, *found.table.partition_keys):
        return _missing(f"Column {one['ColumnName']} not found.")
    if set(data) != {"Type", f"{kind.title()}ColumnStatisticsData"}:
        text = f"StatisticsData of type {kind} needs {kind.title()}ColumnStatisticsData and nothing else."
        return {"ErrorCode": "InvalidInputException", "ErrorMessage": text}
    return None


def _get(found: Found, owner: Owner, params: dict[str, Any]) -> dict[str, Any]:
    seen, kept = {*found.columns, *found.table.partition_keys}, owner.statistics or {}
    shown, errors = [], []
    for name in params["ColumnNames"]:
        if name.lower() not in seen:
            errors.append({"ColumnName": name, "Error": _missing(f"Column {name} not found.")})
        elif name.lower() not in kept:
            errors.append({"ColumnName": name, "Error": _missing(f"Statistics for column {name} not found.")})
        else:
            shown.append(kept[name.lower()])
    return {"ColumnStatisticsList": shown, "Errors": errors}


def _delete(owner: Owner, params: dict[str, Any]) -> dict[str, Any]:
    name, kept = params["ColumnName"].lower(), owner.statistics or {}
    if name not in kept:
        raise AwsError("EntityNotFoundException", f"Statistics for column {params['ColumnName']} not found.")
    del kept[name]
    return {}


def _missing(text: str) -> dict[str, str]:
    return {"ErrorCode": "EntityNotFoundException", "ErrorMessage": text}


HANDLERS = {
    "DeleteColumnStatisticsForPartition": delete_for_partition,
    "DeleteColumnStatisticsForTable": delete_for_table,
    "GetColumnStatisticsForPartition": get_for_partition,
    "GetColumnStatisticsForTable": get_for_table,
    "UpdateColumnStatisticsForPartition": update_for_partition,
    "UpdateColumnStatisticsForTable": update_for_table,
}
