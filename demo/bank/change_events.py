"""Where EventBridge leaves what changed in the accounts of the bank: a queue for each catalog."""

QUEUE_NAME = "marketplace-changes"
RULE_NAME = "marketplace-changes"
EVENT_SOURCES = ("aws.glue", "aws.lakeformation", "aws.ram")


def build_queue_url(account: str, region: str) -> str:
    return f"https://sqs.{region}.amazonaws.com/{account}/{QUEUE_NAME}"


def build_queue_arn(account: str, region: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:{QUEUE_NAME}"
