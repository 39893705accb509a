"""Databases and tables as Athena tells them: Glue's, seen as the caller through Lake Formation."""

import re
import uuid
from typing import Any

from mocklake import glue
from mocklake.athena.failures import invalid
from mocklake.athena.sql_text import CATALOG
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue.store import find_catalog
from mocklake.iam.callers import Caller, require
from mocklake.world import World

PAGE = 50
SHOWN_AS = "AwsDataCatalog"


def list_data_catalogs(world: World, caller: Caller, _asked: dict[str, Any]) -> dict[str, Any]:
    """Glue's own; mocklake registers no others."""
    with world.lock:
        require(caller, "athena:ListDataCatalogs", None)
    return {"DataCatalogsSummary": [{"CatalogName": SHOWN_AS, "Type": "GLUE"}]}


def get_data_catalog(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        require(caller, "athena:GetDataCatalog", None)
    if str(asked["Name"]).lower() != CATALOG:
        raise invalid(f"Data catalog {asked['Name']} was not found")
    return {"DataCatalog": {"Name": SHOWN_AS, "Type": "GLUE", "Parameters": {"catalog-id": caller.account}}}


def get_database(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    found = _ask(world, caller, "GetDatabase", asked, "GetDatabase", Name=asked["DatabaseName"])
    return {"Database": _database(found["Database"])}


def list_databases(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    found = _ask(world, caller, "ListDatabases", asked, "GetDatabases", **_page(asked))
    return {"DatabaseList": [_database(one) for one in found["DatabaseList"]]} | _more(found)


def get_table_metadata(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    place = {"DatabaseName": asked["DatabaseName"], "Name": asked["TableName"]}
    found = _ask(world, caller, "GetTableMetadata", asked, "GetTable", **place)
    return {"TableMetadata": _table(found["Table"])}


def list_table_metadata(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """`Expression` is a regular expression of the whole name."""
    pattern = {"Expression": asked["Expression"]} if asked.get("Expression") else {}
    place = {"DatabaseName": asked["DatabaseName"], **pattern}
    found = _ask(world, caller, "ListTableMetadata", asked, "GetTables", **place, **_page(asked))
    return {"TableMetadataList": [_table(one) for one in found["TableList"]]} | _more(found)


def _ask(
    world: World, caller: Caller, operation: str, asked: dict[str, Any], action: str, **params: Any
) -> dict[str, Any]:
    """Glue's refusals become Athena's MetadataException."""
    with world.lock:
        for needed in (f"athena:{operation}", f"glue:{action}"):
            require(caller, needed, None)
        try:
            catalog = _catalog(world, caller, str(asked["CatalogName"]))
            return glue.HANDLERS[action](world, caller, {**catalog, **params})
        except AwsError as error:
            if error.code == "InvalidRequestException":
                raise
            raise _translated(error) from error
        except re.error as error:
            raise invalid(f"The expression is not valid: {error}") from error


def _translated(error: AwsError) -> AwsError:
    """The text tells Glue's answer as Athena's Java client had it, which SQLAlchemy's dialect looks into."""
    told = "Entity Not Found" if error.code == "EntityNotFoundException" else error.message
    origin = (
        f"Service: AmazonDataCatalog; Status Code: 400; Error Code: {error.code}; Request ID: {uuid.uuid4()}"
    )
    return AwsError("MetadataException", f"{told} ({origin}; Proxy: null)")


def _catalog(world: World, caller: Caller, name: str) -> dict[str, str]:
    if name.lower() == CATALOG:
        return {}
    nested = full_id(name.lower(), caller.account)
    if find_catalog(world, nested, caller.region) is None:
        raise invalid(f"Data catalog {name} was not found")
    return {"CatalogId": nested}


def _page(asked: dict[str, Any]) -> dict[str, Any]:
    token = {"NextToken": asked["NextToken"]} if asked.get("NextToken") else {}
    return {"MaxResults": min(asked.get("MaxResults", PAGE), PAGE)} | token


def _more(found: dict[str, Any]) -> dict[str, str]:
    return {"NextToken": found["NextToken"]} if "NextToken" in found else {}


def _database(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("Name", "Description", "Parameters") if name in found}


def _table(found: dict[str, Any]) -> dict[str, Any]:
    kept = ("Name", "CreateTime", "LastAccessTime", "TableType")
    return {
        **{name: found[name] for name in kept if name in found},
        "Columns": [_column(column) for column in found.get("StorageDescriptor", {}).get("Columns", [])],
        "PartitionKeys": [_column(partition_key) for partition_key in found.get("PartitionKeys", [])],
        "Parameters": {**_storage(found), **found.get("Parameters", {})},
    }


def _storage(found: dict[str, Any]) -> dict[str, str]:
    """Where and how rows are stored, told among the parameters (AWS CLI Reference, get-table-metadata)."""
    described = found.get("StorageDescriptor", {})
    serde = described.get("SerdeInfo", {})
    told = {
        "location": described.get("Location"),
        "inputformat": described.get("InputFormat"),
        "outputformat": described.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    told |= {f"serde.param.{name}": value for name, value in serde.get("Parameters", {}).items()}
    return {name: str(value) for name, value in told.items() if value}


def _column(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("Name", "Type", "Comment") if name in found}
