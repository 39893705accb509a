"""Three offers of Insurance, each written and published by its actions. May run again, known by name."""

from dataclasses import dataclass

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.products.offers.actions import publish_offer_version, write_offer
from catalog.products.offers.drafts import OfferDraft
from catalog.products.offers.models import OfferVersion
from demo.seed.people import find_person
from kernel.clock import now as database_now

OWNER = "jonas.weber"
REPORTING_TERMS = """Figures leave the team only where no person can be recognized.
Name Insurance as the source."""
CASE_TERMS = """You look at people's diagnoses and accounts for the case in your purpose, and for no other.
Nothing is copied out of the lake. What you find out about a person stays with those who work on the case."""


@dataclass(frozen=True)
class OfferRow:
    """`table` is `database.table`; `regions` are the values of its column `region` to choose from."""

    product: str
    table: str
    name: str
    summary: str
    highest_class: str
    uses: tuple[str, ...]
    days: int
    terms: str = ""
    regions: tuple[str, ...] = ()


OFFERS = (
    OfferRow(
        "claims", "insurance_gold.claims", "Claims for reporting",
        "Amounts and states without what tells who it was.", "private", ("query", "metadata"), 180, REPORTING_TERMS,
    ),
    OfferRow(
        "claims", "insurance_gold.claims", "Claims of one region, in full",
        "For those who look into cases: every column, of the regions that you choose.", "sensitive", ("query",), 30,
        CASE_TERMS, ("Nord", "West", "Sued", "Ost"),
    ),
    OfferRow(
        "premium-income", "insurance_gold.premium_income", "Premium figures",
        "The figures of the monthly close, for whatever you need them.", "private",
        ("query", "metadata", "data_api", "training"), 365,
    ),
)  # fmt: skip


def seed_offers() -> int:
    """Returns how many there are."""
    for row in OFFERS:
        if not OfferVersion.objects.filter(offer__product__slug=row.product, name=row.name).exists():
            _publish_offer(row)
    return len(OFFERS)


def _publish_offer(row: OfferRow) -> None:
    product = DataProduct.objects.select_related("domain__owner_team").get(slug=row.product)
    database, _dot, name = row.table.partition(".")
    table = Table.objects.get(name=name, database__name=database, tombstoned_at=None)
    draft = OfferDraft(
        name=row.name,
        summary=row.summary,
        scope="tables",
        tables=(table.pk,),
        highest_class=row.highest_class,
        uses=row.uses,
        longest_hours=row.days * 24,
        terms=row.terms,
        row_template="region = {region}" if row.regions else "",
        row_values={"region": row.regions} if row.regions else {},
    )
    owner, now = find_person(OWNER), database_now()
    version = write_offer(acting_user=owner, product=product, domain=product.domain, draft=draft, now=now)
    publish_offer_version(acting_user=owner, version_id=version.pk, now=now)
