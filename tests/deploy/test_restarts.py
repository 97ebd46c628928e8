"""Which programs are started anew after an update, and in which order."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "deploy" / "ansible" / "roles" / "base" / "files" / "restarts.py"
LIBRARY = "7f1-7f2 {rights} 0000 08:01 77    {path}\n"


@pytest.fixture(scope="module")
def restarts():
    spec = importlib.util.spec_from_file_location("restarts", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("group", "path", "rights", "is_outdated"),
    [
        ("system.slice/doorman-front.service", "/usr/lib/libssl.so.3 (deleted)", "r-xp", True),
        ("system.slice/doorman-front.service/x", "/usr/sbin/nginx (deleted)", "r-xp", True),
        ("system.slice/doorman-front.service", "/usr/lib/libssl.so.3", "r-xp", False),
        ("system.slice/doorman-front.service", "/usr/share/x.mo (deleted)", "r--p", False),
        ("system.slice/doorman-front.service", "/memfd:code (deleted)", "r-xp", False),
        ("system.slice/ssh.service", "/usr/lib/libssl.so.3 (deleted)", "r-xp", False),
    ],
)
def test_a_program_on_code_that_was_replaced_is_found(  # noqa: PLR0917 - passed by name
    restarts, tmp_path, capsys, group, path, rights, is_outdated
):
    process = tmp_path / "71"
    process.mkdir()
    (process / "cgroup").write_text(f"0::/{group}\n")
    lines = LIBRARY.format(rights="r-xp", path="/usr/lib/libc.so.6")
    (process / "maps").write_text(lines + LIBRARY.format(rights=rights, path=path) + lines)
    # One that has ended meanwhile.
    (tmp_path / "72").mkdir()

    assert restarts.main(["--list"], tmp_path) == 0
    assert capsys.readouterr().out == ("doorman-front.service\n" if is_outdated else "")


def test_the_gate_comes_first_and_the_front_last(restarts):
    units = [f"doorman-{name}.service" for name in ("front", "advertise", "portal", "gate")]

    assert restarts.in_order(units) == [units[3], units[1], units[2], units[0]]
