"""Words that people at Harbour Bank use for one thing, and the products that they speak of."""

from dataclasses import dataclass

from catalog.glossary.models import Term, TermLink
from catalog.glossary.search_keys import index_terms
from catalog.products.models import DataProduct, Domain


@dataclass(frozen=True)
class TermRow:
    slug: str
    name: str
    domain: str
    definition: str
    synonyms: tuple[str, ...]
    products: tuple[str, ...]


TERMS = (
    TermRow(
        "churn", "Churn", "retail-banking",
        "A customer who closed the last account within a year, by their own wish.",
        ("attrition", "customer loss"), ("customer-360",),
    ),
    TermRow(
        "claim", "Claim", "insurance",
        "A policyholder's demand to be paid for a loss that the policy covers, from its report to its last payment.",
        ("indemnity", "loss event"), ("claims",),
    ),
    TermRow(
        "lcr", "Liquidity coverage ratio", "treasury",
        "High-quality liquid assets over the net outflows of thirty days under stress; the regulator asks for 100 %.",
        ("LCR", "liquidity buffer"), ("liquidity-coverage",),
    ),
    TermRow(
        "mortgage", "Mortgage", "retail-banking",
        "A loan that is secured by a property.", ("home loan", "housing credit"), ("mortgage-book",),
    ),
    TermRow(
        "premium", "Premium", "insurance",
        "What a policyholder pays for cover: written when it is agreed, earned as time goes by.",
        ("insurance fee",), ("premium-income",),
    ),
    TermRow(
        "reinsurance", "Reinsurance", "insurance",
        "Cover that the insurer buys for its own risks; the part passed on is ceded.",
        ("ceded risk", "retrocession"), ("reinsurance",),
    ),
)  # fmt: skip


def seed_terms() -> int:
    """Make the terms that are missing, with their links; returns how many there are."""
    for row in TERMS:
        domain = Domain.objects.get(slug=row.domain)
        term, is_new = Term.objects.get_or_create(
            slug=row.slug,
            defaults={
                "name": row.name,
                "definition": row.definition,
                "synonyms": list(row.synonyms),
                "owner_team_id": domain.owner_team_id,
            },
        )
        if is_new:
            products = DataProduct.objects.filter(slug__in=row.products)
            TermLink.objects.bulk_create(TermLink(term=term, product=product) for product in products)
    index_terms()
    return len(TERMS)
