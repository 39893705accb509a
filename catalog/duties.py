"""What of the catalog depends on a role or a person; see `identity.departures`."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.products.models import DataProduct, Domain
from identity.departures import DESCRIBE_DUTY, DESCRIBE_OTHERS, Duty
from identity.people.models import Membership, Person

MAX_NAMES = 5


def describe_domains(duty: Duty) -> Iterator[str]:
    """The domains of whose data a data owner decides."""
    if duty.team is None or duty.role != Membership.Role.DATA_OWNER:
        return
    names = list(Domain.objects.filter(owner_team=duty.team).order_by("name").values_list("name", flat=True))
    if names:
        more = len(names) - MAX_NAMES
        shown = ", ".join(names[:MAX_NAMES])
        yield _("decides on the data of %(names)s") % {"names": f"{shown} (+{more})" if more > 0 else shown}


def describe_products(person: Person) -> Iterator[str]:
    """Whose owner the person is."""
    if count := DataProduct.objects.filter(owner=person, retired_at=None).count():
        yield ngettext(
            "owns %(n)d data product; choose another owner in its editor",
            "owns %(n)d data products; choose another owner in their editor",
            count,
        ) % {"n": count}


DESCRIBE_DUTY.append(describe_domains)
DESCRIBE_OTHERS.append(describe_products)
