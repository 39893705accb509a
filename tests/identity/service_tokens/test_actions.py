"""Service tokens: made by a team's owners, found by their digest, and ended at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from identity.people.models import Membership, Person, Team
from identity.service_tokens import (
    ServiceToken,
    create_service_token,
    revoke_service_token,
    use_service_token,
)
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from tests import factories
from tests.database import as_role
from tests.identity.service_tokens.samples import make_service_token
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events
from workers.housekeeping import report_departures


@pytest.fixture
def owner(db: None) -> Person:
    person = factories.make_person("Jonas Weber")
    factories.make_team("Insurance", owners=[person])
    return person


@pytest.fixture
def team(owner: Person) -> Team:
    return Team.objects.get(members=owner)


def create(person: Person, team: Team, **changes: Any) -> ServiceToken:
    now = clock.now()
    fields = {"name": "dbt", "scopes": ["lineage:write"], "expires_at": now + timedelta(days=1), **changes}
    return create_service_token(acting_user=person, team_id=team.pk, now=now, **fields).token


def test_only_a_digest_of_the_secret_is_stored(owner: Person) -> None:
    made = make_service_token(owner)
    stored = ServiceToken.objects.values().get(pk=made.token.pk)
    assert made.secret not in str(stored)
    assert made.secret.startswith(stored["hint"])
    assert made.secret not in str(Event.objects.filter(verb="create_service_token").values().get())


def test_an_account_admin_may_and_a_member_may_not(owner: Person, team: Team) -> None:
    admin, member = factories.make_person("Ali Admin"), factories.make_person("Mia Member")
    factories.add_members(team, Membership.Role.ACCOUNT_ADMIN, [admin])
    factories.add_members(team, Membership.Role.MEMBER, [member])
    assert create(admin, team).team == team
    with pytest.raises(ForbiddenError):
        create(member, team)
    with pytest.raises(NotFoundError):
        create_service_token(
            acting_user=owner,
            team_id=0,
            name="x",
            scopes=["data:read"],
            expires_at=clock.now(),
            now=clock.now(),
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "x" * 121),
        ("scopes", []),
        ("scopes", ["everything"]),
        ("expires_at", None),
    ],
)
def test_what_makes_no_sense_is_refused(owner: Person, team: Team, field: str, value: Any) -> None:
    change = value if field != "expires_at" else clock.now() + timedelta(days=400)
    with pytest.raises(RefusedError) as caught:
        create(owner, team, **{field: change})
    assert caught.value.field == field


def test_a_token_is_found_by_its_secret_until_it_ends(owner: Person) -> None:
    made, now = make_service_token(owner, days=1), clock.now()
    assert use_service_token(secret=made.secret, now=now) == made.token
    assert use_service_token(secret=made.secret + "x", now=now) is None
    assert use_service_token(secret="mmk_" + "A" * 43, now=now) is None
    assert use_service_token(secret=made.secret, now=now + timedelta(days=2)) is None


@pytest.mark.parametrize(
    "leave",
    [
        lambda person: Person.objects.filter(pk=person.pk).update(is_active=False),
        lambda person: Membership.objects.filter(person=person).delete(),
    ],
    ids=["deactivated", "removed"],
)
def test_a_token_ends_when_its_creator_leaves_and_the_team_is_told_once(
    owner: Person, team: Team, leave: Callable[[Person], object]
) -> None:
    made, admin = make_service_token(owner), factories.make_person("Ali Admin")
    factories.add_members(team, Membership.Role.ACCOUNT_ADMIN, [admin])
    factories.add_members(team, Membership.Role.MEMBER, [factories.make_person("Mia Member")])
    with as_role("meshmarket_worker"):
        assert not report_departures()
    with as_role("meshmarket_owner"):
        leave(owner)
    assert use_service_token(secret=made.secret, now=clock.now()) is None
    with as_role("meshmarket_worker"):
        assert [report_departures(), report_departures()] == [1, 0]
    event = Event.objects.get(verb="end_left_service_token")
    assert (event.subject, event.data["people"]) == (made.token.subject, [admin.pk])
    project_all_events()
    assert list_notification_texts(admin) == [
        (
            "The token for nightly pipeline of Insurance has ended, because Jonas Weber left the team."
            " Create a new one if the service still runs."
        )
    ]
    made.token.refresh_from_db()
    assert made.token.creator_left_at


def test_last_use_is_written_once_a_minute(owner: Person) -> None:
    made, now = make_service_token(owner), clock.now()
    for seconds in (0, 30, 61):
        use_service_token(secret=made.secret, now=now + timedelta(seconds=seconds))
        made.token.refresh_from_db()
        assert made.token.last_used_at == now + timedelta(seconds=seconds if seconds > 60 else 0)


def test_a_revoked_token_ends_at_once_and_once(owner: Person) -> None:
    made, stranger = make_service_token(owner), factories.make_person("Sam Stranger")
    with pytest.raises(NotFoundError):
        revoke_service_token(acting_user=stranger, token_id=made.token.pk, now=clock.now())
    revoke_service_token(acting_user=owner, token_id=made.token.pk, now=clock.now())
    assert use_service_token(secret=made.secret, now=clock.now()) is None
    with pytest.raises(IllegalTransitionError):
        revoke_service_token(acting_user=owner, token_id=made.token.pk, now=clock.now())


def test_a_governor_revokes_what_a_team_forgot(owner: Person) -> None:
    made = make_service_token(owner)
    token = revoke_service_token(acting_user=factories.make_admin(), token_id=made.token.pk, now=clock.now())
    assert token.revoked_at


@pytest.mark.parametrize(
    "change",
    [{"scopes": []}, {"revoked_at": clock.now}, {"expires_at": lambda: clock.now() - timedelta(days=9)}],
)
def test_the_database_refuses_rows_that_make_no_sense(owner: Person, change: dict[str, Any]) -> None:
    made = make_service_token(owner)
    values = {name: value() if isinstance(value, Callable) else value for name, value in change.items()}  # type: ignore[arg-type]
    with as_role("none"), pytest.raises(IntegrityError), transaction.atomic():
        ServiceToken.objects.filter(pk=made.token.pk).update(**values)
