"""The formats of product files: detected, read, written."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.product_files import odcs, odps
from catalog.product_files.dprod import write_dprod
from catalog.product_files.schemas import (
    Validator,
    check_schema,
    describe_place,
    get_odcs_validator,
    get_odps_validator,
)
from catalog.product_files.values import Path, ProductFile
from kernel.errors import RefusedError
from kernel.strict_yaml import YamlDocument, parse_yaml_document, write_yaml

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
        return message if path is None else describe_place(self.document, path, message)

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
        raise RefusedError(describe_place(document, ["apiVersion"], said), FILE_FIELD)
    check_schema(document, get_validator(version), FILE_FIELD)
    product = read(document.data)
    if not product.slug.strip():
        raise RefusedError(describe_place(document, ["id"], _("Give the product an id.")), FILE_FIELD)
    return ReadFile(product, document)


def _choose_standard(
    data: Any,
) -> tuple[Callable[[str], Validator], tuple[str, ...], Callable[[Any], ProductFile]]:
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind == odcs.KIND:
        return get_odcs_validator, odcs.VERSIONS, odcs.read_odcs
    if kind == odps.KIND:
        return get_odps_validator, odps.VERSIONS, partial(odps.read_odps, site_url=settings.SITE_URL)
    raise RefusedError(
        _(
            "The file is neither a data contract (ODCS) nor a data product (ODPS) of Bitol: see its member “kind”."
        ),
        FILE_FIELD,
    )
