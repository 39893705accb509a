"""Publish a product from tables: a developer drafts it, a data owner completes and publishes it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.products.models import DataProduct
from catalog.revisions.queries import get_draft
from catalog.revisions.rule_results import check_draft
from demo.pages.tour.publishers import Publishers, find_publishers
from demo.pages.tour.steps import TourSection, TourSnippet, TourStart, TourStep
from kernel import clock

DOMAIN = "insurance"
DATABASE, TABLES = "insurance_silver", ("claims_clean", "policy_events")
EXAMPLE = """SELECT event_type, count(*) AS events
FROM insurance_silver.policy_events
GROUP BY event_type"""


def build_drafting_section(start: TourStart) -> TourSection | None:
    publishers = find_publishers(DOMAIN)
    if publishers is None:
        return None
    made = DataProduct.objects.filter(domain=publishers.domain, pk__gt=start.product).order_by("-pk").first()
    steps = [_build_draft_step(publishers, made), *_build_publish_steps(publishers, made)]
    return TourSection("from-tables", _("Publish a data product from tables"), steps)


def _build_draft_step(publishers: Publishers, product: DataProduct | None) -> TourStep:
    words = {"domain": publishers.domain.name, "first": TABLES[0], "second": TABLES[1], "database": DATABASE}
    return TourStep(
        title=_("Draft it"),
        text=_("Create a product of %(domain)s with a name and a summary of your own. Then choose the tables %(first)s and %(second)s in %(database)s and save the draft. Only the team sees it.") % words,
        person=publishers.developer,
        url=reverse("data-product-edit", args=[product.slug]) if product else reverse("data-product-new"),
        action=_("Choose its tables") if product else _("Create a product"),
        is_done=product is not None and _has_tables(product),
    )  # fmt: skip


def _build_publish_steps(publishers: Publishers, product: DataProduct | None) -> list[TourStep]:
    is_published = product is not None and product.is_published
    is_complete = is_published or (product is not None and _is_complete(product))
    draft = reverse("data-product-draft", args=[product.slug]) if product else reverse("my-products")
    page = reverse("data-product", args=[product.slug]) if product and is_published else draft
    return [
        TourStep(
            title=_("Complete it"),
            text=_("The draft lists the publication rules that it does not meet yet, each with a link to its field. Write a description of a sentence or two, where consumers get help, how old and how complete the data is, and the terms of use. Copy the example below, or write your own. Save the draft."),
            person=publishers.owner, url=draft, action=_("Complete the draft"), is_done=is_complete,
            snippet=TourSnippet(_("Example in SQL"), EXAMPLE),
        ),
        TourStep(
            title=_("Publish it"),
            text=_("When every rule is met, publish the draft. From then on, everyone in the organisation finds the product and can request it."),
            person=publishers.owner, url=page,
            action=_("Open the product") if is_published else _("Publish the draft"), is_done=is_published,
        ),
    ]  # fmt: skip


def _has_tables(product: DataProduct) -> bool:
    draft = get_draft(product)
    tables = draft.content["tables"] if draft else product.product_tables.values_list("table", flat=True)
    return len(tables) >= len(TABLES)


def _is_complete(product: DataProduct) -> bool:
    draft = get_draft(product)
    return draft is not None and all(
        one.is_met for one in check_draft(product.owner, product, draft, clock.now())
    )
