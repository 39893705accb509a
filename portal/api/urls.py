"""Addresses of the API, below /api/."""

from django.urls import path

from portal.api import asking, basket, bulk, by_tags, exporting, finding, grants, items, standing, why
from portal.api.documents import documents

urlpatterns = [
    path("search", finding.SearchView.as_view(), name="api-search"),
    path("search.csv", exporting.CsvView.as_view(), name="api-search-csv"),
    path("search.ndjson", exporting.LinesView.as_view(), name="api-search-ndjson"),
    path("search/suggestions", finding.SuggestionsView.as_view(), name="api-suggestions"),
    path("products/", finding.ProductsView.as_view(), name="api-products"),
    path("products/<slug:slug>/", finding.ProductView.as_view(), name="api-product"),
    path("tables/<int:pk>/", finding.TableView.as_view(), name="api-table"),
    path("tables/<int:pk>/why", why.WhyView.as_view(), name="api-why"),
    path("tags/", by_tags.ReachView.as_view(), name="api-reach"),
    path("principals/", asking.PrincipalsView.as_view(), name="api-principals"),
    path("requests/", asking.RequestsView.as_view(), name="api-requests"),
    path("requests/by-tags/", by_tags.ByTagsView.as_view(), name="api-request-by-tags"),
    path("requests/<int:pk>/", asking.RequestView.as_view(), name="api-request"),
    path("baskets/<slug:slug>/", basket.BasketView.as_view(), name="api-basket"),
    path("baskets/<slug:slug>/items/", basket.BasketItemsView.as_view(), name="api-basket-items"),
    path("baskets/<slug:slug>/items/<int:table>/", basket.BasketItemView.as_view(), name="api-basket-item"),
    path("baskets/<slug:slug>/submit", basket.BasketSubmitView.as_view(), name="api-basket-submit"),
    path("inbox/", items.InboxView.as_view(), name="api-inbox"),
    path("items/<int:pk>/review", items.ReviewView.as_view(), name="api-review"),
    path("items/<int:pk>/approve", items.ApproveView.as_view(), name="api-approve"),
    path("items/<int:pk>/reject", items.RejectView.as_view(), name="api-reject"),
    path("items/<int:pk>/return", items.ReturnView.as_view(), name="api-return"),
    path("items/<int:pk>/change", items.ChangeView.as_view(), name="api-change"),
    path("items/<int:pk>/remarks", items.RemarksView.as_view(), name="api-remarks"),
    path("items/<int:pk>/withdraw", items.WithdrawView.as_view(), name="api-withdraw"),
    path("bulk/", bulk.BulkDecisionsView.as_view(), name="api-bulk-decisions"),
    path("bulk/<int:pk>/", bulk.BulkDecisionView.as_view(), name="api-bulk"),
    path("bulk/<int:pk>/undo", bulk.UndoBulkView.as_view(), name="api-bulk-undo"),
    path("grants/", grants.GrantsView.as_view(), name="api-grants"),
    path("grants/revoke", grants.RevokeSeveralView.as_view(), name="api-revoke-several"),
    path("grants/<int:pk>/", grants.GrantView.as_view(), name="api-grant"),
    path("grants/<int:pk>/standing", standing.StandingView.as_view(), name="api-standing"),
    path("grants/<int:pk>/look", standing.LookView.as_view(), name="api-look-again"),
    path("grants/<int:pk>/revoke", grants.RevokeView.as_view(), name="api-revoke"),
    path("syncs/", finding.SyncsView.as_view(), name="api-syncs"),
    *documents(),
]
