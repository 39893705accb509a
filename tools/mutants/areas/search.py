"""Searches that show what must not be seen, and policies that let pass what they should tighten."""

from tools.mutants.mutant import Mutant

ENTITLEMENTS = "catalog/search/plans/matches.py"
OWN_REQUESTS = "requests_app/grants/own_requests.py"
OWN_REQUEST_TESTS = ("tests/requests_app/grants/test_own_requests.py",)
FACET_LINKS = ("tests/catalog/search/test_facet_links.py",)
SEARCH_TESTS = ("tests/catalog/search/test_changed_rights.py", "tests/catalog/search/test_facets.py")
SEARCH_MUTANTS = (
    Mutant(
        "what a role that is gone could read counts as readable",
        ENTITLEMENTS,
        "    WHERE r.gone_at IS NULL))\n",
        "    ))\n",
        SEARCH_TESTS,
    ),
    Mutant(
        "roles of every team count",
        ENTITLEMENTS,
        "a.id = r.account_id AND a.team_id = ANY(%(teams)s)\n    WHERE r.gone_at IS NULL))",
        "a.id = r.account_id AND %(teams)s IS NOT NULL\n    WHERE r.gone_at IS NULL))",
        SEARCH_TESTS,
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
        "a search result shows requests of everybody",
        OWN_REQUESTS,
        "WHERE %(person)s IN (i.requester_id, r.taken_over_by_id) OR",
        "WHERE %(person)s IS NOT NULL OR",
        OWN_REQUEST_TESTS,
    ),
    Mutant(
        "what an account was granted counts as somebody's",
        OWN_REQUESTS,
        "AND p.arn <> p.unique_id AND",
        "AND",
        OWN_REQUEST_TESTS,
    ),
    Mutant(
        "a grant whose effects have changed is still to come",
        OWN_REQUESTS,
        "    AND NOT (n.presence = '{_Presence.STALE}' AND n.proven_generation = n.generation)\n",
        "",
        OWN_REQUEST_TESTS,
    ),
    Mutant(
        "somebody else's saved search is deleted",
        "catalog/search/saved_searches.py",
        'return ALLOWED if saved.person_id == person.pk else refusal("This search belongs to someone else.")',
        'return ALLOWED if person.is_active else refusal("This search belongs to someone else.")',
        ("tests/catalog/search/test_saved_searches.py", "tests/portal/search/test_saved_searches.py"),
    ),
    Mutant(
        "a facet offers values that an excluded filter leaves out",
        "catalog/search/facets.py",
        "is_replaced = not each.excluded and FACET_OF",
        "is_replaced = FACET_OF",
        FACET_LINKS,
    ),
    Mutant(
        "a click keeps the typed filter of its facet",
        "catalog/search/facets.py",
        "for each in own if own or is_selected else typed:",
        "for each in own:",
        FACET_LINKS,
    ),
    Mutant(
        "a spelling is suggested that finds less",
        "catalog/search/spelling.py",
        "if instead.total <= found.total:",
        "if not text:",
        ("tests/catalog/search/test_suggested_spelling.py",),
    ),
    Mutant(
        "the general plan finds what is hidden",
        "catalog/search/plans/general_plan.py",
        "  WHERE {VISIBLE_DOCUMENT} AND {{of}} {{narrowed}}",
        "  WHERE {{of}} {{narrowed}}",
        ("tests/catalog/search/test_visibility.py",),
    ),
    Mutant(
        "a widened search finds excluded words",
        "catalog/search/text_queries.py",
        "coalesce(prefixed || ({_SOME} && excluded), prefixed)",
        "coalesce(prefixed || {_SOME}, prefixed)",
        ("tests/catalog/search/test_widening.py",),
    ),
    Mutant(
        "the beginning of a word ranks like the word",
        "catalog/search/text_queries.py",
        "  WHEN d.id IN (SELECT id FROM with_all_words WHERE NOT is_scattered) OR %(names_terms)s AND d.id = ANY(%(linked)s) THEN {ALL_WORDS}",
        "  WHEN true THEN {ALL_WORDS}",
        ("tests/catalog/search/test_widening.py",),
    ),
)
VERDICT, RULES = "requests_app/policy_engine/verdict.py", "requests_app/policy_engine/rules.py"
EVALUATION = "requests_app/policies/evaluation.py"
POLICY_TESTS = ("tests/requests_app/policy_engine/test_verdict.py",)
APPROVAL_TESTS = (
    "tests/requests_app/review/test_approval_under_policies.py",
    "tests/requests_app/review/test_auto_approval.py",
)
POLICIES_MUTANTS = (
    Mutant(
        "a rule approves by itself though another demands people",
        VERDICT,
        "    if refused or demanded:\n",
        "    if refused:\n",
        POLICY_TESTS,
    ),
    Mutant(
        "the smaller of two quorums counts",
        VERDICT,
        "quorum, step = max(held.quorum, need.quorum), max(held.step, need.step)",
        "quorum, step = min(held.quorum, need.quorum), max(held.step, need.step)",
        POLICY_TESTS,
    ),
    Mutant(
        "a rule that names other roles leaves the owner out",
        VERDICT,
        "    by_role.setdefault(DeciderRole.OWNER, OWNER_APPROVAL_ONLY[0])\n",
        "    if not by_role:\n        by_role[DeciderRole.OWNER] = OWNER_APPROVAL_ONLY[0]\n",
        POLICY_TESTS,
    ),
    Mutant(
        "a column without a class passes a rule that excludes classes",
        VERDICT,
        "for name, its in facts.column_classifications.items() if its in classes or not its}",
        "for name, its in facts.column_classifications.items() if its in classes}",
        POLICY_TESTS,
    ),
    Mutant(
        "access of unknown length passes a limit of days",
        VERDICT,
        "if most is not None and (days is None or days > most) else None",
        "if most is not None and days is not None and days > most else None",
        POLICY_TESTS,
    ),
    Mutant(
        "access of exactly the allowed days is refused",
        VERDICT,
        "if most is not None and (days is None or days > most) else None",
        "if most is not None and (days is None or days >= most) else None",
        POLICY_TESTS,
    ),
    Mutant(
        "a global rule approves by itself",
        RULES,
        "says = bool(self.domain) and all(one.matches_all(facts) for one in self.when)",
        "says = all(one.matches_all(facts) for one in self.when)",
        POLICY_TESTS,
    ),
    Mutant(
        "an automatic approval needs one matching condition only",
        RULES,
        "says = bool(self.domain) and all(one.matches_all(facts) for one in self.when)",
        "says = bool(self.domain) and any(one.matches_all(facts) for one in self.when)",
        POLICY_TESTS,
    ),
    Mutant(
        "what is not known does not satisfy a rule that tightens",
        RULES,
        "            if holds is None:\n                unknown.append(one.fact)\n",
        "            if holds is None:\n                return None\n",
        POLICY_TESTS,
    ),
    Mutant(
        "a domain's rule applies to other domains",
        RULES,
        'self.domain and facts.words.get("domain") != frozenset({self.domain})',
        'self.domain and not facts.words.get("domain")',
        POLICY_TESTS,
    ),
    Mutant(
        "free text of the requester approves by itself",
        RULES,
        "if found is None or self.fact in FREE_TEXT_FACTS:",
        "if found is None:",
        POLICY_TESTS,
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
