"""The rule of a domain that keeps grants of a table which one of its pipeline roles created again."""

from catalog.mirror.models import Table
from catalog.products.models import Domain
from identity.accounts.models import Principal
from lakeformation.values.arn import is_created_by
from requests_app.policies.evaluation import list_published_versions, parse_version_rules
from requests_app.policies.models import PolicyVersion


def find_creator(table: Table, domain: Domain | None) -> Principal | None:
    """The role or user of a producer account of the domain's team that Glue names as the table's creator; None if it is somebody
    else's, or not known.
    """
    if domain is None or not table.created_by:
        return None
    rows = Principal.objects.filter(
        account__is_producer=True, account__team=domain.owner_team_id, gone_at=None, is_portal=False
    ).select_related("account")
    return next((one for one in rows if is_created_by(table.created_by, one.arn)), None)


def find_keeping_policy(table: Table) -> PolicyVersion | None:
    """The published policy of the table's domain with a rule that names its creator; None if people decide."""
    domain = table.database.domain
    creator = find_creator(table, domain)
    if creator is None:
        return None
    for version in list_published_versions(domain):
        if version.domain_id is not None and any(
            creator.arn in rule.then.keep_recreated_by for rule in parse_version_rules(version)
        ):
            return version
    return None
