"""From a confirmed plan of a product's retirement to proof that its access is gone."""

import pytest

from catalog.product_lifecycle.actions import DeprecationTerms, deprecate_product
from catalog.product_lifecycle.models import compute_lifecycle_digest
from catalog.products.models import DataProduct
from demo.bank.accounts import BI, PARTNER
from fulfilment.intents.models import Intent
from fulfilment.rounds import Round
from kernel import clock
from requests_app.product_retirement import execution
from requests_app.product_retirement.actions import end_retired_grant, schedule_retirement
from requests_app.product_retirement.execution import carry_out_retirements
from requests_app.product_retirement.plan import build_plan
from tests import factories
from tests.workers.mesh import Mesh


class KilledError(BaseException):
    """As a signal: nothing handles it."""


def schedule_retirement_of_table(mesh: Mesh) -> DataProduct:
    """Of a product that has the table alone: deprecated, and due."""
    domain = mesh.table.database.domain
    assert domain is not None
    product = factories.make_product(domain, mesh.owner, [mesh.table])
    product.refresh_from_db()
    shown = compute_lifecycle_digest(product)
    terms = DeprecationTerms("Nobody reads it.")
    deprecate_product(acting_user=mesh.owner, slug=product.slug, terms=terms, shown=shown, now=clock.now())
    product.refresh_from_db()
    now = clock.now()
    digest = build_plan(product, None, now).digest
    schedule_retirement(acting_user=mesh.owner, slug=product.slug, due_at=None, shown=digest, now=clock.now())
    return product


def test_the_access_ends_in_aws_and_that_is_read_back(mesh: Mesh) -> None:
    grants = [mesh.grant(account=account) for account in (BI, PARTNER)]
    for grant in grants:
        mesh.run_until_presence(grant, "present")
    product = schedule_retirement_of_table(mesh)
    assert mesh.list_visible_columns() != []
    assert carry_out_retirements(clock.now()) == 3
    for grant, account in zip(grants, (BI, PARTNER), strict=True):
        intent = mesh.run_until_presence(grant, "absent")
        assert intent.evidence is not None
        assert (intent.evidence.outcome, intent.evidence.steps.count()) == (Round.Outcome.CONVERGED, 0)
        assert (mesh.list_visible_columns(account), mesh.list_held_columns(account)) == ([], {})
    product.refresh_from_db()
    assert product.lifecycle == "retired"


def test_a_process_killed_half_way_leaves_the_rest_to_the_next(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (mesh.grant(account=account) for account in (BI, PARTNER))
    for grant in (first, second):
        mesh.run_until_presence(grant, "present")
    product = schedule_retirement_of_table(mesh)

    def die_at_the_second(*, grant_id: int, **words: object) -> object:
        if grant_id == second.pk:
            raise KilledError
        return end_retired_grant(grant_id=grant_id, **words)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(execution, "end_retired_grant", die_at_the_second)
        with pytest.raises(KilledError):
            carry_out_retirements(clock.now())
    mesh.run_until_presence(first, "absent")
    product.refresh_from_db()
    assert (product.lifecycle, bool(mesh.list_visible_columns(PARTNER))) == ("deprecated", True)
    assert [carry_out_retirements(clock.now()) for _process in range(2)] == [2, 0]
    mesh.run_until_presence(second, "absent")
    product.refresh_from_db()
    assert (product.lifecycle, mesh.list_visible_columns(PARTNER)) == ("retired", [])
    assert not Intent.objects.filter(ended_at=None, grant__in=[first.pk, second.pk]).exists()
