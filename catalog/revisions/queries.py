"""The product that a person may edit, with its draft and its history."""

from collections.abc import Collection, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.products.may import is_data_owner, is_editor
from catalog.products.models import DataProduct, Domain
from catalog.revisions.models import ProductRevision, RevisionState
from identity.people.models import Membership, Person
from identity.role_changes.bars import NAMED, OWNER, DecisionBasis, may_decide_on_basis
from kernel.errors import NotFoundError
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_create_product(person: Person, domain: Domain) -> Verdict:
    """The data owners and developers of its team."""
    if person.is_active and is_editor(person, domain):
        return ALLOWED
    team = {"team": domain.owner_team.name}
    return refusal(_("Only the data owners and developers of %(team)s can create its products.") % team)


def may_save_product_draft(person: Person, product: DataProduct) -> Verdict:
    """Its owner, and the data owners and developers of its domain's team."""
    team = product.domain.owner_team
    if person.is_active and (product.owner_id == person.pk or is_editor(person, product.domain)):
        return ALLOWED
    return refusal(
        _("Only the owner and the data owners and developers of %(team)s can edit it.") % {"team": team.name}
    )


def may_publish_product_draft(person: Person, product: DataProduct) -> Verdict:
    """Whoever answers for it, unless a recent role change bars them: see `identity.role_changes.bars`."""
    verdict = may_answer_for_product(person, product)
    return may_decide_on_basis(person, *build_product_bases(product)) if verdict else verdict


def build_product_bases(product: DataProduct, party_ids: Sequence[int] = ()) -> tuple[DecisionBasis, ...]:
    """The bases of a decision of who answers for the product: as `decision_product_bases` in SQL."""
    rests_on = {"product": [product.pk] if product.pk else []}
    as_owner = DecisionBasis(NAMED, named_id=product.owner_id, party_ids=party_ids, rests_on=rests_on)
    of_domain = {**rests_on, "domain": [product.domain_id]}
    team = product.domain.owner_team_id
    return as_owner, DecisionBasis(OWNER, team, party_ids=party_ids, rests_on=of_domain)


def may_answer_for_product(person: Person, product: DataProduct) -> Verdict:
    """Its owner, and the data owners of its domain's team: developers leave that to them."""
    team = product.domain.owner_team
    if person.is_active and (product.owner_id == person.pk or is_data_owner(person, product.domain)):
        return ALLOWED
    return refusal(_("Only the owner and the data owners of %(team)s can publish it.") % {"team": team.name})


def may_discard_product_draft(person: Person, product: DataProduct) -> Verdict:
    """Whoever may save one."""
    return may_save_product_draft(person, product)


def list_possible_owners(domain: Domain) -> QuerySet[Person]:
    """The active data owners of the domain's team."""
    held = Membership.objects.filter(team=domain.owner_team_id, role=Membership.Role.DATA_OWNER)
    return Person.objects.filter(is_active=True, pk__in=held.values("person")).order_by("name", "pk")


def get_editable_product(person: Person, slug: str) -> DataProduct:
    """NotFoundError for whoever may not edit it."""
    rows = DataProduct.objects.select_related("domain__owner_team", "owner")
    product = rows.filter(slug=slug).first()
    if product is None or not may_save_product_draft(person, product):
        raise NotFoundError
    return product


def get_draft(product: DataProduct) -> ProductRevision | None:
    return product.revisions.select_related("written_by").filter(state=RevisionState.DRAFT).first()


def find_drafts(products: Collection[DataProduct]) -> dict[int, ProductRevision]:
    """By the product's id. One query."""
    rows = ProductRevision.objects.filter(product__in=products, state=RevisionState.DRAFT)
    return {row.product_id: row for row in rows}


def list_published_revisions(product: DataProduct) -> QuerySet[ProductRevision]:
    """Newest first, with their people."""
    rows = product.revisions.filter(state=RevisionState.PUBLISHED)
    return rows.select_related("written_by", "published_by").order_by("-number")
