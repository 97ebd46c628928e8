import socket

from appliance import health_signs
from core.settings import Settings
from core.sign_of_life import SignOfLife


def test_one_that_hangs_keeps_nobody_and_costs_the_others_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/store"
        found = Settings(data_dir=tmp_path, run_dir=tmp_path, database={"url": url})
        answers = {each.program: each for each in health_signs.ask(found, within_s=0.5)}

    assert answers["database"].text == "does not answer within 0.5 s"
    assert answers["jobs"].text == "gives no sign of life"


def test_who_keeps_flows_is_asked_once_it_has_begun_and_until_it_is_stopped(tmp_path):
    found = Settings(data_dir=tmp_path, run_dir=tmp_path)
    (tmp_path / "alive").mkdir()
    sign = SignOfLife(tmp_path, "flows")

    def asked():
        answers = {each.program: each for each in health_signs.ask(found, within_s=2)}
        return answers.get("flows")

    assert asked() is None
    sign.give("the disk is full")
    assert asked() == ("flows", False, "the disk is full")
    sign.end()
    assert asked() is None
