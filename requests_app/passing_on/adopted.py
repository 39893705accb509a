"""What passing on an adopted envelope needs: its owner agreed to nothing that would have to be made, so it must be there."""

from dataclasses import replace

from django.utils.translation import gettext as _

from fulfilment.observations.models import Observed
from fulfilment.preview.tables import is_in_hybrid_mode
from identity.errors import RefusedError
from lakeformation.observation.reading import covers
from lakeformation.values.permissions import DESCRIBE
from requests_app.passing_on.offered import Offered


def check_ready(offer: Offered) -> None:
    """RefusedError where a member would get nothing to read by, as last read of AWS. Three queries of an adopted one."""
    if offer.access.adopted and (reason := _why_not(offer)):
        raise RefusedError(reason % {"table": offer.grant.table})


def _why_not(offer: Offered) -> str:
    access, catalog = offer.access, offer.grant.table.database.catalog
    held = Observed.objects.filter(catalog=catalog, principal_arn=access.principal_arn, condition="")
    if not held.filter(database=access.database, table="", verb=DESCRIBE, grantable=True).exists():
        return _(
            "The account may not pass on DESCRIBE on the database of %(table)s, without which nobody finds it."
        )
    location = replace(access, adopted=False).registration
    if location is None:
        return ""
    registered = catalog.registered_locations.values_list("arn", flat=True)
    if not any(covers(arn, location.arn) for arn in registered):
        return _(
            "The data of %(table)s are not registered with Lake Formation: its owner has to agree to that first."
        )
    if is_in_hybrid_mode(catalog, location.arn):
        return _("The data of %(table)s lie in hybrid access mode, where each reader is opted in by name.")
    return ""
