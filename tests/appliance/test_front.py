import pytest
import trustme
from click.testing import CliRunner

from appliance import front
from appliance.cli import main
from appliance.doctor import box
from appliance.finding import Grade
from appliance.gate import gate
from core import settings
from tests.portal.front.fronted import Fronted


@pytest.fixture
def configure(monkeypatch, tmp_path):
    """Set settings by their names: `configure(FRONT__SERVER="nginx")`."""

    def configure(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"DOORMAN_{name}", str(value))

    configure(DATA_DIR=tmp_path, PORTAL__NEIGHBOURS="loopback", GATE__KIND="recording")
    return configure


def finding():
    return box._front(settings.load())


def test_the_configuration_is_printed(configure):
    configure(FRONT__SERVER="nginx", PORTAL__URL="http://wifi.example")
    printed = CliRunner().invoke(front.front, ["--nginx"])

    assert printed.exit_code == 0
    assert "listen [::]:80 default_server" in printed.output
    assert 'add_header Location "http://wifi.example/" always;' in printed.output


def test_it_does_not_start_before_a_portal_that_listens_elsewhere(configure, capsys):
    configure(PORTAL__URL="http://wifi.example")
    with pytest.raises(SystemExit):
        main(["front"])

    assert "front.server" in capsys.readouterr().err


def test_a_setting_that_cannot_work_is_named(configure, capsys):
    configure(FRONT__SERVER="nginx", PORTAL__URL="https://wifi.example")
    with pytest.raises(SystemExit) as ended:
        main(["front", "--nginx"])

    assert ended.value.code == 2
    assert "certificate.chain" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "ports"),
    [
        pytest.param({}, "{ 8080 }", id="none"),
        pytest.param({"FRONT__SERVER": "nginx"}, "{ 80 }", id="http"),
        pytest.param(
            {"FRONT__SERVER": "nginx", "CERTIFICATE__CHAIN": "/c.pem"}, "{ 80, 443 }", id="https"
        ),
    ],
)
def test_the_firewall_leads_phones_to_the_web_server_that_stands_there(configure, values, ports):
    configure(**values)
    rules = CliRunner().invoke(gate, ["--ruleset"]).output

    assert f"define portal_ports = {ports}\n" in rules
    assert f"define portal_port = {ports.strip('{ }').split(',')[0]}\n" in rules


@pytest.mark.parametrize("content", [None, "rubbish"], ids=["not-there", "no-certificate"])
def test_a_chain_that_cannot_be_read_is_named(configure, tmp_path, content):
    chain = tmp_path / "chain.pem"
    if content:
        chain.write_text(content)
    configure(
        FRONT__SERVER="nginx",
        PORTAL__URL="https://wifi.example",
        CERTIFICATE__CHAIN=chain,
        CERTIFICATE__KEY=chain,
    )

    with pytest.raises(settings.SettingsError, match=r"certificate\.chain"):
        front.write(settings.load())


def test_a_certificate_without_a_responder_is_not_stapled(configure, tmp_path):
    chain = tmp_path / "chain.pem"
    trustme.CA().issue_cert("wifi.example").cert_chain_pems[0].write_to_path(str(chain))
    configure(
        FRONT__SERVER="nginx",
        PORTAL__URL="https://wifi.example",
        CERTIFICATE__CHAIN=chain,
        CERTIFICATE__KEY=chain,
    )

    assert "ssl_stapling" not in front.write(settings.load())


def test_doctor_notes_a_portal_without_one(configure):
    assert finding().grade is Grade.NOTE


@pytest.mark.parametrize(
    ("values", "mend"),
    [
        pytest.param({"PORTAL__URL": "https://wifi.example"}, "front.server", id="https-alone"),
        pytest.param(
            {"FRONT__SERVER": "nginx", "PORTAL__URL": "https://wifi.example"},
            "certificate.chain",
            id="no-certificate",
        ),
    ],
)
def test_doctor_says_what_is_missing(configure, values, mend):
    configure(**values)

    assert finding().grade is Grade.WRONG
    assert mend in finding().mend


def test_doctor_asks_the_one_that_stands(configure, tmp_path, monkeypatch):
    (tmp_path / "one").mkdir()
    with Fronted(tmp_path / "one", secure=True) as fronted:
        for name, value in fronted.environment.items():
            monkeypatch.setenv(name, value)
        assert finding().grade is Grade.GOOD
    assert finding().mend == "start it: doorman front"


def test_doctor_sees_that_the_portal_is_missing(configure, tmp_path, monkeypatch):
    (tmp_path / "one").mkdir()
    with Fronted(tmp_path / "one", portal=False) as fronted:
        for name, value in fronted.environment.items():
            monkeypatch.setenv(name, value)
        assert "doorman portal" in finding().mend
