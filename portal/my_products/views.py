"""The data products that a person owns or maintains, with what waits for them."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from catalog.products.may import list_edited_domains, list_maintained_products
from portal.lists.declaration import Column, EmptyState, ListPage
from portal.lists.page import render_list
from portal.my_products.presenters import build_product_rows
from portal.pages.signed_in_person import get_signed_in_person


class MyProductList(ListPage):
    """A row has the same number of queries as fifty."""

    route = "my-products"
    template = "portal/my_products/list.html"
    title = _("My products")
    lead = _("Data products that you own, and those of the teams in which you are a data owner or developer.")
    label = _("Table of my products")
    cells = "portal/my_products/_cells.html"
    columns = (
        Column(_("Product"), "product", is_labelled=False),
        Column(_("Freshness"), "promise", "freshness"),
        Column(_("Quality"), "promise", "quality"),
        Column(_("Problems"), "problems", "", "end", "end num"),
        Column(_("Questions"), "questions", "", "end", "end num"),
        Column(_("Requests"), "requests", "", "end", "end num"),
        Column(_("Teams with access"), "teams", "", "end", "end num"),
        Column(_("Reads in 30 days"), "reads"),
        Column(_("Draft"), "draft"),
        Column(_("Next step"), "next_step", "next_step"),
    )
    empty = EmptyState(
        "box",
        _("No data products yet"),
        _("The products of your teams appear here."),
        _("Browse data products"),
        "search",
    )

    def list_rows(self) -> QuerySet[Any]:
        rows = list_maintained_products(self.person).select_related("domain__owner_team", "owner")
        return rows.order_by(Lower("name"), "pk")

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_product_rows(self.person, rows, self.now)


@require_GET
def my_products(request: HttpRequest) -> HttpResponse:
    may_create = list_edited_domains(get_signed_in_person(request)).exists()
    return render_list(request, MyProductList, {"may_create": may_create})
