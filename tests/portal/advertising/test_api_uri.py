import pytest

from portal.advertising import api_uri
from portal.advertising.api_uri import ApiUri, ApiUriError
from portal.views import captive_api


def test_leads_to_the_portals_api():
    assert api_uri.of_portal("https://wifi.store.test/") == ApiUri(
        "https://wifi.store.test/captive-portal/api", "wifi.store.test", 443, "/captive-portal/api"
    )
    assert api_uri.of_portal("https://wifi.store.test:8443").port == 8443


def test_the_portal_answers_there(settings):
    from flask import Flask  # noqa: PLC0415 - for its rules alone

    application = Flask("test")
    application.register_blueprint(captive_api.bp)

    assert api_uri.PATH in [rule.rule for rule in application.url_map.iter_rules()]


@pytest.mark.parametrize(
    ("portal_url", "says"),
    [
        pytest.param("http://wifi.store.test", "https", id="http"),
        pytest.param("https://192.0.2.1", "address", id="ipv4"),
        pytest.param("https://[2001:db8::1]", "address", id="ipv6"),
        pytest.param("https://192.168.1", "address", id="short-ipv4"),
        pytest.param("https://wifi.store.test:99999", "no URL", id="port"),
        pytest.param("https://me@wifi.store.test", "plain", id="user"),
        pytest.param("https://wifi.store.test/a,b", "plain", id="comma"),
        pytest.param("https://wifi.store.test/店", "plain", id="not-ascii"),
        pytest.param('https://wifi.store.test/"', "plain", id="quote"),
        pytest.param("https://wifi.store.test/?a", "plain", id="query"),
        pytest.param("https://wifi.store.test/" + "a" * 250, "255", id="long"),
    ],
)
def test_refuses_what_phones_must_not_be_told(portal_url, says):
    with pytest.raises(ApiUriError, match=says):
        api_uri.of_portal(portal_url)
