"""Change who may see and request a product."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.discovery.may import may_set_discovery
from catalog.discovery.models import DiscoveryTeam
from catalog.discovery.settings import DiscoverySettings, check_settings, read_settings
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed


@transaction.atomic(durable=True)
def set_discovery(
    *, acting_user: Person, slug: str, settings: DiscoverySettings, shown: str, now: datetime
) -> DataProduct:
    """Grants stay, and their holders go on seeing the product. `shown` is the digest of the settings that were shown.

    NotFoundError for a product that the person may not see, ForbiddenError for whoever is no data owner of its domain,
    RefusedError for an invalid field, or if the settings changed since.
    """
    return write_settings(person=acting_user, slug=slug, settings=settings, shown=shown, now=now)


def write_settings(
    *, person: Person, slug: str, settings: DiscoverySettings, shown: str, now: datetime
) -> DataProduct:
    """`set_discovery` within the caller's transaction."""
    rows = DataProduct.objects.select_for_update(of=("self",)).select_related("domain__owner_team")
    product = rows.filter(slug=slug, pk__in=visible_products(person).values("pk")).first()
    if product is None:
        raise NotFoundError
    require_allowed(may_set_discovery(person, product))
    before = read_settings(product)
    if before.digest != shown:
        raise RefusedError(_("The settings have changed in the meantime. Check them again."), "shown")
    check_settings(settings, product)
    if before.digest == settings.digest:
        return product
    product.seen_by, product.requested_by = settings.seen_by, settings.requested_by
    product.save(update_fields=["seen_by", "requested_by"])
    product.discovery_teams.all().delete()
    DiscoveryTeam.objects.bulk_create(
        DiscoveryTeam(product=product, team_id=team, may_request=requests)
        for team, requests in settings.teams.items()
    )
    data = {"before": _describe(before), "after": _describe(settings)}
    record_by_person("set_discovery", person, f"product:{product.pk}", data, now)
    return product


def _describe(settings: DiscoverySettings) -> dict[str, object]:
    return {
        "seen_by": settings.seen_by,
        "requested_by": settings.requested_by,
        "teams": list(settings.teams),
        "requesting_teams": [team for team, requests in settings.teams.items() if requests],
    }
