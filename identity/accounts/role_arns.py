"""ARNs of an account's IAM roles, and the database constraint on them."""

from django.db.models import CheckConstraint, F, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from lakeformation.values.arn import MalformedArnError, PrincipalArn

ROLE_PATH_AND_NAME = "([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}"
NOT_ACCOUNT_ROLE = _(
    "This is not a role of the account. Enter an ARN such as arn:aws:iam::<its twelve digits>:role/<name>."
)


def build_account_role_constraint(field: str, *, name: str) -> CheckConstraint:
    """A check that the field of `Account` holds the ARN of a role of the same account and partition."""
    pattern = Concat(
        Value("^arn:"),
        F("partition"),
        Value(":iam::"),
        F("account_id"),
        Value(f":role/{ROLE_PATH_AND_NAME}$"),
    )
    return CheckConstraint(
        condition=Q(**{f"{field}__regex": pattern}), name=name, violation_error_message=NOT_ACCOUNT_ROLE
    )


def named_arn(arn: str) -> Q:
    """The principals of this ARN. AWS keeps the case of a role's name, and makes no second role that differs only in case."""
    return Q(arn__iexact=arn.strip()) if arn.isascii() else Q(pk__in=[])


def is_role_of_account(arn: str, *, account_id: str, partition: str) -> bool:
    """Whether it is the ARN of an IAM role of this account."""
    try:
        found = PrincipalArn.parse(arn)
    except MalformedArnError:
        return False
    return (found.kind, found.account, found.partition) == ("role", account_id, partition)
