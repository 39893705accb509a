"""Who may see and request the demo's products: some are open to the partner outside the bank, one is for its own line."""

from audit.models import Event
from catalog.discovery import DiscoverySettings, read_settings, set_discovery
from catalog.products.models import Audience, DataProduct
from kernel import clock

OPEN_TO_PARTNERS = ("claims", "life-expectancy", "market-prices", "merchants", "policies")
FOR_ITS_LINE = ("fx-exposure",)
AUDIENCES = {
    **dict.fromkeys(OPEN_TO_PARTNERS, Audience.EVERYONE),
    **dict.fromkeys(FOR_ITS_LINE, Audience.LINE),
}


def seed_discovery() -> int:
    """Settings that nobody changed yet, on the word of a product's owner. Returns how many products have their own."""
    for product in DataProduct.objects.filter(slug__in=AUDIENCES).select_related("owner"):
        is_changed = Event.objects.filter(verb="set_discovery", subject=f"product:{product.pk}").exists()
        if not is_changed:
            audience = AUDIENCES[product.slug]
            set_discovery(
                acting_user=product.owner,
                slug=product.slug,
                settings=DiscoverySettings(audience, audience),
                shown=read_settings(product).digest,
                now=clock.now(),
            )
    return len(AUDIENCES)
