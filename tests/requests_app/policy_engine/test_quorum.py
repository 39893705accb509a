"""Who may decide, and when enough have: over many random set-ups, nobody ever decides for themselves."""

import random
from dataclasses import replace

from requests_app.policy_engine.quorum import AskingSide, Bar, Seat, Yes, bar, missing, next_roles
from requests_app.policy_engine.rules import Need, Role
from requests_app.policy_engine.verdict import merged

SETUPS = 5000


def a_setup(picks: random.Random) -> tuple[list[Seat], set[int], frozenset[int], tuple[Need, ...]]:
    """People in random teams with random roles, held themselves or by delegation; one of them asks for one or two of the
    teams, and one may answer for the service role that would read.
    """
    teams = range(picks.randint(1, 5))
    seats = [
        Seat(
            person,
            frozenset(picks.sample(teams, picks.randint(0, len(teams)))),
            frozenset(role for role in Role if picks.random() < 0.5),
        )
        for person in range(picks.randint(1, 8))
    ]
    asking = frozenset(picks.sample(teams, min(len(teams), picks.randint(1, 2))))
    demanded = [Need(role, picks.randint(1, 2), picks.randint(1, 3)) for role in Role if picks.random() < 0.4]
    askers = {picks.choice(seats).person for _ in range(picks.randint(1, 2))}
    return seats, askers, asking, merged(demanded)


def decided(
    seats: list[Seat], askers: set[int], asking: frozenset[int], needs: tuple[Need, ...]
) -> list[Yes]:
    """Everybody says yes wherever they are let, again and again, until nothing moves."""
    said: list[Yes] = []
    side = AskingSide(frozenset(askers), asking)
    while True:
        turn = next_roles(missing(needs, said))
        free = [seat for seat in seats if seat.person not in {yes.person for yes in said}]
        let = [Yes(s.person, r) for s in free for r in turn if bar(s, r, side) is None]
        if not let:
            return said
        said.append(let[0])


def test_of_random_setups_none_is_decided_by_who_asks_or_by_their_team_alone() -> None:
    picks = random.Random(6)
    granted = 0
    for _ in range(SETUPS):
        seats, askers, asking, needs = a_setup(picks)
        said = decided(seats, askers, asking, needs)
        assert not askers & {yes.person for yes in said}
        if missing(needs, said):
            continue
        granted += 1
        outside = {s.person for s in seats if not s.teams & asking and Role.OWNER in s.roles}
        assert outside & {yes.person for yes in said if yes.role is Role.OWNER}
        assert len({yes.person for yes in said}) == len(said) == sum(need.quorum for need in needs)
    assert SETUPS > granted > SETUPS // 20


def test_one_person_counts_once_whatever_roles_they_hold() -> None:
    needs = (Need(Role.OWNER), Need(Role.PRIVACY))
    assert missing(needs, [Yes(1, Role.OWNER), Yes(1, Role.PRIVACY)]) == (Need(Role.OWNER),)
    assert missing(needs, [Yes(1, Role.OWNER), Yes(2, Role.PRIVACY)]) == ()


def test_the_next_step_waits_for_the_one_before() -> None:
    needs = merged([Need(Role.LEAD), Need(Role.OWNER, 2, 2), Need(Role.PRIVACY, 1, 2)])
    assert next_roles(missing(needs, [])) == (Role.LEAD,)
    assert next_roles(missing(needs, [Yes(1, Role.LEAD)])) == (Role.OWNER, Role.PRIVACY)
    assert next_roles(missing(needs, [Yes(1, Role.LEAD), Yes(2, Role.OWNER)])) == (Role.OWNER, Role.PRIVACY)


def test_the_lead_alone_is_of_the_team_that_asks() -> None:
    insider = Seat(1, frozenset({7}), frozenset(Role))
    side = AskingSide(frozenset({2, 3}), frozenset({7}))
    assert bar(insider, Role.LEAD, side) is None
    assert bar(insider, Role.OWNER, side) is Bar.TEAM
    assert bar(insider, Role.LEAD, replace(side, askers=frozenset({2, 1}))) is Bar.OWN
    assert bar(Seat(1, frozenset(), frozenset()), Role.OWNER, side) is Bar.ROLE


def test_who_was_of_the_team_when_it_asked_decides_only_as_its_lead() -> None:
    side = AskingSide(askers=frozenset({2}), teams=frozenset({7}), members=frozenset({1, 2}))
    removed = Seat(1, frozenset({9}), frozenset(Role))
    assert {role: bar(removed, role, side) for role in Role} == {
        Role.OWNER: Bar.TEAM,
        Role.STEWARD: Bar.TEAM,
        Role.PRIVACY: Bar.TEAM,
        Role.LEAD: None,
    }
