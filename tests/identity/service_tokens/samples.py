"""Service tokens for tests."""

from datetime import timedelta

from identity.people.models import Membership, Person
from identity.service_tokens import NewToken, TokenScope, create_service_token
from kernel import clock


def make_service_token(
    owner: Person, *, scopes: tuple[str, ...] = (TokenScope.LINEAGE_WRITE,), days: float = 90
) -> NewToken:
    """For a team of which the person is a data owner."""
    team = Membership.objects.filter(person=owner, role=Membership.Role.DATA_OWNER).order_by("pk")[0].team
    now = clock.now()
    return create_service_token(
        acting_user=owner,
        team_id=team.pk,
        name="nightly pipeline",
        scopes=scopes,
        expires_at=now + timedelta(days=days),
        now=now,
    )
