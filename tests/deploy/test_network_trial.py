"""A change of the network on trial, by files alone: what would touch the machine is noted."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "deploy/ansible/roles/network/files/network.py"
OLD = "[Match]\nName=eth0\n[Network]\nDHCP=yes\n"
NEW = "[Match]\nName=eth0\n[Network]\nAddress=10.1.2.3/24\n"


@pytest.fixture
def box(tmp_path, monkeypatch):
    """The program on a box whose folders are here; `does` is called with each command of it."""
    # As on a box, what it reads files with lies beside it.
    monkeypatch.syspath_prepend(FILE.parent)
    spec = importlib.util.spec_from_file_location("network_trial", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("WANTED", "LIVE", "FORMER", "ORIGINAL", "UNCONFIRMED", "APPLIED"):
        monkeypatch.setattr(module, name, tmp_path / name.lower())
    monkeypatch.setattr(module, "IFUPDOWN", tmp_path / "interfaces")
    monkeypatch.setattr(module, "IFUPDOWN_OTHERS", tmp_path / "interfaces.d")
    monkeypatch.setattr(module, "NETWORK_MANAGER", tmp_path / "none" / "conf.d" / "doorman.conf")
    module.running = {"systemd-networkd.service"}
    module.does = lambda _words: None

    def run(*words, check=True):
        module.does(words)
        return int("is-active" in words and words[-1] not in module.running)

    monkeypatch.setattr(module, "_run", run)
    for folder, text in ((module.WANTED, NEW), (module.LIVE, OLD)):
        folder.mkdir()
        (folder / "05-doorman-eth0.network").write_text(text)
    return module


def in_force(box):
    return (box.LIVE / "05-doorman-eth0.network").read_text()


def test_a_change_that_is_confirmed_stays(box):
    box.apply(120)
    box.confirm()
    box.confirm()
    box.undo()

    assert in_force(box) == NEW


def test_a_change_that_nobody_confirms_is_taken_back(box):
    box.apply(120)
    assert in_force(box) == NEW
    box.undo()

    assert in_force(box) == OLD
    with pytest.raises(SystemExit, match="undone"):
        box.confirm()


def test_a_second_change_on_trial_goes_back_to_what_was_confirmed(box):
    box.apply(120)
    (box.WANTED / "05-doorman-eth0.network").write_text(NEW.replace("10.1.2.3", "10.1.2.4"))
    box.apply(120)
    box.undo()

    assert in_force(box) == OLD


def test_nobody_confirms_a_change_by_the_old_network(box):
    refused = []

    def confirm(words):
        if words[0] == "networkctl" or "enable" in words:
            with pytest.raises(SystemExit, match="being applied"):
                box.confirm()
            refused.append(words)

    box.does = confirm
    box.apply(120)

    assert len(refused) == 2
    box.does = lambda _words: None
    box.running.add("doorman-network-apply.service")
    with pytest.raises(SystemExit, match="being applied"):
        box.confirm()
    assert box.UNCONFIRMED.exists()


def test_a_vlan_of_another_number_is_made_anew_and_again_when_it_is_taken_back(box):
    told = []
    for folder, number in ((box.WANTED, 36), (box.LIVE, 35)):
        text = f"[NetDev]\nName=line\nKind=vlan\n[VLAN]\nId={number}\n"
        (folder / "05-doorman-line.netdev").write_text(text)
    box.does = told.append
    anew = [
        ("ip", "link", "delete", "line"),
        ("systemctl", "restart", "systemd-networkd.service"),
    ]

    for change in (lambda: box.apply(120), box.undo):
        told.clear()
        change()
        assert [words for words in told if words in anew] == anew
        assert ("networkctl", "reload") not in told


@pytest.mark.parametrize(
    ("text", "is_rival"),
    [
        pytest.param("auto eth0\niface eth0 inet dhcp", True, id="ours"),
        pytest.param("auto eth9\niface eth9 inet dhcp", False, id="another"),
    ],
)
def test_a_file_of_ifupdowns_that_sets_up_ours_is_named(box, text, is_rival):
    box.IFUPDOWN_OTHERS.mkdir()
    (box.IFUPDOWN_OTHERS / "50-cloud-init").write_text(text)

    rivals = box.rivals(box.WANTED, box.IFUPDOWN_OTHERS)
    assert ["50-cloud-init" in each for each in rivals] == [True] * is_rival


def test_what_goes_back_at_a_start_waits_for_a_disk_that_can_be_written():
    text = (FILE.parents[1] / "templates" / "doorman-network.service.j2").read_text()

    assert "After=systemd-remount-fs.service local-fs.target\n" in text
