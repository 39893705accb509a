"""URLs of the life cycle of data products."""

from django.urls import path

from portal.product_lifecycle import api, views

urlpatterns = [
    path("my-products/<slug:slug>/lifecycle/", views.lifecycle, name="data-product-lifecycle"),
    path("my-products/<slug:slug>/deprecate/", views.deprecate, name="data-product-deprecate"),
    path(
        "my-products/<slug:slug>/deprecation/withdraw/",
        views.withdraw,
        name="data-product-deprecation-withdraw",
    ),
    path("my-products/<slug:slug>/request-exceptions/", views.allow, name="data-product-exceptions"),
    path(
        "my-products/<slug:slug>/request-exceptions/<int:pk>/end/",
        views.end_exception,
        name="data-product-exception-end",
    ),
    path("my-products/<slug:slug>/retire/", views.retire, name="data-product-retire"),
    path(
        "my-products/<slug:slug>/retirement/cancel/",
        views.call_off,
        name="data-product-retirement-cancel",
    ),
    path("data-products/by-id/<int:pk>/", views.by_id, name="data-product-by-id"),
]

api_urlpatterns = [
    path(
        "data-products/<slug:slug>/lifecycle", api.LifecycleView.as_view(), name="api-data-product-lifecycle"
    ),
    path(
        "data-products/<slug:slug>/deprecate", api.DeprecateView.as_view(), name="api-data-product-deprecate"
    ),
    path(
        "data-products/<slug:slug>/deprecation/withdraw",
        api.WithdrawView.as_view(),
        name="api-data-product-deprecation-withdraw",
    ),
    path(
        "data-products/<slug:slug>/request-exceptions",
        api.ExceptionsView.as_view(),
        name="api-data-product-exceptions",
    ),
    path(
        "data-products/<slug:slug>/request-exceptions/<int:pk>/end",
        api.EndExceptionView.as_view(),
        name="api-data-product-exception-end",
    ),
    path(
        "data-products/<slug:slug>/retirement/preview",
        api.PlanView.as_view(),
        name="api-data-product-retirement-preview",
    ),
    path("data-products/<slug:slug>/retire", api.RetireView.as_view(), name="api-data-product-retire"),
    path(
        "data-products/<slug:slug>/retirement/cancel",
        api.CancelRetirementView.as_view(),
        name="api-data-product-retirement-cancel",
    ),
]
