"""A person, a team and a domain: who they are, what they own and decide. Everyone who is signed in may read them."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.browse.products import get_domain, list_products
from catalog.follows import Follow, get_following
from catalog.freshness import map_product_tables
from catalog.product_usage.product_report import may_view_team_usage
from catalog.products.may import list_owned_domains
from catalog.questions import list_experts
from identity.departures import may_deactivate_person
from identity.people.models import Team
from identity.people.queries import get_person, get_team, list_data_owners, list_members, list_memberships
from kernel import clock
from portal.my_products.presenters import build_promises
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.signed_in_person import get_signed_in_person
from portal.people.presenters import build_mail_url, build_platform_roles, build_team_roles
from requests_app.policy_editing.may import may_view_policy
from requests_app.review.decision_history import describe_decision_time, get_decision_time

PAGE_SIZE = 50
MAX_DATA_OWNERS = 20
MAX_EXPERTS = 5


@require_GET
@return_404_if_hidden
def person(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_person(pk)
    context = {
        "shown": shown,
        "may_deactivate": shown.is_active
        and bool(may_deactivate_person(get_signed_in_person(request), shown)),
        "is_own": shown == get_signed_in_person(request),
        "mail_url": build_mail_url([shown]),
        "team_roles": build_team_roles(list_memberships(shown)),
        "platform_roles": build_platform_roles(shown),
        "domains": list_owned_domains(shown).order_by("name"),
        **_build_products_context(request, Q(owner=shown)),
    }
    return render(request, "portal/people/person.html", context)


@require_GET
@return_404_if_hidden
def team(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_team(slug)
    members = Paginator(list_members(shown), PAGE_SIZE).get_page(request.GET.get("members"))
    context = {
        "shown": shown,
        "domains": shown.domains.order_by("name"),
        "members": members,
        "may_view_usage": may_view_team_usage(get_signed_in_person(request), shown),
        "members_pager": build_pager(members, parameter="members"),
        **_build_data_owners_context(shown),
        **_build_products_context(request, Q(domain__owner_team=shown)),
    }
    return render(request, "portal/people/team.html", context)


@require_GET
@return_404_if_hidden
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_domain(slug)
    context = {
        "shown": shown,
        "may_view_policy": bool(may_view_policy(get_signed_in_person(request), shown)),
        "experts": list_experts(get_signed_in_person(request), Q(domain=shown), MAX_EXPERTS),
        "expected_wait": describe_decision_time(get_decision_time(shown.owner_team_id)),
        "following": get_following(get_signed_in_person(request), Follow.objects.filter(domain=shown)),
        **_build_data_owners_context(shown.owner_team),
        **_build_products_context(request, Q(domain=shown)),
    }
    return render(request, "portal/people/domain.html", context)


def _build_data_owners_context(owner_team: Team) -> dict[str, Any]:
    """The first data owners by name; the team's page lists all members."""
    owners = list(list_data_owners(owner_team)[:MAX_DATA_OWNERS])
    return {"data_owners": owners, "mail_url": build_mail_url(owners)}


def _build_products_context(request: HttpRequest, condition: Q) -> dict[str, Any]:
    """The products that the reader may see."""
    products = list_products(get_signed_in_person(request), condition)
    page = Paginator(products, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page)
    rows = build_promises(shown, map_product_tables(shown), clock.now())
    return {"rows": rows, "product_count": page.paginator.count, "products_pager": build_pager(page)}
