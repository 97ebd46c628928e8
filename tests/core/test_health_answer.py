import pytest
from werkzeug.test import Client

from core import health_answer
from core.database import Database
from core.health_answer import HealthAnswer


def below(_environ, start_response):
    start_response("404 NOT FOUND", [])
    return [b"below"]


@pytest.mark.parametrize(
    ("is_well", "status", "said"), [(True, 200, "ok"), (False, 503, "failing")]
)
def test_says_whether_it_is_well_and_nothing_else(is_well, status, said):
    answer = Client(HealthAnswer(below, lambda: is_well)).get("/health?x=1")

    assert (answer.status_code, answer.json) == (status, {"status": said})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_look_at_the_head_brings_no_body():
    answer = Client(HealthAnswer(below, lambda: True)).head("/health")

    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/health"), ("GET", "/health/"), ("GET", "/")]
)
def test_all_else_is_left_to_the_application(method, path):
    assert Client(HealthAnswer(below, lambda: True)).open(path, method=method).data == b"below"


def test_a_page_of_that_name_is_left_to_people():
    client = Client(HealthAnswer(below, lambda: False, has_page=True))

    assert client.get("/health").data == b"below"
    assert client.get("/health/ready").status_code == 503


def test_a_process_that_answers_is_alive_whether_well_or_not():
    assert Client(HealthAnswer(below, lambda: False)).get("/health/alive").status_code == 200


def test_a_database_that_does_not_open_is_not_well(database, tmp_path):
    (tmp_path / "folder").mkdir()
    shut = Database(f"sqlite:///{tmp_path / 'folder'}")

    assert health_answer.answers(database)()
    assert not health_answer.answers(shut)()
