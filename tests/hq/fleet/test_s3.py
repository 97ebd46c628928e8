"""The fleet's folder at S3: a server of moto's, on this machine, that speaks S3's protocol."""

import botocore.session
import pytest

from hq.fleet import compaction, figures, folder, sql
from hq.fleet.folder import COMPACTED, LANDED, FolderError, Partition
from tests import s3_server
from tests.hq.fleet import visits
from tests.hq.fleet.visits import DAY, event, here, land

QUESTION = "SELECT region, store, count(*) FROM visits GROUP BY ALL ORDER BY ALL"


@pytest.fixture(scope="module")
def endpoint():
    with s3_server.running() as address:
        yield address


@pytest.fixture
def at_s3(endpoint, tmp_path):
    key = {"s3_key_id": "chain", "s3_secret": "not a secret", "s3_endpoint": endpoint}
    client = botocore.session.get_session().create_client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id="chain",
        aws_secret_access_key="not a secret",
        region_name="us-east-1",
    )
    bucket = tmp_path.name.replace("_", "-").lower()
    client.create_bucket(Bucket=bucket)
    yield visits.headquarters(tmp_path, folder=f"s3://{bucket}/chain/visits", **key)
    client.close()


def test_rows_land_are_counted_compacted_and_asked_about(at_s3, database):
    for store in ("one", "two"):
        land(at_s3, "华北", event(store))
    land(at_s3, "华北", event("two", passers_by=60))

    [done] = figures.bring_up_to_date(at_s3, database, [DAY], here)

    assert done.store_days == 2
    expected = [("华北", "one", 140), ("华北", "two", 100)]
    assert sql.answer(at_s3, QUESTION)[1] == expected
    assert compaction.compact(at_s3, DAY.replace(day=30)) == 1
    where, place = folder.of(at_s3), Partition(DAY, "华北")
    assert (where.files(place.folder(LANDED)), len(where.files(place.folder(COMPACTED)))) == ([], 1)
    assert sql.answer(at_s3, QUESTION)[1] == expected
    [again] = figures.bring_up_to_date(at_s3, database, [DAY], here)
    assert again.store_days == 0


def test_a_store_that_moved_is_there_once(at_s3):
    for region in ("North", "South"):
        land(at_s3, region, event())

    assert sql.answer(at_s3, QUESTION)[1] == [("South", "store-1", 140)]


def test_what_cannot_be_reached_is_told_of_without_a_key(at_s3):
    fleet = at_s3.hq.fleet.model_copy(update={"folder": "s3://no-such-bucket/visits"})
    elsewhere = at_s3.model_copy(update={"hq": at_s3.hq.model_copy(update={"fleet": fleet})})

    with pytest.raises(FolderError) as refused:
        land(elsewhere, "North", event())

    assert "not a secret" not in f"{refused.value} {refused.value.__cause__!r}"
