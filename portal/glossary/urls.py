"""URLs of the glossary."""

from django.urls import path

from portal.glossary import proposal_views, views
from portal.glossary.api import proposals, terms

urlpatterns = [
    path("glossary/", views.listing, name="glossary"),
    path("glossary/new/", views.new, name="glossary-term-new"),
    path("glossary/propose/", proposal_views.propose, name="glossary-term-propose"),
    path("glossary/proposals/", proposal_views.listing, name="glossary-proposals"),
    path("glossary/proposals/<int:pk>/", proposal_views.proposal, name="glossary-proposal"),
    path(
        "glossary/proposals/<int:pk>/withdraw/",
        proposal_views.withdraw,
        name="glossary-proposal-withdraw",
    ),
    path("glossary/<slug:slug>/", views.term, name="glossary-term"),
    path("glossary/<slug:slug>/edit/", views.edit, name="glossary-term-edit"),
    path("glossary/<slug:slug>/propose/", proposal_views.propose_change, name="glossary-term-propose-change"),
    path("glossary/<slug:slug>/approve/", views.approve, name="glossary-term-approve"),
    path("glossary/<slug:slug>/replace/", views.replace, name="glossary-term-replace"),
    path("glossary/<slug:slug>/restore/", views.restore, name="glossary-term-restore"),
    path("glossary/<slug:slug>/history/", views.history, name="glossary-term-history"),
    path("glossary/<slug:slug>/links/", views.links, name="glossary-term-links"),
    path("glossary/<slug:slug>/links/<int:pk>/remove/", views.unlink, name="glossary-term-unlink"),
]

api_urlpatterns = [
    path("glossary-terms", terms.TermsView.as_view(), name="api-glossary-terms"),
    path("glossary-terms/<slug:slug>", terms.TermView.as_view(), name="api-glossary-term"),
    path("glossary-terms/<slug:slug>/approve", terms.ApproveView.as_view(), name="api-glossary-term-approve"),
    path("glossary-terms/<slug:slug>/replace", terms.ReplaceView.as_view(), name="api-glossary-term-replace"),
    path("glossary-terms/<slug:slug>/restore", terms.RestoreView.as_view(), name="api-glossary-term-restore"),
    path(
        "glossary-terms/<slug:slug>/revisions",
        terms.RevisionsView.as_view(),
        name="api-glossary-term-revisions",
    ),
    path("glossary-terms/<slug:slug>/links", terms.LinksView.as_view(), name="api-glossary-term-links"),
    path(
        "glossary-terms/<slug:slug>/links/<int:pk>", terms.LinkView.as_view(), name="api-glossary-term-link"
    ),
    path("glossary-term-proposals", proposals.ProposalsView.as_view(), name="api-glossary-proposals"),
    path(
        "glossary-term-proposals/<int:pk>",
        proposals.ProposalView.as_view(),
        name="api-glossary-proposal",
    ),
    path(
        "glossary-term-proposals/<int:pk>/approve",
        proposals.ApproveView.as_view(),
        name="api-glossary-proposal-approve",
    ),
    path(
        "glossary-term-proposals/<int:pk>/reject",
        proposals.RejectView.as_view(),
        name="api-glossary-proposal-reject",
    ),
    path(
        "glossary-term-proposals/<int:pk>/withdraw",
        proposals.WithdrawView.as_view(),
        name="api-glossary-proposal-withdraw",
    ),
]
