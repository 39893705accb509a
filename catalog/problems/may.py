"""Who may see and report problems, and who answers them."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.problems.models import Problem
from catalog.products.may import is_product_editor, visible_products
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def visible_problems(person: Person) -> QuerySet[Problem]:
    """Those of products that the person may see."""
    if not person.is_active:
        return Problem.objects.none()
    return Problem.objects.filter(product__in=visible_products(person))


def may_report_problem(person: Person, product: DataProduct) -> Verdict:
    """Whoever sees the product, which the caller has checked; no longer once it is retired."""
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    if product.retired_at is not None:
        return refusal(_("The product is retired. It can't be changed any more."))
    return ALLOWED


def may_acknowledge_problem(person: Person, problem: Problem) -> Verdict:
    """The product's owner, and the data owners and developers of its domain's team."""
    if person.is_active and is_product_editor(person, problem.product):
        return ALLOWED
    team = {"team": problem.product.domain.owner_team.name}
    return refusal(_("Only the owner and the data owners and developers of %(team)s can answer it.") % team)


def may_resolve_problem(person: Person, problem: Problem) -> Verdict:
    """Whoever may acknowledge it, and who reported it."""
    if person.is_active and person.pk == problem.reported_by_id:
        return ALLOWED
    return may_acknowledge_problem(person, problem)
