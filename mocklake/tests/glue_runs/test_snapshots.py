"""What Glue holds beside its catalog comes through a snapshot whole, runs under way included."""

import json
import pickle

from mocklake.testing.in_process import InProcess
from mocklake.tests.glue_runs.test_crawlers import CENTRAL, SEED, Lake


def test_everything_comes_through_a_snapshot() -> None:
    with InProcess(seed=SEED, manners="polite") as aws:
        lake = Lake(aws)
        lake.put("in/day=mon/1.csv", "id,name\n1,a\n")
        lake.make()
        lake.run()
        lake.glue.start_crawler(Name="one")
        lake.glue.create_data_quality_ruleset(Name="good", Ruleset="Rules = [ RowCount = 1 ]")
        source = {"GlueTable": {"DatabaseName": "sales", "TableName": "in"}}
        lake.glue.start_data_quality_ruleset_evaluation_run(
            DataSource=source, Role="crawler", RulesetNames=["good"]
        )
        policy = f'{{"Effect":"Allow","Action":"glue:*","Principal":{{"AWS":"{CENTRAL}"}},"Resource":"*"}}'
        lake.glue.put_resource_policy(PolicyInJson=f'{{"Version":"2012-10-17","Statement":{policy}}}')
        off = {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}
        lake.glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=off)
        before = aws.simulator.world
        after = pickle.loads(pickle.dumps(before))  # noqa: S301
        names = [name for name in before.stores if name.startswith("glue")]
        assert len(names) == 6
        assert {name: after.stores[name] for name in names} == {name: before.stores[name] for name in names}


def test_what_a_run_calls_is_recorded_and_told_of() -> None:
    with InProcess(seed=SEED, manners="polite") as aws:
        lake = Lake(aws)
        lake.put("in/day=mon/1.csv", "id,name\n1,a\n")
        lake.make()
        lake.run()
        made = [one for one in aws.control("calls") if one["principal"].endswith("/AWSGlue")]
        assert [one["operation"] for one in made] == ["CreateTable", "BatchCreatePartition"]
        trail = aws.client("cloudtrail", CENTRAL)
        asked = [{"AttributeKey": "EventName", "AttributeValue": "BatchCreatePartition"}]
        (event,) = trail.lookup_events(LookupAttributes=asked)["Events"]
        assert json.loads(event["CloudTrailEvent"])["sourceIPAddress"] == "glue.amazonaws.com"
