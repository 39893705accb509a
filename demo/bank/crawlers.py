"""The crawler of Insurance: files that an insurer of natural disasters delivers, and the database that their tables go to."""

import json

from demo.bank.accounts import INSURANCE, REINSURANCE_REGION
from mocklake.seeding import World, as_root, put_object, role

CRAWLER = "disaster-deliveries"
CRAWLER_ROLE = "insurance-table-crawler"
CRAWLED_DATABASE = "insurance_deliveries"
BUCKET, FOLDER = "harbour-insurance-gold", "deliveries"
HAIL = "event_id,region,hailed_on,largest_stone_mm,claims\nHAIL-1,Zealand,2026-05-14,41,212\nHAIL-2,Jutland,2026-06-02,28,97\n"
FLOODS = (
    {"zone_id": "FZ-01", "river": "Gudena", "return_period_years": 20, "insured_sum": 1250000.5},
    {"zone_id": "FZ-02", "river": "Skjern", "return_period_years": 100, "insured_sum": 830000.0},
)


def create_crawler(world: World) -> None:
    """Nobody has run it yet: the database has no tables."""
    arn = f"arn:aws:s3:::{BUCKET}"
    rules = [
        {"Effect": "Allow", "Action": ["glue:*", "lakeformation:GetDataAccess"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [arn, f"{arn}/*"]},
    ]
    trusts = {
        "Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole",
    }  # fmt: skip
    crawler_role = role(
        world, INSURANCE, CRAWLER_ROLE, trust={"Version": "2012-10-17", "Statement": [trusts]},
        policy={"Version": "2012-10-17", "Statement": rules}, description="Insurance: crawls deliveries",
    )  # fmt: skip
    put_object(INSURANCE, BUCKET, f"{FOLDER}/hail_events/2026.csv", HAIL.encode())
    floods = "\n".join(json.dumps(one) for one in FLOODS)
    put_object(INSURANCE, BUCKET, f"{FOLDER}/flood_zones/zones.json", floods.encode())
    place = (world, INSURANCE, REINSURANCE_REGION)
    as_root(
        *place, "glue", "CreateDatabase",
        DatabaseInput={"Name": CRAWLED_DATABASE, "CreateTableDefaultPermissions": []},
    )  # fmt: skip
    as_root(
        *place, "lakeformation", "GrantPermissions",
        Principal={"DataLakePrincipalIdentifier": crawler_role},
        Resource={"Database": {"Name": CRAWLED_DATABASE}}, Permissions=["CREATE_TABLE", "DESCRIBE"],
    )  # fmt: skip
    as_root(
        *place, "glue", "CreateCrawler", Name=CRAWLER, Role=crawler_role, DatabaseName=CRAWLED_DATABASE,
        Targets={"S3Targets": [{"Path": f"s3://{BUCKET}/{FOLDER}/"}]},
    )  # fmt: skip
