"""Who may see what of the catalog, and who may ask for a reading of it."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.models import DataProduct, ProductTable, Table
from catalog.searches import SavedSearch
from identity.people.may import has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from identity.verdicts import ALLOWED, Verdict, refused

MAKERS = (Membership.Role.DATA_OWNER, Membership.Role.DEVELOPER)


def visible_products(person: Person) -> QuerySet[DataProduct]:
    """What is published; and what is not yet, for its owner and for who makes products in its domain."""
    teams = Membership.objects.filter(person=person, role__in=MAKERS).values("team")
    return DataProduct.objects.filter(
        Q(is_published=True) | Q(owner=person) | Q(domain__owner_team__in=teams)
    )


def visible_tables(person: Person) -> QuerySet[Table]:
    """Tables in no product, and those of products that the person may see; tombstones among them."""
    linked = ProductTable.objects.filter(table=OuterRef("pk"))
    shown = linked.filter(product__in=visible_products(person))
    return Table.objects.filter(~Exists(linked) | Exists(shown))


def may_request_sync(person: Person) -> Verdict:
    """Governance admins and stewards: a reading costs calls in every account."""
    roles = (PlatformRole.Role.GOVERNANCE_ADMIN, PlatformRole.Role.STEWARD)
    if person.is_active and has_platform_role(person, *roles):
        return ALLOWED
    return refused("Only a governance admin or a steward may ask for a sync.")


def may_resume_sync(person: Person) -> Verdict:
    """Who may ask for a reading may say that what it misses is gone."""
    return may_request_sync(person)


def may_drop_sync(person: Person) -> Verdict:
    """Who may ask for a reading may say that what it misses stays."""
    return may_request_sync(person)


def may_save_search(person: Person) -> Verdict:
    """Everyone who may sign in, for themselves."""
    return ALLOWED if person.is_active else refused("Your account is closed.")


def may_delete_search(person: Person, saved: SavedSearch) -> Verdict:
    """The one whose it is."""
    return ALLOWED if saved.person_id == person.pk else refused("This search is another person's.")


def may_forget_searches(person: Person) -> Verdict:
    """Everyone their own."""
    return may_save_search(person)
