import pytest

from tests.fakes.wechat.server import WechatServer


@pytest.fixture(scope="package")
def wechat():
    """A strict WeChat. Nobody is at its callbacks' address."""
    with WechatServer("http://127.0.0.1:9") as running:
        yield running
