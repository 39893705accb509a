"""Searches that show people what they cannot read, or offer what they cannot request."""

from tools.mutants.mutant import Mutant

ENTITLEMENTS = "catalog/search/plans/entitlements.py"
TESTS = ("tests/catalog/search/test_changed_rights.py", "tests/catalog/search/test_facets.py")

MUTANTS = (
    Mutant(
        "what a role that is gone could read counts as readable",
        ENTITLEMENTS,
        "    WHERE r.gone_at IS NULL))\n",
        "    ))\n",
        TESTS,
    ),
    Mutant(
        "roles of every team count",
        ENTITLEMENTS,
        "a.id = r.account_id AND a.team_id = ANY(%(teams)s)\n    WHERE r.gone_at IS NULL))",
        "a.id = r.account_id AND %(teams)s IS NOT NULL\n    WHERE r.gone_at IS NULL))",
        TESTS,
    ),
    Mutant(
        "a team without a consuming account is offered access",
        ENTITLEMENTS,
        "a.id = r.account_id AND a.is_consumer AND",
        "a.id = r.account_id AND",
        ("tests/catalog/search/plans/test_entitlements.py",),
    ),
    Mutant(
        "a product without tables can be requested",
        ENTITLEMENTS,
        'return "ask" if self.may_request and not is_empty else "none"',
        'return "ask" if self.may_request else "none"',
        ("tests/catalog/search/plans/test_entitlements.py",),
    ),
    Mutant(
        "somebody else's saved search is deleted",
        "catalog/search/may.py",
        'return ALLOWED if saved.person_id == person.pk else refusal("This search belongs to someone else.")',
        'return ALLOWED if person.is_active else refusal("This search belongs to someone else.")',
        ("tests/catalog/search/test_saved_searches.py", "tests/portal/search/test_saved_searches.py"),
    ),
)
