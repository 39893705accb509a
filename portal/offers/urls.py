"""Addresses of offers."""

from django.urls import path

from portal.offers import api, views

urlpatterns = [
    path("products/<slug:slug>/offers/", views.listing, name="offers"),
    path("products/<slug:slug>/offers/write/", views.write, name="offer-new"),
    path("products/<slug:slug>/offers/<int:pk>/", views.write, name="offer-write"),
    path("products/<slug:slug>/offers/<int:pk>/withdraw/", views.withdraw, name="offer-withdraw"),
    path("products/<slug:slug>/offers/versions/<int:pk>/", views.version, name="offer-version"),
    path(
        "products/<slug:slug>/offers/versions/<int:pk>/in-force/", views.put_in_force, name="offer-in-force"
    ),
]

api_urlpatterns = [
    path("products/<slug:slug>/offers/", api.OffersView.as_view(), name="api-offers"),
    path("offers/versions/<int:pk>/", api.OfferVersionView.as_view(), name="api-offer-version"),
    path("offers/versions/<int:pk>/in-force", api.OfferInForceView.as_view(), name="api-offer-in-force"),
    path("offers/<int:pk>/withdraw", api.OfferWithdrawView.as_view(), name="api-offer-withdraw"),
]
