"""Publish a product from a file: a developer imports a data contract, a data owner publishes it."""

from pathlib import Path

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.products.models import DataProduct
from demo.pages.tour.publishers import find_publishers
from demo.pages.tour.steps import TourSection, TourSnippet, TourStart, TourStep

DOMAIN, SLUG = "retail-banking", "branch-visits"
CONTRACT_FILE = Path(__file__).parent / "branch-visits.odcs.yaml"


def build_importing_section(_start: TourStart) -> TourSection | None:
    """The file names its product, which counts whenever it was imported."""
    publishers = find_publishers(DOMAIN)
    if publishers is None:
        return None
    product = DataProduct.objects.filter(slug=SLUG).first()
    is_published = product is not None and product.is_published
    draft = reverse("data-product-draft", args=[SLUG]) if product else reverse("my-products")
    return TourSection("from-file", _("Publish a data product from a file"), [
        TourStep(
            title=_("Import a data contract"),
            text=_("Producers can keep a product as a file beside its pipeline. Copy this data contract (ODCS 3.1), paste it on the import page, look at what it changes, and save it as a draft."),
            person=publishers.developer, url=reverse("data-product-import"), action=_("Import the file"), is_done=product is not None,
            snippet=TourSnippet(_("Data contract"), CONTRACT_FILE.read_text()),
        ),
        TourStep(
            title=_("Publish it"),
            text=_("The file has all that the publication rules ask for: description, terms of use, service levels and an example. Check the draft and publish it."),
            person=publishers.owner, url=reverse("data-product", args=[SLUG]) if is_published else draft,
            action=_("Open the product") if is_published else _("Publish the draft"), is_done=is_published,
        ),
    ])  # fmt: skip
