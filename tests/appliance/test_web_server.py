from pathlib import Path

import pytest

from appliance.web_server import Place, arguments


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
    ("threads", "sort"), [(1, "sync"), (8, "appliance.web_arbiter.WatchedWorker")]
)
def test_one_that_waits_for_others_has_threads(threads, sort):
    command = arguments("a:b()", Place("127.0.0.1", 8080, 2, threads))

    assert f"--worker-class={sort}" in command
    assert f"--threads={threads}" in command
    # A phone that kept its connection would be shown the portal after its login.
    assert "--keep-alive=0" in command


@pytest.mark.parametrize(("workers", "shares"), [(1, False), (2, True)], ids=["one", "several"])
def test_what_is_loaded_is_shared_by_several_workers(workers, shares):
    command = arguments("a:b()", Place("127.0.0.1", 8080, workers, 8))

    assert ("--preload" in command) is shares
