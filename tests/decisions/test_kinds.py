"""Kinds of decisions: each is registered once, and none is missing."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.urls import reverse

from decisions.kinds import DecidedKind, find_kind, iterate_kinds, register
from decisions.models import Proposal
from requests_app.write_access.kind import WRITE_REQUEST


def test_every_proposal_has_a_kind_of_its_own() -> None:
    models = [model for model in apps.get_models() if issubclass(model, Proposal)]
    kinds = {kind.model: kind for kind in iterate_kinds() if isinstance(kind, DecidedKind)}
    assert set(models) == set(kinds)
    assert all(model.kind_name == kinds[model].name for model in models)
    assert all(find_kind(model()) is kinds[model] for model in models)


def test_every_kind_has_its_list_and_page() -> None:
    for kind in iterate_kinds():
        assert reverse(kind.listing)
        assert not kind.page or reverse(kind.page, args=[1])


def test_a_model_has_one_kind() -> None:
    with pytest.raises(ValueError, match="write_request"):
        register(replace(WRITE_REQUEST))
