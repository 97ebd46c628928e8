"""That the fake is as strict as it should be: what it lets through, our tests would not see."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest

from tests.fakes.wechat import server

BACK = "http://hq.test/wechat/oauth"


@pytest.fixture(scope="module")
def wechat():
    with server.WechatServer("http://hq.test", retry_s=0.3) as running:
        yield running


def address(wechat, **changes):
    fields = {
        "appid": server.OFFICIAL,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc",
    }
    return f"{wechat.url}/connect/oauth2/authorize?{urlencode({**fields, **changes})}"


def test_authorises_for_the_registered_name(wechat):
    assert wechat.authorise(address(wechat), "alice").startswith(f"{BACK}?code=")


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "http://evil.test/wechat/oauth"},
        {"redirect_uri": "http://sub.hq.test/wechat/oauth"},
        {"appid": server.WEBSITE},
        {"scope": "snsapi_login"},
        {"state": "a-b"},
        {"state": "a" * 129},
        {"response_type": "token"},
    ],
    ids=str,
)
def test_authorises_for_nothing_else(wechat, change):
    assert wechat.authorise(address(wechat, **change), "alice").startswith("<!doctype")


def test_authorises_inside_wechat_alone(wechat):
    page = wechat.authorise(address(wechat), "alice", agent="Mozilla/5.0")
    assert "请在微信客户端打开链接" in page


class _Silent(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.asked.append(self.rfile.read(int(self.headers["content-length"])))
        self.server.over.wait(30)

    def log_message(self, *_):
        pass


def test_sends_three_times_what_gets_no_answer(wechat):
    silent = ThreadingHTTPServer(("127.0.0.1", 0), _Silent)
    silent.daemon_threads = True
    silent.asked, silent.over = [], threading.Event()
    thread = threading.Thread(target=silent.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{silent.server_port}/"
        wechat.order(f"app/{server.OFFICIAL}", callback_url=url)
        done = wechat.order(f"event/{server.OFFICIAL}/alice", Event="SCAN", EventKey="x")
    finally:
        silent.over.set()
        silent.shutdown()
        thread.join()
        silent.server_close()

    assert done == {"tries": 3, "reply": None, "failed": True}
    assert len(silent.asked) == 3
    assert len(set(silent.asked)) == 1
