"""The members of the Open Data Product Standard 1.1 and their types, as JSON schema. The standard comes as no package. Pure."""

from typing import Any

TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}


def _object(required: str = "", **members: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": required.split(),
        "additionalProperties": False,
    }


def _list(row: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": row}


CUSTOM = _list(_object("property value", id=TEXT, property=TEXT, value={}, description=TEXT, vendor=TEXT))
DEFINITIONS = _list(_object("type url", id=TEXT, type=TEXT, url=TEXT, description=TEXT))
EXTRAS: dict[str, Any] = {
    "id": TEXT,
    "tags": TEXTS,
    "customProperties": CUSTOM,
    "authoritativeDefinitions": DEFINITIONS,
}
SYNONYMS = _list(
    _object(
        "synonym", id=TEXT, synonym=TEXT, description=TEXT, locale=TEXT, source=TEXT, status=TEXT, customProperties=CUSTOM
    )
)  # fmt: skip
CONTEXT = {"type": ["string", "object"]}
SINCE_1_1: dict[str, Any] = {"deprecated": FLAG, "synonyms": SYNONYMS, "context": CONTEXT}
MEMBER = _object(
    "username", username=TEXT, name=TEXT, description=TEXT, role=TEXT, dateIn=TEXT, dateOut=TEXT, replacedByUsername=TEXT, **EXTRAS
)  # fmt: skip
OUTPUT_PORT = _object(
    "name version", name=TEXT, description=TEXT, type=TEXT, version=TEXT, contractId=TEXT,
    sbom=_list(_object("url", type=TEXT, url=TEXT, **EXTRAS)), inputContracts=_list(_object("id version", id=TEXT, version=TEXT)),
    **EXTRAS, **SINCE_1_1,
)  # fmt: skip
ODPS_SCHEMA = _object(
    "apiVersion kind id status",
    apiVersion=TEXT, kind={"const": "DataProduct"}, id=TEXT, name=TEXT, version=TEXT, status=TEXT, domain=TEXT, tenant=TEXT,
    type=TEXT, productCreatedTs=TEXT,
    description=_object(
        purpose=TEXT, limitations=TEXT, usage=TEXT, customProperties=CUSTOM, authoritativeDefinitions=DEFINITIONS
    ),
    tags=TEXTS, customProperties=CUSTOM, authoritativeDefinitions=DEFINITIONS,
    inputPorts=_list(
        _object("name version contractId", name=TEXT, version=TEXT, contractId=TEXT, deprecated=FLAG, **EXTRAS)
    ),
    outputPorts=_list(OUTPUT_PORT),
    managementPorts=_list(
        _object("name content", name=TEXT, content=TEXT, type=TEXT, url=TEXT, channel=TEXT, description=TEXT, deprecated=FLAG, **EXTRAS)
    ),
    support=_list(
        _object("channel url", channel=TEXT, url=TEXT, description=TEXT, tool=TEXT, scope=TEXT, invitationUrl=TEXT, **EXTRAS)
    ),
    team=_object(name=TEXT, description=TEXT, members=_list(MEMBER), **EXTRAS),
    **SINCE_1_1,
)  # fmt: skip
