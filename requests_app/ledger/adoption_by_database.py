"""Can a permission on every table of a database become a grant? Where one domain answers for it, as for an ask."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Database
from fulfilment.ledger.lines import Line
from identity.accounts.models import ConnectedCatalog
from identity.errors import RefusedError
from identity.people.models import Person
from requests_app.by_database.reach import Whole, whole


def whole_by_line(catalog: ConnectedCatalog, line: Line, person: Person) -> Whole:
    """RefusedError where it is not mirrored, holds too much, or is not all of one domain and the person's to see."""
    rows = Database.objects.select_related("domain__owner_team", "catalog__account")
    database = rows.filter(catalog=catalog, name=line.permission.database, tombstoned_at=None).first()
    if database is None:
        raise RefusedError(_("The database is not in the portal's copy of the catalog. Sync it first."))
    found = whole(database, person)
    if refusal := found.refusal or found.obstacle:
        raise RefusedError(refusal)
    return found
