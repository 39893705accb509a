"""Who may see, make and decide on derivation requests."""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.derivation.models import DerivationRequest
from catalog.products.may import (
    EDITOR_ROLES,
    is_data_owner,
    is_product_editor,
    is_product_owner,
    list_data_owner_ids,
    visible_products,
    visible_tables,
)
from catalog.products.models import DataProduct
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Person
from identity.role_changes.bars import filter_unbarred, may_decide_row
from kernel.verdicts import ALLOWED, Verdict, refusal


def visible_requests(person: Person) -> QuerySet[DerivationRequest]:
    """For the product's owner, the data owners and developers of both domains, and whoever reads the whole mesh."""
    if not person.is_active:
        return DerivationRequest.objects.none()
    if can_read_everything(person):
        return DerivationRequest.objects.all()
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    return DerivationRequest.objects.filter(
        Q(product__owner=person) | Q(product__domain__owner_team__in=teams) | Q(domain__owner_team__in=teams)
    )


def sees_derivation(person: Person, product: DataProduct) -> bool:
    """Whether the person sees floors, and how many inputs are hidden from them."""
    return person.is_active and (is_product_editor(person, product) or can_read_everything(person))


def sees_upstream(person: Person, request: DerivationRequest) -> bool:
    """Whether the request's domain may be named to the person: to its own people, and to whoever sees one of the inputs."""
    if can_read_everything(person):
        return True
    if request.domain.owner_team_id in get_team_ids_with_role(person, *EDITOR_ROLES):
        return True
    if visible_tables(person).filter(pk__in=request.input_tables).exists():
        return True
    return visible_products(person).filter(pk__in=request.passed_on).exists()


def filter_visible_inputs(person: Person, tables: Collection[int]) -> set[int]:
    return set(visible_tables(person).filter(pk__in=tables).values_list("pk", flat=True)) if tables else set()


def find_visible_upstream(person: Person, products: Iterable[int]) -> dict[int, DataProduct]:
    """Returns the upstream products that the person sees, by id."""
    rows = visible_products(person).filter(pk__in=list(products)).select_related("domain__owner_team")
    return {row.pk: row for row in rows}


def may_request_derivation(person: Person, product: DataProduct) -> Verdict:
    if product.retired_at is not None:
        return refusal(_("The product is retired. It can't be changed any more."))
    if person.is_active and is_product_owner(person, product):
        return ALLOWED
    return refusal(_("Only the owner and the data owners of the product's domain can ask for this."))


def may_decide_derivation(person: Person, request: DerivationRequest) -> Verdict:
    """A data owner of the domain whose data it is, but not who asked."""
    if person.pk == request.requested_by_id:
        return refusal(_("Somebody else has to decide on what you asked for."))
    if person.is_active and is_data_owner(person, request.domain):
        return may_decide_row(person, request, "decided_by")
    return refusal(_("Only the data owners of the domain whose data is used can decide on this."))


def list_deciders(request: DerivationRequest) -> list[int]:
    """Ids of the data owners who may decide on it."""
    owners = list_data_owner_ids(request.domain, without=request.requested_by_id)
    return filter_unbarred(owners, request, "decided_by")


def may_revoke_derivation(person: Person, request: DerivationRequest) -> Verdict:
    """Any data owner of the domain whose data it is."""
    if person.is_active and is_data_owner(person, request.domain):
        return ALLOWED
    return refusal(_("Only the data owners of the domain whose data is used can revoke this."))


def may_withdraw_derivation(person: Person, request: DerivationRequest) -> Verdict:
    if person.is_active and (
        person.pk == request.requested_by_id or is_product_owner(person, request.product)
    ):
        return ALLOWED
    return refusal(_("Only the owner and the data owners of the product's domain can withdraw this."))
