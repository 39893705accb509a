"""What a yes would make true, from rows alone: a preview costs no AWS call."""

from collections.abc import Collection, Sequence

from django.db.models import Q

from fulfilment.models import Observed
from fulfilment.observed import held_in
from identity.models import Account, ConnectedCatalog
from lakeformation.effects import Effects, TableColumn, effects
from lakeformation.observation import IAM_ALLOWED_PRINCIPALS
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
    owner, consumer = access.owner, access.consumer
    inside = dict(
        Account.objects.filter(account_id__in=[owner, consumer]).values_list("account_id", "in_organisation")
    )
    return effects(
        access,
        columns=table_columns,
        asked=asked,
        held=held_in(catalog, rows),
        registered=_is_registered(catalog, access),
        in_organisation=all(inside.values()),
    )


def _is_registered(catalog: ConnectedCatalog, access: Access) -> bool:
    """By the last reading of the catalog's locations; unknown counts as not registered."""
    wanted = access.registration
    if wanted is None:
        return True
    return any(
        wanted.arn == arn or wanted.arn.startswith(arn.rstrip("/") + "/")
        for arn in catalog.registered_locations.values_list("arn", flat=True)
    )
