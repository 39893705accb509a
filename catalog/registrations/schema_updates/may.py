"""Who may see and decide on a schema update."""

from django.db.models import QuerySet

from catalog.registrations.may import may_end_registration, visible_registrations
from catalog.registrations.schema_updates.models import SchemaUpdate
from identity.people.models import Person
from identity.verdicts import Verdict


def visible_schema_updates(person: Person) -> QuerySet[SchemaUpdate]:
    """Those of the registrations that the person may see."""
    return SchemaUpdate.objects.filter(registration__in=visible_registrations(person).values("pk"))


def may_approve_schema_update(person: Person, update: SchemaUpdate) -> Verdict:
    """A data owner of the domain."""
    return may_end_registration(person, update.registration)


def may_reject_schema_update(person: Person, update: SchemaUpdate) -> Verdict:
    """Whoever may approve it."""
    return may_approve_schema_update(person, update)
