"""Decisions by people who must not decide, or by too few."""

from tools.mutants.mutant import Mutant

QUORUM = "requests_app/policy_engine/verdict.py"
TESTS = ("tests/requests_app/policy_engine/test_quorum.py",)

MUTANTS = (
    Mutant(
        "requesters decide on their own request as leads",
        QUORUM,
        "if decider.person in side.requesters:",
        "if decider.person in side.requesters and role is not DeciderRole.LEAD:",
        TESTS,
    ),
    Mutant(
        "somebody decides in a role that they do not hold",
        QUORUM,
        "if role not in decider.roles:",
        "if not decider.roles:",
        TESTS,
    ),
    Mutant(
        "members of the requesting team decide",
        QUORUM,
        "(decider.teams & side.teams or decider.person in side.members)",
        "(decider.person in side.members)",
        TESTS,
    ),
    Mutant(
        "a former member of the requesting team decides",
        QUORUM,
        "(decider.teams & side.teams or decider.person in side.members)",
        "(decider.teams & side.teams)",
        TESTS,
    ),
    Mutant(
        "one approval fewer than the quorum is enough",
        QUORUM,
        "for need, more in left if more > 0)",
        "for need, more in left if more > 1)",
        TESTS,
    ),
    Mutant(
        "one person counts in two roles",
        QUORUM,
        "for person, role in {yes.person: yes.role for yes in approvals}.items():",
        "for person, role in [(yes.person, yes.role) for yes in approvals]:",
        TESTS,
    ),
    Mutant(
        "a later step is decided before an earlier one",
        QUORUM,
        "first = min((need.step for need in left), default=0)",
        "first = max((need.step for need in left), default=0)",
        TESTS,
    ),
)
