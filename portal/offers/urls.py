"""URLs of offers."""

from django.urls import path

from portal.offers import api, views

urlpatterns = [
    path("data-products/<slug:slug>/offers/", views.listing, name="offers"),
    path("offers/new/", views.new, name="offer-new"),
    path("offers/<int:pk>/edit/", views.edit, name="offer-edit"),
    path("offers/<int:pk>/retire/", views.retire, name="offer-retire"),
    path("offers/<int:pk>/versions/<int:number>/", views.version, name="offer-version"),
    path("offers/<int:pk>/versions/<int:number>/publish/", views.publish, name="offer-version-publish"),
]

api_urlpatterns = [
    path("offers", api.OffersView.as_view(), name="api-offers"),
    path("offers/<int:pk>", api.OfferView.as_view(), name="api-offer"),
    path("offers/<int:pk>/retire", api.RetireView.as_view(), name="api-offer-retire"),
    path("offers/<int:pk>/versions", api.OfferVersionsView.as_view(), name="api-offer-versions"),
    path("offers/<int:pk>/versions/<int:number>", api.OfferVersionView.as_view(), name="api-offer-version"),
    path(
        "offers/<int:pk>/versions/<int:number>/publish",
        api.PublishView.as_view(),
        name="api-offer-version-publish",
    ),
]
