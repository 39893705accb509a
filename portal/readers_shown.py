"""Who can read a table or a product, never calmer than what was read of AWS."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.select_holders import Holders
from catalog.products.models import DataProduct
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.reading_age import is_too_old
from fulfilment.rounds.models import Scope
from identity.accounts.models import ConnectedCatalog
from requests_app.display_states.vocabulary import Mark
from requests_app.permissions.line_states import reading_at
from requests_app.review.progress import moment


@dataclass(frozen=True)
class ReadersShown:
    """`mark` is empty where the number says all. `read_at`: when it was so, where that is too long ago to be so now."""

    mark: Mark | None
    words: str
    besides: str = ""
    read_at: datetime | None = None


def readers_shown(holders: Holders, account: str, now: datetime) -> ReadersShown:
    """`account` is the owner's name."""
    roles = ngettext("%(n)d role", "%(n)d roles", holders.principals) % {"n": holders.principals}
    if holders.read_at is None:
        return ReadersShown(Mark.NOT_KNOWN, _("Not known yet"))
    if is_too_old(holders.read_at, now):
        return ReadersShown(Mark.NOT_KNOWN, _("Not known"), roles, holders.read_at)
    if holders.open_to_iam:
        every = _("Every role of %(account)s with IAM rights") % {"account": account}
        return ReadersShown(Mark.ATTENTION, every, _("and %(roles)s by permission") % {"roles": roles})
    return ReadersShown(None, roles)


def reading_note(catalog: ConnectedCatalog, now: datetime) -> str:
    """What to say beside facts that rest on the last reading of a catalog's permissions; empty where it is recent. One query."""
    return _note(catalog.short_name, reading_at(catalog), now)


def reading_notes(product: DataProduct, now: datetime) -> list[str]:
    """Of each catalog that the product's tables lie in. One query."""
    readings = ScopeReading.objects.filter(scope__catalog=OuterRef("pk"), scope__kind=Scope.Kind.CATALOG)
    catalogs = ConnectedCatalog.objects.filter(databases__tables__products=product).distinct()
    found = catalogs.annotate(read_at=Subquery(readings.values("read_at")[:1])).order_by("short_name")
    return [note for one in found.values_list("short_name", "read_at") if (note := _note(*one, now))]


def _note(name: str, read_at: datetime | None, now: datetime) -> str:
    if read_at is None:
        said = _("AWS's permissions in %(name)s were not read yet: who else holds what there is not known.")
        return said % {"name": name}
    if is_too_old(read_at, now):
        said = _("AWS's permissions in %(name)s were last read %(at)s: what changed since is not known.")
        return said % {"name": name, "at": moment(read_at)}
    return ""


def has_it(holders: Holders, now: datetime) -> Mark:
    """Of who has access by what was read last."""
    return Mark.NOT_KNOWN if is_too_old(holders.read_at, now) else Mark.YES
