import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from hq.fleet import landing
from hq.fleet.folder import FolderError
from tests.hq.fleet import visits
from tests.hq.fleet.visits import event, land

ROOT = Path(__file__).parents[3]


def files(settings):
    folder = settings.data_dir / "fleet"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_store_day_is_one_file_of_rows_that_name_nobody(settings):
    land(settings, "North", event())

    [name] = files(settings)
    assert name == "landed/day=2026-05-16/region=North/store-1.parquet"
    table = parquet.ParquetFile(settings.data_dir / "fleet" / name).read()
    assert table.column_names == [
        "store",
        "minute",
        "zone",
        "dwell_s",
        "visitor_after_s",
        "time_zone",
        "day_begins",
    ]
    assert len(table) == 140
    assert table["minute"].to_pylist() == sorted(table["minute"].to_pylist())
    dwell_s = sorted(event()["inside"]["dwell_s"])
    rows = zip(table["zone"].to_pylist(), table["dwell_s"].to_pylist(), strict=True)
    assert sorted(long for zone, long in rows if zone == "inside") == dwell_s


def test_what_is_sent_again_takes_the_place_of_what_was_there(settings):
    for passers_by in (100, 100, 7):
        land(settings, "North", event(passers_by=passers_by))

    [name] = files(settings)
    assert parquet.ParquetFile(settings.data_dir / "fleet" / name).metadata.num_rows == 47


def test_a_store_that_moved_to_another_region_is_there_once(settings):
    for region in ("North", "South"):
        land(settings, region, event())

    assert files(settings) == ["landed/day=2026-05-16/region=South/store-1.parquet"]


@pytest.mark.parametrize("region", ["", "华北", "../..", "a/b=c", "%41 *"])
def test_regions_may_have_any_name(settings, region):
    land(settings, region, event())

    [name] = files(settings)
    where = landing.folder.of(settings)
    assert [place.region for place in where.regions("landed", visits.DAY)] == [region]
    assert name.count("/") == 3


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"store": "../../etc/passwd"}, id="no store"),
        pytest.param({"day": "yesterday"}, id="no day"),
        pytest.param({"time_zone": "Mars/Olympus"}, id="no zone"),
        pytest.param({"passed": [1500.5]}, id="half a minute"),
        pytest.param({"passed": [1501]}, id="after the day"),
        pytest.param({"passed": ["one"]}, id="a word"),
        pytest.param({"inside": {"minute": [1], "dwell_s": []}}, id="a column too short"),
        pytest.param({"inside": {"minute": [1], "dwell_s": [-1]}}, id="less than no time"),
        pytest.param({"inside": {"minute": [], "dwell_s": []}, "passed": []}, id="no row"),
        pytest.param({"inside": None}, id="no column"),
        pytest.param({"visitor_after_s": 7200}, id="no visitors' time"),
        pytest.param({"day": "9999-12-31"}, id="after all days"),
        pytest.param({"day": "2027-01-03"}, id="after tomorrow"),
        pytest.param({"day": "0001-01-01"}, id="before all days"),
        pytest.param({"day_begins": "00:00+02:00"}, id="no time of the day"),
        pytest.param({"time_zone": "America"}, id="a folder of zones"),
    ],
)
def test_rows_of_another_form_are_refused_for_good(settings, change):
    with pytest.raises(landing.UnusableRowsError):
        land(settings, "North", event() | change)

    assert files(settings) == []


def test_no_store_writes_over_anothers_rows(settings):
    landing.land(settings, store="mine", region="North", data=event("yours"), now=visits.NOW)

    assert files(settings) == ["landed/day=2026-05-16/region=North/mine.parquet"]


def test_fields_of_later_versions_do_no_harm(settings):
    land(settings, "North", event() | {"weather": "rain"})

    assert len(files(settings)) == 1


def test_a_folder_that_cannot_be_written_is_told_of(settings):
    settings.data_dir.mkdir()
    (settings.data_dir / "fleet").write_text("a file")

    with pytest.raises(FolderError, match=r"hq\.fleet\.folder"):
        land(settings, "North", event())


def test_a_file_that_breaks_off_is_never_seen(settings, monkeypatch):
    """Not even the half of it: as when the disk is full."""
    land(settings, "North", event())
    before = files(settings)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200));"
    script = (
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from pathlib import Path; from tests.hq.fleet import visits;"
        f"settings = visits.headquarters(Path({str(settings.data_dir.parent)!r}));"
        f"{limit} visits.land(settings, 'North', visits.event(visitors=4000))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert "FolderError" in run.stderr
    assert files(settings) == before
    name = settings.data_dir / "fleet" / before[0]
    assert parquet.ParquetFile(name).metadata.num_rows == 140


def test_what_serves_stores_loads_nothing_of_what_makes_figures():
    heavy = {"pandas", "numpy", "pyarrow", "dask", "distributed", "duckdb", "fsspec", "s3fs"}
    modules = "hq.fleet.landing, hq.wsgi, appliance.hq.command"
    script = f"import sys, {modules}; print(sorted({heavy!r} & set(sys.modules)))"

    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"
