"""Who may use a key of KMS: the key's policy and the caller's own together.

A key's policy that names the account leaves the decision to the account's IAM policies; one that names the principal
itself suffices inside the account; across accounts both must allow (KMS Developer Guide, key-policies and
key-policy-modifying-external-accounts). Grants of KMS are not evaluated.
"""

from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.iam.caller_policies import identity_decision
from mocklake.iam.policy_documents import Decision, decide, names_exactly, statements


def find(named: str, account: str, region: str) -> Any | None:
    """Moto's key by its id, ARN or alias; a bare id or alias is the account's, an ARN of the region's partition."""
    if partitions.of_arn(named) not in ("", partitions.of_region(region)):
        return None
    if named.startswith("arn:"):
        region, account = named.split(":")[3:5]
    return moto_bridge.encryption_key(account, region, named)


def is_usable(key: Any | None) -> bool:
    """It exists, encrypts (moto has no usage where AWS has its default), and is not disabled or to be deleted."""
    return key is not None and key.key_state == "Enabled" and key.key_usage in (None, "ENCRYPT_DECRYPT")


def may(principal_arn: str, action: str, key: Any | None) -> bool:
    if key is None or not is_usable(key):
        return False
    rules = statements(key.policy)
    own = identity_decision(principal_arn, action, key.arn)
    theirs = decide(rules, action, key.arn, principal=principal_arn)
    if Decision.DENY in (own, theirs) or theirs is not Decision.ALLOW:
        return False
    exactly = [rule for rule in rules if names_exactly(rule, principal_arn)]
    named = decide(exactly, action, key.arn, principal=principal_arn) is Decision.ALLOW
    at_home = principal_arn.split(":")[4] == key.arn.split(":")[4]
    return own is Decision.ALLOW or (at_home and named)
