"""Data products as DPROD, by the shapes of the vocabulary."""

import json
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from hypothesis import given, settings
from rdflib import RDF, Graph, Namespace

from catalog.product_files.formats import FileFormat, write_file
from catalog.product_files.state import ProductFile
from catalog.products.models import DataProduct
from tests.bank import Bank
from tests.catalog.product_files.random_products import PRODUCT_FILES
from tests.product_files import export

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
SHAPES = Path(__file__).parent / "dprod_shapes.ttl"
DPROD = Namespace("https://ekgf.github.io/dprod/")


def validate_shapes(text: str) -> tuple[bool, str]:
    graph = Graph().parse(data=text, format="json-ld")
    assert list(graph.subjects(RDF.type, DPROD.DataProduct))
    conforms, _graph, report = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES))
    return bool(conforms), str(report)


def test_an_export_follows_the_shapes_of_dprod(bank: Bank) -> None:
    bank.product.inputs.add(DataProduct.objects.create(
        slug="source", name="Source", summary="x", domain=bank.domain, owner=bank.ines
    ))  # fmt: skip
    text = export(bank.ines, bank.product.slug, FileFormat.DPROD)
    conforms, report = validate_shapes(text)
    assert conforms, report


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("dprod:dataProductOwner", {"@id": "mailto:x@y.example"}),
        ("dprod:outputPort", {"@id": "https://x.example/", "@type": "dcat:Dataset"}),
        ("dprod:outputDataset", {"@id": "https://x.example/"}),
        ("dprod:inputPort", {"@id": "https://x.example/"}),
        ("dprod:lifecycleStatus", {"@id": "https://x.example/"}),
        ("dcterms:description", 7),
        ("dprod:purpose", 7),
        ("rdfs:label", 7),
    ],
)
def test_the_shapes_refuse_what_they_should(bank: Bank, member: str, value: Any) -> None:
    data = json.loads(export(bank.ines, bank.product.slug, FileFormat.DPROD))
    conforms, report = validate_shapes(json.dumps({**data, member: value}))
    assert not conforms, report


@settings(max_examples=10, deadline=None)
@given(product=PRODUCT_FILES)
def test_every_dprod_file_follows_the_shapes(product: ProductFile) -> None:
    conforms, report = validate_shapes(write_file(product, FileFormat.DPROD))
    assert conforms, report
