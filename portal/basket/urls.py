"""URLs of the basket."""

from django.urls import path

from portal.basket import api, views

urlpatterns = [
    path("data-products/<slug:slug>/add-to-basket/", views.add_product_to_basket, name="add-to-basket"),
    path("baskets/", views.redirect_to_basket, name="baskets"),
    path("baskets/<slug:slug>/", views.basket, name="basket"),
]

api_urlpatterns = [
    path("baskets/<slug:slug>", api.BasketView.as_view(), name="api-basket"),
    path("baskets/<slug:slug>/items", api.BasketItemsView.as_view(), name="api-basket-items"),
    path("baskets/<slug:slug>/items/<int:table>", api.BasketItemView.as_view(), name="api-basket-item"),
    path("baskets/<slug:slug>/submit", api.BasketSubmissionView.as_view(), name="api-basket-submit"),
]
