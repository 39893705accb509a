"""People who may do or see what they must not, in the `may.py` files and in pages that ask them."""

from tools.mutants.mutant import Mutant

ITEMS, GRANTS = "requests_app/access_requests/may.py", "requests_app/grants/may.py"
BREAK_GLASS, ROLE_CHANGES = "requests_app/break_glass/may.py", "identity/role_changes/may.py"
SUBMISSION, PERMISSIONS = "requests_app/submission/may.py", "requests_app/permissions/may.py"
DELEGATION = "requests_app/review/delegation/queries.py"
VISIBILITY_TESTS = ("tests/requests_app/access_requests/test_visibility.py",)
SEPARATION_TESTS = ("tests/requests_app/review/test_separation.py",)
BREAK_GLASS_TESTS = (
    "tests/requests_app/break_glass/test_separation.py",
    "tests/requests_app/break_glass/test_break_glass.py",
)
GOVERNOR_TESTS = ("tests/identity/role_changes/test_second_governor.py",)
DELEGATION_TESTS = ("tests/requests_app/review/test_delegation.py",)

MUTANTS = (
    Mutant(
        "the domain of the product decides on another domain's table",
        ITEMS,
        "return table.database.domain or (product.domain if product else None)",
        "return (product.domain if product else None) or table.database.domain",
        ("tests/requests_app/review/test_approval.py",),
    ),
    Mutant(
        "owners of a product list requests for another domain's table",
        ITEMS,
        "table__database__domain__isnull=True, product__domain__owner_team__in=teams",
        "product__domain__owner_team__in=teams",
        ("tests/requests_app/review/test_approval.py",),
    ),
    Mutant(
        "members of any team see every request",
        ITEMS,
        "or bool(teams & get_requesting_team_ids(item))",
        "or bool(teams)",
        VISIBILITY_TESTS,
    ),
    Mutant(
        "a role across the mesh sees items that need no approval of it",
        ITEMS,
        "or bool(across & PLATFORM_DECIDER_ROLES & set(item.needed_from))",
        "or bool(across & PLATFORM_DECIDER_ROLES)",
        VISIBILITY_TESTS,
    ),
    Mutant(
        "a deactivated data owner acts",
        ITEMS,
        "    if person.is_active and domain.owner_team_id in get_team_ids_with_role(\n"
        "        person, Membership.Role.DATA_OWNER\n    ):",
        "    if domain.owner_team_id in get_team_ids_with_role(person, Membership.Role.DATA_OWNER):",
        (
            "tests/requests_app/review/test_approval.py",
            "tests/requests_app/grants/test_revocation_and_expiry.py",
        ),
    ),
    Mutant(
        "a request is decided while nobody answers for it",
        ITEMS,
        "        if item.request.current_requester.is_active\n        else refusal(describe_leaver_request(",
        "        if item.request.current_requester.pk\n        else refusal(describe_leaver_request(",
        ("tests/requests_app/leavers/test_take_over.py", "tests/requests_app/leavers/test_departures.py"),
    ),
    Mutant(
        "the owner of a service role decides on what it would read",
        ITEMS,
        "return frozenset(asked if owner is None else {*asked, owner})",
        "return frozenset(asked)",
        ("tests/requests_app/grants/test_service_roles.py", *SEPARATION_TESTS),
    ),
    Mutant(
        "the team of the consuming account does not count as requesting",
        ITEMS,
        "return frozenset({item.request.team_id, item.request.principal.account.team_id})",
        "return frozenset({item.request.team_id})",
        ("tests/requests_app/access_requests/test_visibility.py",),
    ),
    Mutant(
        "a grant is revoked by an admin of another account",
        GRANTS,
        "grant.principal.account.team_id in get_team_ids_with_role(person, Membership.Role.ACCOUNT_ADMIN)",
        "bool(get_team_ids_with_role(person, Membership.Role.ACCOUNT_ADMIN))",
        ("tests/requests_app/grants/test_revocation_and_expiry.py",),
    ),
    Mutant(
        "data owners see what is held outside the portal of another domain's product",
        GRANTS,
        "if product.domain.owner_team_id in get_team_ids_with_role(\n"
        "        person, Membership.Role.DATA_OWNER\n    ) or can_read_everything(person):",
        "if get_team_ids_with_role(person, Membership.Role.DATA_OWNER) or can_read_everything(person):",
        ("tests/requests_app/grants/test_access_outside_portal.py", "tests/portal/access/test_pages.py"),
    ),
    Mutant(
        "a role of another team's account is requested",
        SUBMISSION,
        "if principal.account.team_id not in teams:",
        "if not teams:",
        ("tests/requests_app/submission/test_submission.py",),
    ),
    Mutant(
        "a member who is no admin requests access for the whole account",
        SUBMISSION,
        "if principal.is_account and principal.account.team_id not in get_team_ids_with_role(\n"
        "        person, Membership.Role.ACCOUNT_ADMIN\n    ):",
        "if principal.is_account and principal.account.team_id not in teams:",
        ("tests/requests_app/grants/test_subgrants.py", "tests/requests_app/submission/test_submission.py"),
    ),
    Mutant(
        "whoever took break-glass access confirms it",
        BREAK_GLASS,
        "person.pk != consent.confirmer_id or person.pk == session.started_by_id:",
        "person.pk not in {consent.confirmer_id, session.started_by_id}:",
        BREAK_GLASS_TESTS,
    ),
    Mutant(
        "the second person reviews the break-glass session",
        BREAK_GLASS,
        "if person.pk in {session.started_by_id, session.confirmed_by_id}:",
        "if person.pk == session.started_by_id:",
        ("tests/requests_app/break_glass/test_separation.py",),
    ),
    Mutant(
        "a consent outlasts its giver's role",
        BREAK_GLASS,
        "if not may_answer_for_consents(consent.granted_by, consent.domain):",
        "if not consent.granted_by.is_active:",
        BREAK_GLASS_TESTS,
    ),
    Mutant(
        "a governor confirms a role change that they proposed",
        ROLE_CHANGES,
        "    if person.pk == change.requested_by_id:\n"
        '        return refusal(_("You proposed this. Another governor has to confirm it."))\n',
        "",
        GOVERNOR_TESTS,
    ),
    Mutant(
        "a governor confirms a role change that concerns them",
        ROLE_CHANGES,
        "    if person.pk == change.person_id:\n",
        "    if person.pk == change.person_id and not person.is_active:\n",
        GOVERNOR_TESTS,
    ),
    Mutant(
        "a governor made by the proposer confirms",
        ROLE_CHANGES,
        'return may_decide_row(person, change, "decided_by")',
        "return ALLOWED",
        GOVERNOR_TESTS,
    ),
    Mutant(
        "a data owner has permissions of another domain removed",
        PERMISSIONS,
        "        domain\n        and person.is_active\n        and domain.owner_team_id in"
        " get_team_ids_with_role(person, Membership.Role.DATA_OWNER)\n    ):\n        return ALLOWED\n"
        '    return refusal(_("Only data owners and governance admins can remove this."))',
        "        domain\n        and person.is_active\n        and"
        " get_team_ids_with_role(person, Membership.Role.DATA_OWNER)\n    ):\n        return ALLOWED\n"
        '    return refusal(_("Only data owners and governance admins can remove this."))',
        ("tests/requests_app/permissions/test_adoption_and_removal.py",),
    ),
    Mutant(
        "a delegation is used after its end",
        DELEGATION,
        "starts_at__lte=Now(), ends_at__gt=Now(), ended_at=None)\n    there",
        "starts_at__lte=Now(), ended_at=None)\n    there",
        DELEGATION_TESTS,
    ),
    Mutant(
        "a delegate decides on what their own team requests",
        DELEGATION,
        "return mine.exclude(delegate__in=apart).exclude(delegate__in=insiders)",
        "return mine.exclude(delegate__in=apart)",
        DELEGATION_TESTS,
    ),
    Mutant(
        "the word of a former data owner is used by their delegate",
        DELEGATION,
        "there.filter(Exists(OWNER_MEMBERSHIPS), Exists(DELEGATE_MEMBERSHIPS))",
        "there.filter(Exists(DELEGATE_MEMBERSHIPS))",
        DELEGATION_TESTS,
    ),
    Mutant(
        "the product page shows everyone what is held outside the portal",
        "portal/access/lists.py",
        "return list_unmanaged_holdings(product, self.now) if may_view_holders(self.person, product) else []",
        "return list_unmanaged_holdings(product, self.now)",
        ("tests/requests_app/grants/test_access_outside_portal.py",),
    ),
    Mutant(
        "the page that explains access opens for anyone",
        "portal/explanations/views.py",
        "    if not may_explain_some(person, table):\n",
        "    if not person.is_active:\n",
        ("tests/portal/explanations/test_pages.py",),
    ),
    Mutant(
        "pages of people, teams and domains show unpublished products to anyone",
        "catalog/browse/products.py",
        "shown = visible_products(person).filter(condition).select_related(",
        "shown = DataProduct.objects.filter(condition).select_related(",
        ("tests/portal/people/test_pages.py",),
    ),
)
