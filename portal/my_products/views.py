"""The data products that a person owns or maintains, with who uses and who requested them."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.products.may import list_edited_domains, list_maintained_products
from catalog.products.offers.may import filter_offered_products
from catalog.revisions.queries import count_draft_tables
from portal.pages.pagination import build_pager
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.product_use import count_product_uses

PAGE_SIZE = 50


@require_GET
def my_products(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    found = list_maintained_products(person).select_related("domain", "owner")
    found = found.annotate(table_count=Count("product_tables")).order_by(Lower("name"), "pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    uses, drafted = count_product_uses([product.pk for product in page]), count_draft_tables(list(page))
    offered = filter_offered_products(person, page)
    rows = [(product, uses[product.pk], product.pk in offered, drafted.get(product.pk)) for product in page]
    context = {
        "rows": rows,
        "count": page.paginator.count,
        "pager": build_pager(page),
        "may_create": list_edited_domains(person).exists(),
    }
    return render(request, "portal/my_products/list.html", context)
