"""The formats of product files: detected, read, written."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain, islice
from typing import Any

import jsonschema_rs
import open_data_contract_standard
from django.conf import settings
from django.utils.translation import gettext as _

from catalog.product_files import odcs, odps
from catalog.product_files.odps import build_odps_schema
from catalog.product_files.state import FileTable, Path, ProductFile, format_path
from kernel.errors import RefusedError
from kernel.strict_yaml import YamlDocument, parse_yaml_document, write_yaml

CONTEXT = {
    "dprod": "https://ekgf.github.io/dprod/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
}


def write_dprod(product: ProductFile, site_url: str) -> dict[str, Any]:
    """Each table is a data set with a distribution, which an output port gives access to."""
    fields, address = product.fields, f"{site_url}/data-products/{product.slug}/"
    state = product.stated["lifecycle"]
    lifecycle = {
        "@id": f"{site_url}/data-products/#{state}",
        "@type": "dprod:DataProductLifecycleStatus",
        "rdfs:label": state,
    }
    written: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": address,
        "@type": "dprod:DataProduct",
        "rdfs:label": fields["name"],
        "dcterms:title": fields["name"],
        "dcterms:identifier": product.slug,
        "dcterms:description": fields["description"],
        "dprod:purpose": fields["summary"],
        "dprod:domain": {"@id": f"{site_url}/domains/{product.stated['domain']}/"},
        "dprod:lifecycleStatus": lifecycle,
        "dprod:outputPort": [
            _write_port(address, number, table) for number, table in enumerate(fields["tables"], start=1)
        ],
        "dprod:outputDataset": [
            {"@id": f"{address}#dataset-{number}"} for number, _table in enumerate(fields["tables"], start=1)
        ],
        "dprod:inputPort": [_write_input(slug, site_url) for slug in fields["inputs"]],
    }
    if product.stated["version"]:
        written["owl:versionInfo"] = product.stated["version"]
    if fields["keywords"]:
        written["dcat:keyword"] = list(fields["keywords"])
    if product.owner_name:
        mail = product.fields["owner"]
        who = f"mailto:{mail}" if mail else f"{address}#owner"
        owner = {"@id": who, "@type": "prov:Agent", "rdfs:label": product.owner_name}
        written["dprod:dataProductOwner"] = owner
    return written


def _write_port(address: str, number: int, table: FileTable) -> dict[str, Any]:
    return {
        "@id": f"{address}#port-{number}",
        "@type": "dcat:DataService",
        "rdfs:label": table.name,
        "dcat:endpointURL": {"@id": address},
        "dcat:endpointDescription": table.name,
        "dprod:isAccessServiceOf": {
            "@id": f"{address}#distribution-{number}",
            "@type": "dcat:Distribution",
            "dprod:isDistributionOf": _write_set(f"{address}#dataset-{number}", table),
        },
    }


def _write_set(address: str, table: FileTable) -> dict[str, Any]:
    written = {"@id": address, "@type": "dcat:Dataset", "rdfs:label": table.name}
    return {**written, "dcterms:description": table.description} if table.description else written


def _write_input(slug: str, site_url: str) -> dict[str, Any]:
    return {
        "@id": f"{site_url}/data-products/{slug}/#input",
        "@type": "dcat:DataService",
        "rdfs:label": slug,
        "dcat:endpointURL": {"@id": f"{site_url}/data-products/{slug}/"},
    }


MAX_MESSAGE_LENGTH, MAX_ERRORS = 200, 100
FIRST_VERSION, SECOND_VERSION, NEWEST_VERSION = "v3.0.0", "v3.0.1", "v3.2.0"
Validator = jsonschema_rs.Draft201909Validator
MAX_FILE_LENGTH = 300_000
"""Characters."""
FILE_FIELD = "file"


class FileFormat(StrEnum):
    ODCS_3_1 = "odcs"
    ODCS_3_2 = "odcs-3.2"
    ODPS = "odps"
    DPROD = "dprod"


FILE_ENDINGS = {
    FileFormat.ODCS_3_1: "odcs.yaml",
    FileFormat.ODCS_3_2: "odcs.yaml",
    FileFormat.ODPS: "odps.yaml",
    FileFormat.DPROD: "dprod.jsonld",
}


@dataclass(frozen=True)
class ReadFile:
    """What a file says, and where it says it."""

    product: ProductFile
    document: YamlDocument

    def describe(self, field: str, message: str) -> str:
        """The message with the place of the field."""
        path = self.product.places.get(field)
        return message if path is None else _describe_place(self.document, path, message)

    def find_line(self, path: Path) -> int:
        return self.document.find_line(path)


def write_file(product: ProductFile, kind: FileFormat) -> str:
    """As YAML, or as JSON-LD."""
    if kind == FileFormat.DPROD:
        return json.dumps(write_dprod(product, settings.SITE_URL), indent=2, ensure_ascii=False) + "\n"
    if kind == FileFormat.ODPS:
        written = odps.write_odps(product, settings.SITE_URL)
    else:
        version = odcs.VENDOR_VERSION if kind == FileFormat.ODCS_3_2 else odcs.DEFAULT_VERSION
        written = odcs.write_odcs(product, version)
    return write_yaml(written)


def read_file(text: str) -> ReadFile:
    """RefusedError, with line and path, for what follows no standard that can be read."""
    if len(text) > MAX_FILE_LENGTH:
        raise RefusedError(
            _("A file can have at most %(most)s characters.") % {"most": MAX_FILE_LENGTH}, FILE_FIELD
        )
    document = parse_yaml_document(text.removeprefix("\ufeff"), FILE_FIELD)
    get_validator, versions, read = _choose_standard(document.data)
    version = document.data.get("apiVersion")
    if version not in versions:
        words = {"known": ", ".join(versions)}
        said = _("Meshmarket reads these versions of the standard: %(known)s.") % words
        raise RefusedError(_describe_place(document, ["apiVersion"], said), FILE_FIELD)
    errors = list(islice(get_validator(version).iter_errors(document.data), MAX_ERRORS))
    if errors:
        error = _choose_error(errors)
        raise RefusedError(
            _describe_place(document, error.instance_path, _shorten(error.message)), FILE_FIELD
        )
    product = read(document.data)
    if not product.slug.strip():
        raise RefusedError(_describe_place(document, ["id"], _("Give the product an id.")), FILE_FIELD)
    return ReadFile(product, document)


def _choose_standard(
    data: Any,
) -> tuple[Callable[[str], Validator], tuple[str, ...], Callable[[Any], ProductFile]]:
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind == odcs.KIND:
        return get_odcs_validator, odcs.VERSIONS, odcs.read_odcs
    if kind == odps.KIND:
        return _get_odps_validator, odps.VERSIONS, partial(odps.read_odps, site_url=settings.SITE_URL)
    raise RefusedError(
        _(
            "The file is neither a data contract (ODCS) nor a data product (ODPS) of Bitol: see its member “kind”."
        ),
        FILE_FIELD,
    )


@cache
def get_odcs_validator(version: str) -> Validator:
    """The validator of the standard's version, such as `v3.1.0`."""
    # The conditions on `logicalType` also hold where a column has none, so that each such column would need a
    # `map`: here they ask for the member first.
    schema = json.loads(_find_odcs_schema(version).read_text(encoding="utf-8"))
    if version == FIRST_VERSION:
        del schema["properties"]["authoritativeDefinitions"]
    for rule in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        if "if" in rule:
            rule["if"]["required"] = ["logicalType"]
    return Validator(schema)


@cache
def _get_odps_validator(version: str) -> Validator:
    return Validator(build_odps_schema(version))


def _find_odcs_schema(version: str) -> Traversable:
    """The newest is in the package; 3.0.0 is 3.0.1 without a member."""
    if version == NEWEST_VERSION:
        return files(open_data_contract_standard) / "schema.json"
    own = SECOND_VERSION if version == FIRST_VERSION else version
    return files("catalog.product_files") / "odcs_schemas" / f"{own}.json"


def _describe_place(document: YamlDocument, path: Sequence[str | int], message: str) -> str:
    """The message with the path of a value and its line."""
    words = {"line": document.find_line(path), "path": format_path(path), "message": message}
    if not words["path"]:
        return _("Line %(line)s: %(message)s") % words
    return _("Line %(line)s, %(path)s: %(message)s") % words


def _choose_error(errors: Sequence[Any]) -> Any:
    """The one that says most: not that a member is left over where one of its values is wrong, and of alternatives the error in
    the one that fits best.
    """
    exact = [one for one in errors if "unevaluated" not in one.kind.name.lower()]
    error = (exact or errors)[0]
    branches: Iterable[Any] = getattr(error.kind, "context", ())
    inner = list(chain.from_iterable(branches))
    return max(inner, key=lambda one: len(one.instance_path)) if inner else error


def _shorten(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE_LENGTH else f"{message[:MAX_MESSAGE_LENGTH]}…"
