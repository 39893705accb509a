"""Data products in the DPROD vocabulary of the OMG, as JSON-LD. Pure."""

from typing import Any

from catalog.product_files.values import FileTable, ProductFile

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
