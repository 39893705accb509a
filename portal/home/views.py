"""The home page: what waits for the person, their access, what ends soon and what is new."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from identity.people.may import get_platform_roles
from portal.admin_site.attention import list_attention
from portal.home.sections import build_access_section, build_review_section, build_update_section
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    reviews, access = build_review_section(person), build_access_section(person, now)
    governs = bool(get_platform_roles(person))
    context = {
        "reviews": reviews,
        "access": access,
        "updates": build_update_section(person),
        "attention": list_attention(request) if governs else (),
        "is_first_visit": access.is_empty and not reviews.count and not governs,
    }
    return render(request, "portal/home/home.html", context)
