import pytest

from hq.fleet import sql
from tests.hq.fleet.visits import event, land


@pytest.fixture
def landed(settings):
    for region in ("华北", ""):
        store = f"store-{len(region)}"
        land(settings, region, event(store))
    return settings


def test_visits_are_rows_to_ask_about(landed):
    names, rows = sql.answer(
        landed,
        "SELECT day, region, zone, count(*) AS visits FROM visits GROUP BY ALL ORDER BY ALL",
    )

    assert names == ["day", "region", "zone", "visits"]
    assert [(str(day), *others) for day, *others in rows] == [
        ("2026-05-16", "", "inside", 40),
        ("2026-05-16", "", "outside", 100),
        ("2026-05-16", "华北", "inside", 40),
        ("2026-05-16", "华北", "outside", 100),
    ]


def test_an_empty_folder_has_no_visits(settings):
    assert sql.answer(settings, "SELECT count(*) FROM visits")[1] == [(0,)]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("COPY visits TO '{folder}/visits.csv'", id="write"),
        pytest.param("COPY (SELECT 1) TO '{outside}/visits.csv'", id="write elsewhere"),
        pytest.param("CREATE TABLE mine AS SELECT 1", id="make"),
        pytest.param("DROP VIEW visits", id="drop"),
        pytest.param("ATTACH '{outside}/other.db'", id="attach"),
        pytest.param("SET enable_external_access = true", id="unlock"),
        pytest.param("SELECT 1; DROP VIEW visits", id="two at once"),
        pytest.param("SELECT * FROM read_text('/etc/hostname')", id="read elsewhere"),
        pytest.param("SELECT * FROM nothing", id="no such table"),
        pytest.param("SELEC", id="no question"),
        pytest.param("", id="nothing"),
    ],
)
def test_only_questions_are_answered_and_of_the_folder_alone(landed, tmp_path, question):
    before = sorted(tmp_path.rglob("*"))
    asked = question.format(folder=landed.data_dir / "fleet", outside=tmp_path)

    with pytest.raises(sql.QueryError):
        sql.answer(landed, asked)

    assert sorted(tmp_path.rglob("*")) == before
