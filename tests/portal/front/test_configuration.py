import datetime as dt
import re
import subprocess
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

import portal
from appliance import front as fronts
from core.setting_groups.certificate import CertificateSettings
from core.setting_groups.front import FrontSettings
from core.setting_groups.portal import PortalSettings
from portal.front import configuration
from portal.front.configuration import PASSED_HEADERS, FrontError
from portal.probes import Redirection

TLS = CertificateSettings(chain="/etc/doorman/chain.pem", key="/etc/doorman/key.pem")


@pytest.fixture
def write(settings, texts):
    def write(
        url="http://wifi.example", *, certificate=None, staples=False, behind_nat=False, **front
    ):
        found = settings.model_copy(
            update={
                "portal": PortalSettings(url=url, behind_nat=behind_nat),
                "front": FrontSettings(**front),
                "certificate": certificate or CertificateSettings(),
            }
        )
        return configuration.write(found, texts, staples=staples)

    return write


def test_the_redirect_is_the_one_that_the_portal_gives(write):
    text = write()
    redirection = Redirection("http://wifi.example")
    headers = dict(redirection.headers)

    assert headers.keys() == {"Location", "Content-Type", "Content-Length", "Cache-Control"}
    assert f'add_header Location "{headers["Location"]}" always;' in text
    assert f'add_header Cache-Control "{headers["Cache-Control"]}" always;' in text
    assert f'default_type "{headers["Content-Type"]}";' in text
    assert redirection.body.replace('"', '\\"') in text


@pytest.mark.parametrize(("workers", "said"), [(0, "auto"), (1, "1")], ids=["each core", "one"])
def test_a_small_box_has_fewer_workers(write, workers, said):
    assert f"worker_processes {said};" in write(workers=workers)


def test_without_a_certificate_there_is_no_https(write):
    assert "ssl" not in write()


def test_with_one_there_is_and_nothing_older_than_tls_1_2(write):
    text = write(certificate=TLS)

    assert "listen 0.0.0.0:443 ssl http2;" in text
    assert "listen [::]:443 ssl http2;" in text
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text
    assert 'ssl_certificate_key "/etc/doorman/key.pem";' in text
    assert "Strict-Transport-Security" not in re.sub("#.*", "", text)


@pytest.mark.parametrize("staples", [True, False])
def test_an_answer_is_stapled_where_somebody_gives_one(write, staples):
    assert ("ssl_stapling on;" in write(certificate=TLS, staples=staples)) is staples


def test_no_request_is_logged(write):
    text = re.sub("#.*", "", write(certificate=TLS))

    assert "access_log off;" in text
    # Above `http` nginx speaks of itself alone.
    above, _, below = text.partition("http {")
    assert re.findall("error_log .*;", above) == ["error_log stderr warn;"]
    assert re.findall("error_log .*;", below) == ["error_log /dev/null emerg;"]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        pytest.param({"url": "https://wifi.example"}, "certificate.chain", id="https-alone"),
        pytest.param(
            {"certificate": CertificateSettings(chain="/c.pem")}, "certificate.key", id="no-key"
        ),
        pytest.param({"url": "http://wifi.example:8080"}, "front.http_port", id="another-port"),
        pytest.param(
            {"url": "https://wifi.example", "https_port": 8443, "certificate": TLS},
            "front.https_port",
            id="another-https-port",
        ),
        pytest.param({"https_port": 80}, "front.https_port", id="one-port"),
        pytest.param({"url": "http://a;b"}, "portal.url", id="no-name"),
        pytest.param({"url": "http://wifi.example/$host"}, "dollar", id="a-variable"),
        pytest.param({"addresses": ("lan",)}, "front.addresses", id="no-address"),
        pytest.param({"socket": "/run/" + "x" * 110}, "front.socket", id="socket-too-long"),
        pytest.param({"folder": "/run/a\n}"}, None, id="a-second-line"),
    ],
)
def test_what_cannot_work_is_named(write, values, names):
    if names is None:
        # Quoted, it is one strange folder, and ends nothing.
        assert 'pid "/run/a\n}/nginx.pid";' in write(**values)
        return
    with pytest.raises(FrontError, match=re.escape(names)):
        write(**values)


@pytest.mark.parametrize(
    ("url", "own_name"),
    [
        ("http://wifi.example", "wifi.example"),
        ("http://WiFi.Example:80/", "wifi.example"),
        ("http://192.168.50.1", "192.168.50.1"),
        ("http://[fd50::1]", "[fd50::1]"),
    ],
)
def test_the_portals_own_name_is_its_urls(write, url, own_name):
    assert f'server_name "{own_name}";' in write(url)


def test_a_cookie_is_passed_on_only_where_it_tells_phones_apart(write):
    assert "Cookie" not in write()
    assert "proxy_set_header Cookie $http_cookie;" in write(behind_nat=True)


def test_each_header_that_the_portal_reads_is_passed_on():
    """A page that read another would never see it: all others are dropped."""
    folder = Path(portal.__file__).parent
    read = {
        name
        for source in folder.rglob("*.py")
        for name in re.findall(
            r'(?:headers|sent)(?:\.get\(|\[)"([A-Z][\w-]+)"', source.read_text("utf-8")
        )
        if "front" not in source.parts
    }

    assert {"Accept", "Accept-Language", "Origin", "Sec-Fetch-Site"} <= read
    answers = {"Cache-Control", "Vary", "Allow", "Content-Type", "Retry-After", "Location"}
    answers |= {"Content-Disposition"}
    assert read - answers <= set(PASSED_HEADERS)


@pytest.mark.parametrize(
    ("name", "staples"),
    [
        pytest.param("wifi.example", True, id="stapled"),
        pytest.param("wifi.example", False, id="not-stapled"),
        pytest.param(".".join(["w" * 60] * 4), False, id="a-long-name"),
    ],
)
def test_nginx_takes_it(settings, texts, tmp_path, name, staples):
    issued = trustme.CA().issue_cert(name)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(str(chain))
    issued.private_key_pem.write_to_path(str(key))
    found = settings.model_copy(
        update={
            "portal": PortalSettings(url=f"https://{name}:58443"),
            "front": FrontSettings(
                addresses=("127.0.0.1", "::1"),
                http_port=58080,
                https_port=58443,
                folder=str(tmp_path),
            ),
            "certificate": CertificateSettings(chain=str(chain), key=str(key)),
        }
    )
    (tmp_path / "nginx.conf").write_text(configuration.write(found, texts, staples=staples))
    command = fronts.command(fronts.find_program() or "nginx", tmp_path)
    done = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("names_one", [True, False])
def test_whether_a_certificate_names_a_responder_is_read_from_it(names_one, now):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "wifi.example")])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now, now + dt.timedelta(days=1)
    )
    if names_one:
        responder = x509.UniformResourceIdentifier("http://ocsp.example")
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, responder)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)

    assert configuration.names_responder(pem) is names_one
