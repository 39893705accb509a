"""The data products that a person owns or maintains, with who uses and who requested them."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from catalog.products.may import list_edited_domains
from portal.lists.page import render_list
from portal.my_products.lists import MyProductList
from portal.pages.signed_in_person import get_signed_in_person


@require_GET
def my_products(request: HttpRequest) -> HttpResponse:
    may_create = list_edited_domains(get_signed_in_person(request)).exists()
    return render_list(request, MyProductList, {"may_create": may_create})
