"""ARNs of the IAM roles of one account, and the constraint that holds them to it."""

from django.db.models import CheckConstraint, F, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from lakeformation.values.arn import MalformedArnError, PrincipalArn

PATH_AND_NAME = "([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}"
NOT_ITS_ROLE = _(
    "This is not a role of the account. Enter an ARN such as arn:aws:iam::<its twelve digits>:role/<name>."
)


def role_of_the_account(field: str, *, name: str) -> CheckConstraint:
    """That the field of an `Account` holds the ARN of an IAM role of the same account and partition."""
    pattern = Concat(
        Value("^arn:"), F("partition"), Value(":iam::"), F("account_id"), Value(f":role/{PATH_AND_NAME}$")
    )
    return CheckConstraint(
        condition=Q(**{f"{field}__regex": pattern}), name=name, violation_error_message=NOT_ITS_ROLE
    )


def is_role_of(arn: str, *, account_id: str, partition: str) -> bool:
    """Whether it is the ARN of an IAM role of this account."""
    try:
        found = PrincipalArn.parse(arn)
    except MalformedArnError:
        return False
    return (found.kind, found.account, found.partition) == ("role", account_id, partition)
