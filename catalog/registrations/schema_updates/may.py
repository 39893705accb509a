"""Who may see and decide on a schema update."""

from django.db.models import QuerySet

from catalog.products.may import NOBODY, list_data_owner_ids
from catalog.registrations.may import may_end_registration, visible_registrations
from catalog.registrations.schema_updates.models import SchemaUpdate
from identity.people.models import Person
from identity.role_changes.bars import filter_unbarred, may_decide_row
from kernel.verdicts import Verdict


def visible_schema_updates(person: Person) -> QuerySet[SchemaUpdate]:
    """Selects updates of the registrations that the person may see."""
    return SchemaUpdate.objects.filter(registration__in=visible_registrations(person).values("pk"))


def may_decide_schema_update(person: Person, update: SchemaUpdate) -> Verdict:
    """A data owner of the domain."""
    verdict = may_end_registration(person, update.registration)
    return may_decide_row(person, update, "decided_by") if verdict else verdict


def list_deciders(update: SchemaUpdate) -> list[int]:
    """Ids of the data owners of the domain who may decide on it."""
    owners = list_data_owner_ids(update.registration.domain, without=NOBODY)
    return filter_unbarred(owners, update, "decided_by")
