"""What a yes would make true, from rows alone: a preview costs no AWS call."""

from collections.abc import Collection, Sequence

from django.db.models import Q

from fulfilment.models import Intent, Observed
from fulfilment.observed import held_in
from identity.models import Account, ConnectedCatalog
from lakeformation.effects import Effects, TableColumn, effects
from lakeformation.observation import IAM_ALLOWED_PRINCIPALS
from lakeformation.rows import Held
from lakeformation.wanted import Access


def preview(access: Access, *, table_columns: Sequence[TableColumn], asked: Collection[str] = ()) -> Effects:
    """The effects of `access`, given the mirrored columns and the permissions last observed.

    `asked` are the columns asked for by name, partition keys among them, which `access` cannot hold.
    """
    catalog = ConnectedCatalog.objects.select_related("account").get(
        account__account_id=access.owner, region=access.region, short_name=access.catalog_short_name
    )
    rows = Observed.objects.filter(
        Q(principal_arn__in=[access.principal_arn, IAM_ALLOWED_PRINCIPALS]),
        catalog=catalog,
        database=access.database,
    )
    landed, linked = _landed(access)
    owner, consumer = access.owner, access.consumer
    inside = dict(
        Account.objects.filter(account_id__in=[owner, consumer]).values_list("account_id", "in_organisation")
    )
    return effects(
        access,
        columns=table_columns,
        asked=asked,
        held=held_in(catalog, rows) | landed,
        linked=linked,
        registered=_is_registered(catalog, access),
        in_organisation=all(inside.values()),
    )


def _landed(access: Access) -> tuple[Held, bool]:
    """What intents that are present hold in the consumer's catalog for this principal, and whether its link is there."""
    if access.link is None:
        return {}, False
    present = Intent.objects.filter(
        presence=Intent.Presence.PRESENT,
        ended_at__isnull=True,
        wanted__owner=access.owner,
        wanted__region=access.region,
        wanted__consumer=access.consumer,
        wanted__database=access.database,
    )
    others = [Access.from_json(intent.wanted) for intent in present]
    ours = [other for other in others if other.principal_arn == access.principal_arn]
    held = {p: c for other in ours for p, c in other.permissions() if p.place == access.landing}
    return held, bool(others)


def _is_registered(catalog: ConnectedCatalog, access: Access) -> bool:
    """By the last reading of the catalog's locations; unknown counts as not registered."""
    wanted = access.registration
    if wanted is None:
        return True
    return any(
        wanted.arn == arn or wanted.arn.startswith(arn.rstrip("/") + "/")
        for arn in catalog.registered_locations.values_list("arn", flat=True)
    )
