"""Changes that happen outside whoever manages permissions: one control call each, done as the account's root.

Members are those of the AWS call that a change stands for; what is composed of several calls is checked first.
"""

import uuid
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from botocore.validate import ParamValidator

from mocklake import glue, lakeformation, moto_bridge, partitions, protocols, ram
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue.catalogs import mount
from mocklake.glue.store import Database, Table, find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, book_of
from mocklake.optional_packages import HAS_QUERIES
from mocklake.ram.shares import list_between, narrow_share
from mocklake.served_call import Happening
from mocklake.server.simulator import Simulator
from mocklake.validation.requests import validated
from mocklake.world import World

HANDLERS = {"lakeformation": lakeformation.HANDLERS, "glue": glue.HANDLERS, "ram": ram.HANDLERS}


if HAS_QUERIES:
    from mocklake.glue_runs import quality_runs
    from mocklake.glue_runs.rulesets import read_moment


Members = dict[str, Any]


@dataclass(frozen=True)
class Root:
    """The root of one account in one region; its calls are recorded like any other."""

    simulator: Simulator
    account: str
    region: str

    @property
    def world(self) -> World:
        return self.simulator.world

    @property
    def arn(self) -> str:
        return partitions.root_arn(self.account, self.region)

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """ValueError for parameters that do not fit the model; AwsError as the handler raises it."""
        _check(service, operation, params)
        caller = Caller(self.account, self.region, self.arn, self.arn, "control")
        call = Happening(service, operation, self.region, str(uuid.uuid4()), caller=caller, parameters=params)

        def handle(asked: dict[str, Any]) -> dict[str, Any]:
            checked = validated(service, operation, asked, self.world.switches)
            return HANDLERS[service][operation](self.world, caller, checked)

        try:
            call.answer = self.simulator.effects.seen(caller, service, operation, params, handle)
        except AwsError as error:
            call.code, call.message = error.code, error.message
            raise
        finally:
            self._record(call)
        return call.answer

    def _record(self, call: Happening) -> None:
        self.simulator.calls.add(
            time=self.world.now().isoformat(),
            account=self.account,
            principal=self.arn,
            service=call.service,
            operation=call.operation,
            region=self.region,
            error=call.code,
            request_id=call.request_id,
        )
        self.simulator.follow(call)


Run = Callable[[Root, Members], object]


@dataclass(frozen=True)
class Composed:
    """What a change needs, what it may also have, and how it is made."""

    needs: tuple[str, ...]
    run: Run
    takes: tuple[str, ...] = ()


def make_change(simulator: Simulator, body: dict[str, Any]) -> dict[str, Any]:
    """`{"do": …, "account": …, "region": …}` and the change's own members.

    Raises ValueError for what is unknown or malformed, AwsError when AWS would refuse it.
    """
    members = dict(body)
    do, account, region = (members.pop(name, None) for name in ("do", "account", "region"))
    if do not in KINDS:
        raise ValueError(f"do is one of {', '.join(KINDS)}")
    if account not in simulator.world.accounts or not isinstance(region, str):
        raise ValueError("account is an existing account's id, and region is given")
    if partitions.of_region(region) != moto_bridge.account_partition(str(account)):
        raise ValueError(f"{region} is no region of the account's partition")
    root = Root(simulator, str(account), region)
    with simulator.world.lock:
        if do in SINGLE:
            _change_single(root, *SINGLE[do], members)
        else:
            _change_composed(root, do, members)
    simulator.wrote()
    return {"do": do, "account": account, "region": region}


def _change_single(root: Root, service: str, operation: str, members: Members) -> None:
    """Calls that answer with failures beside 200 have failed too."""
    failures = root.call(service, operation, **members).get("Failures")
    if failures:
        raise ValueError(f"{operation}: {failures[0]['Error']['ErrorMessage']}")


def _change_composed(root: Root, do: str, members: Members) -> None:
    known = COMPOSED[do]
    missing = sorted(set(known.needs) - members.keys())
    unknown = sorted(members.keys() - {*known.needs, *known.takes})
    if missing or unknown:
        asked = ", ".join((*known.needs, *(f"{name} (optional)" for name in known.takes)))
        raise ValueError(f"{do} takes {asked}")
    texts = [name for name in members if name.endswith("Name") or name in ("version", "receiver", "share")]
    for name in texts:
        if not isinstance(members[name], str):
            raise TypeError(f"{name} is a text")
    known.run(root, members)


def _find_table(root: Root, members: Members) -> Table:
    table = find_table(root.world, root.account, root.region, members["DatabaseName"], members["Name"])
    if table is None:
        raise ValueError(f"no table {members['DatabaseName']}.{members['Name']}")
    return table


def _recreate_table(root: Root, members: Members) -> None:
    table, place = _find_table(root, members), members["DatabaseName"]
    root.call("glue", "DeleteTable", DatabaseName=place, Name=table.name)
    root.call("glue", "CreateTable", DatabaseName=place, TableInput=deepcopy(table.body))


def _make_tables(root: Root, members: Members) -> None:
    """Very many tables in one call, each as CreateTable makes it; those before one that AWS refuses stay."""
    inputs = members["TableInputs"]
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise TypeError("TableInputs is a list of TableInputs")
    for one in inputs:
        root.call("glue", "CreateTable", DatabaseName=members["DatabaseName"], TableInput=one)


def _add_column(root: Root, members: Members) -> None:
    table, column = _find_table(root, members), members["Column"]
    if not isinstance(column, dict) or not isinstance(column.get("Name"), str):
        raise TypeError("Column is an object with a Name")
    if column["Name"].lower() in (*table.data_columns, *table.partition_keys):
        raise ValueError(f"the table has a column {column['Name']}")
    body = deepcopy(table.body)
    body.setdefault("StorageDescriptor", {}).setdefault("Columns", []).append(column)
    root.call("glue", "UpdateTable", DatabaseName=members["DatabaseName"], TableInput=body)


def _drop_column(root: Root, members: Members) -> None:
    table, name = _find_table(root, members), members["ColumnName"].lower()
    if name not in table.data_columns:
        raise ValueError(f"the table has no column {name} that is no partition key")
    body = deepcopy(table.body)
    columns = body["StorageDescriptor"]["Columns"]
    body["StorageDescriptor"]["Columns"] = [column for column in columns if column["Name"].lower() != name]
    root.call("glue", "UpdateTable", DatabaseName=members["DatabaseName"], TableInput=body)


def _make_link(root: Root, members: Members) -> Database | Table:
    """With Name a table's link in the database, without it the database as a link."""
    found: Database | Table | None = (
        _find_table(root, members)
        if "Name" in members
        else find_database(root.world, root.account, root.region, members["DatabaseName"])
    )
    if found is None or found.link is None:
        raise ValueError(f"{members.get('Name', members['DatabaseName'])} is no resource link")
    return found


def _drop_link(root: Root, members: Members) -> None:
    if isinstance(_make_link(root, members), Table):
        root.call("glue", "DeleteTable", **members)
    else:
        root.call("glue", "DeleteDatabase", Name=members["DatabaseName"])


def _repoint_link(root: Root, members: Members) -> None:
    link = _make_link(root, members)
    if isinstance(link, Table):
        body = link.body | {"TargetTable": members["Target"]}
        root.call("glue", "UpdateTable", DatabaseName=members["DatabaseName"], TableInput=body)
    else:
        body = link.body | {"TargetDatabase": members["Target"]}
        root.call("glue", "UpdateDatabase", Name=link.name, DatabaseInput=body)


def _delete_share(root: Root, members: Members) -> None:
    place = {"region": root.region, "owner": root.account, "receiver": members["receiver"]}
    named = members.get("share")
    shares = [one for one in list_between(root.world, **place) if named in (None, one.arn)]
    if not shares:
        what = f"share {named}" if named else "nothing"
        raise ValueError(f"account {root.account} shares {what} with {members['receiver']}")
    for share in shares:
        root.call("ram", "DeleteResourceShare", resourceShareArn=share.arn)


def _unshare_resource(root: Root, members: Members) -> None:
    """Takes a database or table out of every share of the pair; permissions on it stay listed."""
    place = {"region": root.region, "owner": root.account, "receiver": str(members["receiver"])}
    holding = [one for one in list_between(root.world, **place) if members["resource"] in one.resources]
    if not holding:
        raise ValueError(
            f"no share of account {root.account} with {members['receiver']} holds {members['resource']}"
        )
    for share in holding:
        narrow_share(root.world, share.arn, arns=[str(members["resource"])])


def _lower_version(root: Root, members: Members) -> None:
    settings = root.call("lakeformation", "GetDataLakeSettings")["DataLakeSettings"]
    present = settings["Parameters"]["CROSS_ACCOUNT_VERSION"]
    if members["version"] >= present:
        raise ValueError(f"the cross-account version is {present} already")
    settings["Parameters"] = {"CROSS_ACCOUNT_VERSION": members["version"]}
    root.call("lakeformation", "PutDataLakeSettings", DataLakeSettings=settings)


def _recreate_role(root: Root, members: Members) -> None:
    moto_bridge.recreate_role(root.account, members["RoleName"])


def _put_quality_result(root: Root, members: Members) -> None:
    """A data quality result that nobody measured; its score is counted from the outcomes."""
    table, rules = _find_table(root, members), members["RuleResults"]
    if not HAS_QUERIES:
        raise ValueError("data quality needs pip install 'mocklake[athena]'")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise TypeError("RuleResults is a list of outcomes")
    place = {"DatabaseName": members["DatabaseName"].lower(), "TableName": table.name}
    at = members.get("CompletedOn")
    quality_runs.put_result(
        root.world, root.account, root.region, place, rules,
        ruleset=str(members.get("RulesetName") or ""), completed_at=read_moment(at) if at is not None else None,
    )  # fmt: skip


def _add_iam_allowed_principals(root: Root, members: Members) -> None:
    who = {"DataLakePrincipalIdentifier": IAM_ALLOWED_PRINCIPALS}
    asked = {"Principal": who, "Resource": members["Resource"], "Permissions": ["ALL"]}
    root.call("lakeformation", "GrantPermissions", **asked)


def _list_row(root: Root, members: Members) -> None:
    """A row of ListPermissions, such as one of a kind that is not simulated. It is listed as it is, and opens nothing."""
    if not isinstance(members["Row"], dict):
        raise TypeError("Row is an object as ListPermissions answers it")
    book_of(root.world, root.account, root.region).listed_only += (deepcopy(members["Row"]),)


def _unlist_row(root: Root, members: Members) -> None:
    book = book_of(root.world, root.account, root.region)
    if members["Row"] not in book.listed_only:
        raise ValueError("no such row was listed by list_row")
    book.listed_only = tuple(row for row in book.listed_only if row != members["Row"])


def _mount_catalog(root: Root, members: Members) -> None:
    """What a federated source shows anew: a table bucket of S3 Tables, a database of Redshift."""
    mount(root.world, full_id(str(members["CatalogId"]), root.account), root.region)


SINGLE: dict[str, tuple[str, str]] = {
    "grant": ("lakeformation", "GrantPermissions"),
    "revoke": ("lakeformation", "RevokePermissions"),
    "drop_table": ("glue", "DeleteTable"),
    "drop_database": ("glue", "DeleteDatabase"),
    "retag": ("lakeformation", "AddLFTagsToResource"),
    "untag": ("lakeformation", "RemoveLFTagsFromResource"),
    "change_expression": ("lakeformation", "UpdateLFTagExpression"),
    "edit_filter": ("lakeformation", "UpdateDataCellsFilter"),
    "delete_filter": ("lakeformation", "DeleteDataCellsFilter"),
    "deregister": ("lakeformation", "DeregisterResource"),
    "remove_opt_in": ("lakeformation", "DeleteLakeFormationOptIn"),
}


def _check(service: str, operation: str, params: dict[str, Any]) -> None:
    shape: Any = protocols.model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(params, shape)
    if report.has_errors():
        raise ValueError(f"{operation}: {report.generate_report()}")


COMPOSED: dict[str, Composed] = {
    "mount_catalog": Composed(("CatalogId",), _mount_catalog),
    "recreate_table": Composed(("DatabaseName", "Name"), _recreate_table),
    "make_tables": Composed(("DatabaseName", "TableInputs"), _make_tables),
    "add_column": Composed(("DatabaseName", "Name", "Column"), _add_column),
    "drop_column": Composed(("DatabaseName", "Name", "ColumnName"), _drop_column),
    "drop_link": Composed(("DatabaseName",), _drop_link, takes=("Name",)),
    "repoint_link": Composed(("DatabaseName", "Target"), _repoint_link, takes=("Name",)),
    "delete_share": Composed(("receiver",), _delete_share, takes=("share",)),
    "unshare_resource": Composed(("receiver", "resource"), _unshare_resource),
    "lower_version": Composed(("version",), _lower_version),
    "recreate_role": Composed(("RoleName",), _recreate_role),
    "put_quality_result": Composed(
        ("DatabaseName", "Name", "RuleResults"), _put_quality_result, takes=("RulesetName", "CompletedOn")
    ),
    "add_iam_allowed_principals": Composed(("Resource",), _add_iam_allowed_principals),
    "list_row": Composed(("Row",), _list_row),
    "unlist_row": Composed(("Row",), _unlist_row),
}
KINDS = (*SINGLE, *COMPOSED)
