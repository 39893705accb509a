"""The members of the Open Data Product Standard and their types, as JSON schema by version. The standard comes as no package. Pure."""

from typing import Any

TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}
Schema = dict[str, Any]
FIRST_VERSION, SECOND_VERSION = "v0.9.0", "v1.0.0"
DEFINITION_TYPES = (
    "businessDefinition", "transformationImplementation", "videoTutorial", "tutorial", "implementation",
)  # fmt: skip
"""Of 0.9; later ones take any."""


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
