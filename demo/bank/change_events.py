"""Where EventBridge leaves what changed in the accounts of the bank: a queue for each catalog."""

from demo.bank.accounts import GOVERNANCE, INSURANCE, REGION, REINSURANCE_REGION

QUEUE_NAME = "marketplace-changes"
RULE_NAME = "marketplace-changes"
EVENT_SOURCES = ("aws.glue", "aws.lakeformation", "aws.ram")
CATALOG_PLACES = {"gov": (GOVERNANCE, REGION), "ins-euw1": (INSURANCE, REINSURANCE_REGION)}
"""Account and region of each catalog, by its short name."""


def build_queue_url(account: str, region: str) -> str:
    return f"https://sqs.{region}.amazonaws.com/{account}/{QUEUE_NAME}"


def build_queue_arn(account: str, region: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:{QUEUE_NAME}"
