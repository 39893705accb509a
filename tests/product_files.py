"""Files of data products, as a person gets them."""

from dataclasses import replace
from typing import Any

import yaml

from catalog.product_files.actions import AppliedFile, apply_product_file
from catalog.product_files.formats import FileFormat, read_file, write_file
from catalog.product_files.plan import ProductPlan, plan_file
from catalog.product_files.state import describe_product
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock


def export(person: Person, slug: str, kind: FileFormat = FileFormat.ODCS_3_1) -> str:
    product = DataProduct.objects.select_related("domain__owner_team").get(slug=slug)
    return write_file(describe_product(person, product), kind)


def export_data(person: Person, slug: str, kind: FileFormat = FileFormat.ODCS_3_1) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(export(person, slug, kind))
    return found


def dump(data: Any) -> str:
    return yaml.safe_dump(data, sort_keys=False)


def get_custom(data: dict[str, Any], name: str) -> dict[str, Any]:
    """The custom property of Meshmarket with this name."""
    found: dict[str, Any] = next(
        one for one in data["customProperties"] if one["property"] == f"meshmarket{name}"
    )
    return found


def plan(person: Person, text: str, **options: Any) -> ProductPlan:
    return plan_file(person, read_file(text), **options)


def apply(person: Person, text: str, **options: Any) -> AppliedFile:
    """As it is planned just now, unless `shown` says otherwise."""
    publishes = options.get("publishes", True)
    shown = options.pop("shown", None) or plan(person, text, publishes=publishes).digest
    return apply_product_file(
        acting_user=person, text=text, shown=shown, note="From a file.", now=clock.now(), **options
    )


def export_changed(person: Person, slug: str, **fields: Any) -> str:
    """The product's file with other fields, as `ProductFile` has them."""
    product = DataProduct.objects.select_related("domain__owner_team").get(slug=slug)
    said = describe_product(person, product)
    return write_file(replace(said, fields={**said.fields, **fields}), FileFormat.ODCS_3_1)
