"""Facts from which the `may_…` answers are made."""

import pytest

from identity.people.may import (
    can_read_everything,
    get_team_ids,
    get_team_ids_with_role,
    has_platform_role,
    is_member,
)
from identity.people.models import Membership, PlatformRole
from tests import factories
from tests.database import as_role

Role = PlatformRole.Role


@pytest.mark.django_db
def test_teams_are_told_by_role() -> None:
    ana = factories.make_person()
    bi, insurance = factories.make_team("BI", members=[ana]), factories.make_team("Insurance", owners=[ana])
    factories.make_team("Elsewhere")
    assert get_team_ids(ana) == {bi.pk, insurance.pk}
    assert get_team_ids_with_role(ana, Membership.Role.DATA_OWNER) == {insurance.pk}
    assert is_member(ana, bi)
    assert not is_member(factories.make_person("Sam Outis"), bi)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "reads_all"), [(Role.GOVERNANCE_ADMIN, True), (Role.AUDITOR, True), (Role.STEWARD, False)]
)
def test_governance_and_audit_read_the_whole_mesh(role: PlatformRole.Role, *, reads_all: bool) -> None:
    person = factories.make_person()
    assert not has_platform_role(person, role)
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=person, role=role)
    assert has_platform_role(person, role)
    assert can_read_everything(person) is reads_all


@pytest.mark.django_db
def test_a_superuser_without_a_role_reads_no_more_than_others() -> None:
    assert not can_read_everything(factories.make_person(is_superuser=True, is_staff=True))
