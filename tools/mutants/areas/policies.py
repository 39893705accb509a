"""Policies that let pass what they should tighten."""

from tools.mutants.mutant import Mutant

VERDICT, RULES = "requests_app/policy_engine/verdict.py", "requests_app/policy_engine/rules.py"
EVALUATION = "requests_app/policies/evaluation.py"
TESTS = ("tests/requests_app/policy_engine/test_verdict.py",)
APPROVAL_TESTS = (
    "tests/requests_app/review/test_approval_under_policies.py",
    "tests/requests_app/review/test_auto_approval.py",
)

MUTANTS = (
    Mutant(
        "a rule approves by itself though another demands people",
        VERDICT,
        "    if refused or demanded:\n",
        "    if refused:\n",
        TESTS,
    ),
    Mutant(
        "the smaller of two quorums counts",
        VERDICT,
        "quorum, step = max(held.quorum, need.quorum), max(held.step, need.step)",
        "quorum, step = min(held.quorum, need.quorum), max(held.step, need.step)",
        TESTS,
    ),
    Mutant(
        "a rule that names other roles leaves the owner out",
        VERDICT,
        "    by_role.setdefault(DeciderRole.OWNER, OWNER_APPROVAL_ONLY[0])\n",
        "    if not by_role:\n        by_role[DeciderRole.OWNER] = OWNER_APPROVAL_ONLY[0]\n",
        TESTS,
    ),
    Mutant(
        "a column without a class passes a rule that excludes classes",
        VERDICT,
        "for name, its in facts.column_classifications.items() if its in classes or not its}",
        "for name, its in facts.column_classifications.items() if its in classes}",
        TESTS,
    ),
    Mutant(
        "access of unknown length passes a limit of days",
        VERDICT,
        "if most is not None and (days is None or days > most) else None",
        "if most is not None and days is not None and days > most else None",
        TESTS,
    ),
    Mutant(
        "access of exactly the allowed days is refused",
        VERDICT,
        "if most is not None and (days is None or days > most) else None",
        "if most is not None and (days is None or days >= most) else None",
        TESTS,
    ),
    Mutant(
        "a global rule approves by itself",
        RULES,
        "says = bool(self.domain) and all(one.matches_all(facts) for one in self.when)",
        "says = all(one.matches_all(facts) for one in self.when)",
        TESTS,
    ),
    Mutant(
        "an automatic approval needs one matching condition only",
        RULES,
        "says = bool(self.domain) and all(one.matches_all(facts) for one in self.when)",
        "says = bool(self.domain) and any(one.matches_all(facts) for one in self.when)",
        TESTS,
    ),
    Mutant(
        "what is not known does not satisfy a rule that tightens",
        RULES,
        "            if holds is None:\n                unknown.append(one.fact)\n",
        "            if holds is None:\n                return None\n",
        TESTS,
    ),
    Mutant(
        "a domain's rule applies to other domains",
        RULES,
        'self.domain and facts.words.get("domain") != frozenset({self.domain})',
        'self.domain and not facts.words.get("domain")',
        TESTS,
    ),
    Mutant(
        "free text of the requester approves by itself",
        RULES,
        "if found is None or self.fact in FREE_TEXT_FACTS:",
        "if found is None:",
        TESTS,
    ),
    Mutant(
        "drafts and retired versions of policies are applied",
        EVALUATION,
        "PolicyVersion.objects.filter(scope, state=PolicyState.PUBLISHED)",
        "PolicyVersion.objects.filter(scope)",
        APPROVAL_TESTS,
    ),
    Mutant(
        "an approval does not name the verdict that was shown",
        EVALUATION,
        "if policy_hash and verdict.digest() != policy_hash:",
        "if policy_hash and not verdict.digest():",
        APPROVAL_TESTS,
    ),
    Mutant(
        "an approval of other effects counts toward the quorum",
        EVALUATION,
        "        effects_hash=effects_hash,\n    )\n    whose",
        "    )\n    whose",
        (*APPROVAL_TESTS, "tests/requests_app/review/test_approval_with_changes.py"),
    ),
    Mutant(
        "an approval until an earlier end counts toward the quorum",
        EVALUATION,
        "Q(ends_at=None) | Q(ends_at__gte=item.ends_at)",
        "Q(ends_at=None) | Q(ends_at__lte=item.ends_at)",
        (*APPROVAL_TESTS, "tests/requests_app/review/test_approval_with_changes.py"),
    ),
)
