"""What of the mesh a person's reports are about: what they may find; everything for governance admins and auditors."""

from django.db.models import QuerySet

from catalog.mirror.models import Table
from catalog.products.may import (
    EDITOR_ROLES,
    formerly_visible_products,
    list_maintained_products,
    visible_products,
    visible_tables,
)
from catalog.products.models import DataProduct
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Person


def list_mesh_products(person: Person) -> QuerySet[DataProduct]:
    """With retired ones. People from outside count what they find alone."""
    if not person.is_external and can_read_everything(person):
        return DataProduct.objects.all()
    wanted = (
        visible_products(person)
        .values("pk")
        .union(formerly_visible_products(person).values("pk"), list_maintained_products(person).values("pk"))
    )
    return DataProduct.objects.filter(pk__in=wanted)


def list_mesh_tables(person: Person) -> QuerySet[Table]:
    """Live ones that the person finds. Those of a draft alone are shown to who may see the draft."""
    return visible_tables(person).filter(tombstoned_at=None, database__tombstoned_at=None)


def sees_searches_without_result(person: Person) -> bool:
    """Who publishes data, and who reads the whole mesh."""
    if not person.is_active or person.is_external:
        return False
    return can_read_everything(person) or bool(get_team_ids_with_role(person, *EDITOR_ROLES))
