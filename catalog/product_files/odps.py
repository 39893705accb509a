"""Data products in the Open Data Product Standard of Bitol, up to 1.1. Pure.

It has no columns and no service levels: the tables are output ports, the service levels a custom property.
"""

import re
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

from catalog.product_files.shared_members import (
    PREFIX,
    UNPUBLISHED_VERSION,
    SharedMembers,
    UnknownLevelError,
    parse_number,
    to_number,
    write_common_head,
    write_custom_properties,
    write_links,
    write_team,
)
from catalog.product_files.state import FileTable, Path, ProductFile
from catalog.products.fields import SERVICE_LEVELS, FieldKind, ProductField

KIND = "DataProduct"
VERSIONS = ("v1.1.0", "v1.0.0", "v0.9.0")
PORT_TYPE = "tables"
CATALOG_PROPERTY = f"{PREFIX}Catalog"
LEVELS = "ServiceLevels"
LEVEL_NAMES = {one.name: re.sub("_(.)", lambda found: found[1].upper(), one.name) for one in SERVICE_LEVELS}
"""Such as `answerHours`."""


def write_odps(product: ProductFile, site_url: str) -> dict[str, Any]:
    """Every field, also empty ones."""
    fields = dict(product.fields)
    levels = {
        name: to_number(value) if isinstance(value, Decimal) else value
        for field, name in LEVEL_NAMES.items()
        if (value := fields[field]) not in (None, "")
    }
    support = {"channel": fields["support"], "url": derive_address(fields["support"], site_url, product.slug)}
    return {
        "apiVersion": VERSIONS[0],
        "kind": KIND,
        **write_common_head(product),
        "inputPorts": [_write_input(product, slug) for slug in fields["inputs"]],
        "outputPorts": [_write_output(product, table) for table in fields["tables"]],
        "support": [support] if fields["support"] else [],
        "team": write_team(product),
        "authoritativeDefinitions": write_links(product),
        "customProperties": write_custom_properties(product, [(LEVELS, levels)]),
    }


def read_odps(data: Any, site_url: str) -> ProductFile:
    """Read data that follows the standard's schema."""
    members = SharedMembers(data)
    members.read_head()
    members.read_team()
    members.read_support(partial(_is_derived, site_url=site_url, slug=members.slug))
    members.read_links()
    reader = members.reader
    if reader.look_at("inputPorts") is not None:
        inputs = []
        for row in reader.list_rows("inputPorts"):
            inputs.append(reader.get(*row, "contractId"))
            reader.get(*row, "name")
            reader.get(*row, "version")
        members.set_field("inputs", tuple(dict.fromkeys(inputs)), ("inputPorts",))
    if reader.look_at("outputPorts") is not None:
        rows = [
            row
            for row in reader.list_rows("outputPorts")
            if (reader.look_at(*row, "type") or PORT_TYPE) == PORT_TYPE
        ]
        members.set_field("tables", tuple(_read_output(members, row) for row in rows), ("outputPorts",))
    for name, value, path in members.read_custom_properties():
        if name == LEVELS and _read_service_levels(members, value, path):
            members.mark_custom_property(path[:-1])
    return members.build()


def derive_address(support: str, site_url: str, slug: str) -> str:
    """The standard wants an address of each channel: the channel itself, its mailbox, or the product's page."""
    if support.startswith(("https://", "http://", "mailto:")) and not any(map(str.isspace, support)):
        return support
    if support.count("@") == 1 and not any(map(str.isspace, support)):
        return f"mailto:{quote(support, safe='@')}"
    return f"{site_url}/data-products/{slug}/"


def _is_derived(channel: str, url: str, *, site_url: str, slug: str) -> bool:
    return url == derive_address(channel, site_url, slug)


def _write_input(product: ProductFile, slug: str) -> dict[str, Any]:
    version = product.input_versions.get(slug) or UNPUBLISHED_VERSION
    return {"name": slug, "version": version, "contractId": slug}


def _write_output(product: ProductFile, table: FileTable) -> dict[str, Any]:
    port: dict[str, Any] = {
        "name": table.name,
        "type": PORT_TYPE,
        "version": product.stated["version"] or UNPUBLISHED_VERSION,
        "contractId": product.slug,
    }
    if table.description:
        port["description"] = table.description
    if table.catalog:
        port["customProperties"] = [{"property": CATALOG_PROPERTY, "value": table.catalog}]
    return port


def _read_output(members: SharedMembers, row: Path) -> FileTable:
    reader, catalog = members.reader, ""
    for member in ("type", "version", "contractId"):
        reader.get(*row, member)
    for place in reader.list_rows(*row, "customProperties"):
        if reader.look_at(*place, "property") == CATALOG_PROPERTY:
            catalog = str(reader.get(*place, "value") or "")
            reader.get(*place, "property")
    return FileTable(reader.get(*row, "name"), catalog, reader.get(*row, "description") or "")


def _read_service_levels(members: SharedMembers, value: Any, path: Path) -> bool:
    """Complete if it is there. False if it is something else."""
    if not isinstance(value, dict) or set(value) - set(LEVEL_NAMES.values()):
        return False
    try:
        levels = {one.name: _read_level(one, value.get(LEVEL_NAMES[one.name])) for one in SERVICE_LEVELS}
    except UnknownLevelError:
        return False
    for field, level in levels.items():
        members.set_field(field, level, path)
    return True


def _read_level(field: ProductField, said: Any) -> Any:
    if said is None:
        return field.empty
    if field.kind == FieldKind.HOURS:
        number = parse_number(said)
        if number != number.to_integral_value():
            raise UnknownLevelError
        return int(number)
    if field.kind == FieldKind.PERCENT:
        return parse_number(said)
    if not isinstance(said, str):
        raise UnknownLevelError
    return said


TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}
Schema = dict[str, Any]
FIRST_VERSION, SECOND_VERSION = "v0.9.0", "v1.0.0"
DEFINITION_TYPES = (
    "businessDefinition", "transformationImplementation", "videoTutorial", "tutorial", "implementation",
)  # fmt: skip
"""The types of version 0.9; later versions take any."""


def build_odps_schema(version: str) -> Schema:
    """1.0 lets a team have a name, and ports tags and properties; 1.1 gives ids to rows, and marks what is deprecated."""
    is_first, is_newest = version == FIRST_VERSION, version not in {FIRST_VERSION, SECOND_VERSION}
    ids = {"id": TEXT} if is_newest else {}
    custom = _list(
        _object(
            "property value", property=TEXT, value={}, description=TEXT, **ids, **({"vendor": TEXT} if is_newest else {})
        )
    )  # fmt: skip
    kind = {"enum": list(DEFINITION_TYPES)} if is_first else TEXT
    definitions = _list(_object("type url", type=kind, url=TEXT, description=TEXT, **ids))
    shared = {"customProperties": custom, "authoritativeDefinitions": definitions}
    extras = {**ids, "tags": TEXTS, **shared}
    if is_newest:
        synonyms = _list(
            _object(
                "synonym", id=TEXT, synonym=TEXT, description=TEXT, locale=TEXT, source=TEXT, status=TEXT, customProperties=custom
            )
        )  # fmt: skip
        newest = {"deprecated": FLAG, "synonyms": synonyms, "context": {"type": ["string", "object"]}}
    else:
        newest = {}
    return _object(
        "apiVersion kind id status",
        apiVersion=TEXT, kind={"const": "DataProduct"}, id=TEXT, name=TEXT, version=TEXT, status=TEXT, domain=TEXT, tenant=TEXT,
        productCreatedTs=TEXT, description=_object(purpose=TEXT, limitations=TEXT, usage=TEXT, **shared),
        tags=TEXTS, support=_build_support(extras), team=_build_team(extras, is_first=is_first), **shared,
        **_list_ports({} if is_first else extras, extras, newest), **newest, **({"type": TEXT} if is_newest else {}),
    )  # fmt: skip


def _list_ports(of_data: Schema, extras: Schema, newest: Schema) -> Schema:
    deprecated = {"deprecated": FLAG} if newest else {}
    of_list = extras if newest else {}
    bill = _list(_object("url", type=TEXT, url=TEXT, **of_list))
    contracts = _list(_object("id version", id=TEXT, version=TEXT))
    return {
        "inputPorts": _list(
            _object("name version contractId", name=TEXT, version=TEXT, contractId=TEXT, **deprecated, **of_data)
        ),
        "outputPorts": _list(
            _object(
                "name version", name=TEXT, description=TEXT, type=TEXT, version=TEXT, contractId=TEXT, sbom=bill,
                inputContracts=contracts, **of_data, **newest,
            )
        ),
        "managementPorts": _list(
            _object("name content", name=TEXT, content=TEXT, type=TEXT, url=TEXT, channel=TEXT, description=TEXT, **deprecated, **extras)
        ),
    }  # fmt: skip


def _build_support(extras: Schema) -> Schema:
    return _list(
        _object("channel url", channel=TEXT, url=TEXT, description=TEXT, tool=TEXT, scope=TEXT, invitationUrl=TEXT, **extras)
    )  # fmt: skip


def _build_team(extras: Schema, *, is_first: bool) -> Schema:
    """In 0.9 its members alone."""
    member = _object(
        "" if is_first else "username",
        username=TEXT, name=TEXT, description=TEXT, role=TEXT, dateIn=TEXT, dateOut=TEXT, replacedByUsername=TEXT, **extras,
    )  # fmt: skip
    members = _list(member)
    return members if is_first else _object(name=TEXT, description=TEXT, members=members, **extras)


def _object(required: str = "", /, **members: Any) -> Schema:
    return {
        "type": "object",
        "properties": members,
        "required": required.split(),
        "additionalProperties": False,
    }


def _list(row: Schema) -> Schema:
    return {"type": "array", "items": row}
