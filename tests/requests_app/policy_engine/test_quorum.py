"""Who may decide, and when enough have: over many random set-ups, nobody ever decides for themselves."""

import random
from dataclasses import replace

from requests_app.policy_engine.rules import DeciderRole, RequiredApproval
from requests_app.policy_engine.verdict import (
    Decider,
    DecisionBar,
    RequestingSide,
    RoleApproval,
    find_decision_bar,
    find_missing_approvals,
    get_next_roles,
    merge_required_approvals,
)

SETUP_COUNT = 5000


def generate_setup(
    picks: random.Random,
) -> tuple[list[Decider], set[int], frozenset[int], tuple[RequiredApproval, ...]]:
    """People in random teams with random roles, held themselves or by delegation; one of them asks for one or two of the
    teams, and one may answer for the service role that would read.
    """
    teams = range(picks.randint(1, 5))
    seats = [
        Decider(
            person,
            frozenset(picks.sample(teams, picks.randint(0, len(teams)))),
            frozenset(role for role in DeciderRole if picks.random() < 0.5),
        )
        for person in range(picks.randint(1, 8))
    ]
    asking = frozenset(picks.sample(teams, min(len(teams), picks.randint(1, 2))))
    demanded = [
        RequiredApproval(role, picks.randint(1, 2), picks.randint(1, 3))
        for role in DeciderRole
        if picks.random() < 0.4
    ]
    askers = {picks.choice(seats).person for _ in range(picks.randint(1, 2))}
    return seats, askers, asking, merge_required_approvals(demanded)


def decide_fully(
    seats: list[Decider], askers: set[int], asking: frozenset[int], needs: tuple[RequiredApproval, ...]
) -> list[RoleApproval]:
    """Everybody says yes wherever they are let, again and again, until nothing moves."""
    approvals: list[RoleApproval] = []
    side = RequestingSide(frozenset(askers), asking)
    while True:
        turn = get_next_roles(find_missing_approvals(needs, approvals))
        free = [seat for seat in seats if seat.person not in {yes.person for yes in approvals}]
        let = [RoleApproval(s.person, r) for s in free for r in turn if find_decision_bar(s, r, side) is None]
        if not let:
            return approvals
        approvals.append(let[0])


def test_of_random_setups_none_is_decided_by_who_asks_or_by_their_team_alone() -> None:
    picks = random.Random(6)
    granted = 0
    for _ in range(SETUP_COUNT):
        seats, askers, asking, needs = generate_setup(picks)
        approvals = decide_fully(seats, askers, asking, needs)
        assert not askers & {yes.person for yes in approvals}
        if find_missing_approvals(needs, approvals):
            continue
        granted += 1
        outside = {s.person for s in seats if not s.teams & asking and DeciderRole.OWNER in s.roles}
        assert outside & {yes.person for yes in approvals if yes.role is DeciderRole.OWNER}
        assert len({yes.person for yes in approvals}) == len(approvals) == sum(need.quorum for need in needs)
    assert SETUP_COUNT > granted > SETUP_COUNT // 20


def test_one_person_counts_once_whatever_roles_they_hold() -> None:
    needs = (RequiredApproval(DeciderRole.OWNER), RequiredApproval(DeciderRole.PRIVACY))
    assert find_missing_approvals(
        needs, [RoleApproval(1, DeciderRole.OWNER), RoleApproval(1, DeciderRole.PRIVACY)]
    ) == (RequiredApproval(DeciderRole.OWNER),)
    assert (
        find_missing_approvals(
            needs, [RoleApproval(1, DeciderRole.OWNER), RoleApproval(2, DeciderRole.PRIVACY)]
        )
        == ()
    )


def test_the_next_step_waits_for_the_one_before() -> None:
    needs = merge_required_approvals(
        [
            RequiredApproval(DeciderRole.LEAD),
            RequiredApproval(DeciderRole.OWNER, 2, 2),
            RequiredApproval(DeciderRole.PRIVACY, 1, 2),
        ]
    )
    assert get_next_roles(find_missing_approvals(needs, [])) == (DeciderRole.LEAD,)
    assert get_next_roles(find_missing_approvals(needs, [RoleApproval(1, DeciderRole.LEAD)])) == (
        DeciderRole.OWNER,
        DeciderRole.PRIVACY,
    )
    assert get_next_roles(
        find_missing_approvals(needs, [RoleApproval(1, DeciderRole.LEAD), RoleApproval(2, DeciderRole.OWNER)])
    ) == (DeciderRole.OWNER, DeciderRole.PRIVACY)


def test_the_lead_alone_is_of_the_team_that_asks() -> None:
    insider = Decider(1, frozenset({7}), frozenset(DeciderRole))
    side = RequestingSide(frozenset({2, 3}), frozenset({7}))
    assert find_decision_bar(insider, DeciderRole.LEAD, side) is None
    assert find_decision_bar(insider, DeciderRole.OWNER, side) is DecisionBar.TEAM
    assert (
        find_decision_bar(insider, DeciderRole.LEAD, replace(side, requesters=frozenset({2, 1})))
        is DecisionBar.OWN
    )
    assert (
        find_decision_bar(Decider(1, frozenset(), frozenset()), DeciderRole.OWNER, side) is DecisionBar.ROLE
    )


def test_who_was_of_the_team_when_it_asked_decides_only_as_its_lead() -> None:
    side = RequestingSide(requesters=frozenset({2}), teams=frozenset({7}), members=frozenset({1, 2}))
    removed = Decider(1, frozenset({9}), frozenset(DeciderRole))
    assert {role: find_decision_bar(removed, role, side) for role in DeciderRole} == {
        DeciderRole.OWNER: DecisionBar.TEAM,
        DeciderRole.STEWARD: DecisionBar.TEAM,
        DeciderRole.PRIVACY: DecisionBar.TEAM,
        DeciderRole.LEAD: None,
    }
