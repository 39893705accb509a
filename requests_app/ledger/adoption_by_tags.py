"""Can a permission by LF-Tags become a grant? Where all that its expression reaches is one domain's, as for an ask."""

from django.utils.translation import gettext as _

from fulfilment.ledger.lines import Line
from identity.accounts.models import ConnectedCatalog
from identity.errors import RefusedError
from identity.people.models import Person
from lakeformation.values.permissions import SELECT, Permission
from lakeformation.values.tag_expressions import ANY_VALUE
from requests_app.by_tags.reach import Reached, reached


def why_not_by_tags(one: Permission) -> str:
    """Why one of this shape can be no grant, as a sentence; empty when it can. Whether it is grantable is asked before."""
    assert one.policy is not None
    if one.policy.name:
        return _("It is held by an expression that is kept in AWS under a name, and may be changed there.")
    if one.condition:
        return _("It counts under a condition alone, and a grant knows none.")
    if one.verb != SELECT or one.policy.kind != "TABLE":
        return _("Alone it can be no grant: it is adopted with the SELECT by the same LF-Tags.")
    if any(ANY_VALUE in values for _key, values in one.policy.expression.keys):
        return _("It is open for every value of an LF-Tag; a grant names the values.")
    return ""


def reached_by_line(catalog: ConnectedCatalog, line: Line, person: Person) -> Reached:
    """RefusedError where the tags reach nothing, too much, or what is not all of one domain and the person's to see."""
    policy = line.permission.policy
    assert policy is not None
    found = reached(catalog, policy.expression, person)
    if refusal := found.refusal or found.obstacle:
        raise RefusedError(refusal)
    return found
