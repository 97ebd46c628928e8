from pathlib import Path

import pytest

from appliance import web_server
from appliance.web_server import Place, arguments
from core.setting_groups.management import DashboardSettings
from core.settings import SettingsError
from tests.portal.advertising.self_signed import self_signed

WATCHED = "appliance.web_worker.WatchedWorker"


@pytest.mark.parametrize(
    ("host", "bound"), [("127.0.0.1", "127.0.0.1:8080"), ("::", "[::]:8080")], ids=["ipv4", "ipv6"]
)
def test_a_program_listens_where_it_is_told(host, bound):
    assert f"--bind={bound}" in arguments("a:b()", Place(host, 8080))


def test_behind_a_web_server_it_listens_on_no_address():
    command = arguments("a:b()", Place("0.0.0.0", 8080), Path("/run/portal.sock"))

    assert [each for each in command if each.startswith("--bind")] == [
        "--bind=unix:/run/portal.sock"
    ]


@pytest.mark.parametrize(
    ("threads", "place", "sort"),
    [
        pytest.param(1, Path("/run/portal.sock"), "sync", id="one, behind a web server"),
        pytest.param(8, Path("/run/portal.sock"), WATCHED, id="several"),
        # It takes callers in, so that nobody slow has its only thread.
        pytest.param(1, None, WATCHED, id="one, in a network"),
    ],
)
def test_one_that_waits_for_others_has_threads(threads, place, sort):
    command = arguments("a:b()", Place("127.0.0.1", 8080, 2, threads), place)

    assert f"--worker-class={sort}" in command
    assert f"--threads={threads}" in command
    # A phone that kept its connection would be shown the portal after its login.
    assert "--keep-alive=0" in command


@pytest.mark.parametrize(("workers", "shares"), [(1, False), (2, True)], ids=["one", "several"])
def test_what_is_loaded_is_shared_by_several_workers(workers, shares):
    command = arguments("a:b()", Place("127.0.0.1", 8080, workers, 8))

    assert ("--preload" in command) is shares


@pytest.fixture
def pair(tmp_path):
    """Certificate and key in one file, and a file of nothing."""
    file, empty = tmp_path / "pair.pem", tmp_path / "empty.pem"
    self_signed("box.example").private_key_and_cert_chain_pem.write_to_path(file)
    empty.touch()
    return {"good": str(file), "empty": str(empty), "none": str(tmp_path / "none.pem"), "": ""}


def test_with_certificate_and_key_it_speaks_https(pair):
    found = DashboardSettings(chain=pair["good"], key=pair["good"])
    both = web_server.pair_of("dashboard", found)
    command = arguments("a:b()", found, pair=both)

    assert {f"--certfile={pair['good']}", f"--keyfile={pair['good']}"} <= set(command)
    assert web_server.pair_of("dashboard", DashboardSettings()) is None
    assert "--certfile" not in " ".join(arguments("a:b()", DashboardSettings()))


@pytest.mark.parametrize(
    ("chain", "key"),
    [("good", "none"), ("none", "good"), ("good", ""), ("", "good"), ("empty", "good")],
)
def test_it_does_not_start_in_the_clear_for_a_certificate_that_will_not_do(pair, chain, key):
    with pytest.raises(SettingsError, match=r"dashboard\.chain and dashboard\.key"):
        web_server.pair_of("dashboard", DashboardSettings(chain=pair[chain], key=pair[key]))
