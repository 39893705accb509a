"""Notes about catalogs whose permissions were read too long ago."""

from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from catalog.products.models import DataProduct
from fulfilment.observations.models import ScopeReading, is_reading_too_old
from fulfilment.rounds import Scope
from identity.accounts import ConnectedCatalog
from requests_app.permissions.permission_states import get_reading_time
from requests_app.review.access_status import format_moment


def describe_reading_age(catalog: ConnectedCatalog, now: datetime) -> str:
    """A note if the catalog's permissions were last read too long ago, else empty. One query."""
    return _describe_age(catalog.short_name, get_reading_time(catalog), now)


def list_reading_notes(product: DataProduct, now: datetime) -> list[str]:
    """Notes for the catalogs of the product's tables. One query."""
    readings = ScopeReading.objects.filter(scope__catalog=OuterRef("pk"), scope__kind=Scope.Kind.CATALOG)
    catalogs = ConnectedCatalog.objects.filter(databases__tables__products=product).distinct()
    found = catalogs.annotate(read_at=Subquery(readings.values("read_at")[:1])).order_by("short_name")
    return [note for one in found.values_list("short_name", "read_at") if (note := _describe_age(*one, now))]


def _describe_age(name: str, read_at: datetime | None, now: datetime) -> str:
    if read_at is None:
        said = _(
            "The permissions of AWS in %(name)s have not been read yet, so other access there is not known."
        )
        return said % {"name": name}
    if is_reading_too_old(read_at, now):
        said = _("The permissions of AWS in %(name)s were last read %(at)s. Later changes are not known.")
        return said % {"name": name, "at": format_moment(read_at)}
    return ""
