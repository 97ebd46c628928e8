import concurrent.futures
import datetime as dt
import threading

import pytest

from hq.models.access_token import AccessToken
from hq.wechat.errors import PermanentWechatError, TemporaryWechatError, of_number
from hq.wechat.tokens import App, Tokens

APP = App("wx1111111111111111", "secret")
OTHER = App("wx2222222222222222", "secret")


class Platform:
    """Answers as stable_token does, and counts."""

    def __init__(self):
        self.asked = []
        self.number = 1
        self.lasts_s = 7200
        self.error = None
        self.under_way = 0
        self.most_at_once = 0
        self.started = threading.Event()
        self.slow = threading.Event()
        self.slow.set()
        self._lock = threading.Lock()

    def post(self, path, body):
        assert path == "/cgi-bin/stable_token"
        assert body["appid"] in {APP.app_id, OTHER.app_id}
        assert body["secret"] == "secret"
        with self._lock:
            self.under_way += 1
            self.most_at_once = max(self.most_at_once, self.under_way)
            self.asked.append(body["force_refresh"])
        self.started.set()
        self.slow.wait(10)
        with self._lock:
            self.under_way -= 1
        if self.error:
            raise self.error
        if body["force_refresh"]:
            self.number += 1
        return {"access_token": f"token-{self.number}", "expires_in": self.lasts_s}


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
def tokens(hq_database, sealer, platform, clock):
    return Tokens(hq_database, sealer, platform, clock)


def test_a_token_is_fetched_once_and_kept(tokens, platform, clock):
    assert tokens.current(APP) == "token-1"
    clock.now += dt.timedelta(minutes=115)
    assert tokens.current(APP) == "token-1"
    assert platform.asked == [False]


def test_it_is_renewed_shortly_before_its_end(tokens, platform, clock):
    tokens.current(APP)
    clock.now += dt.timedelta(minutes=117)
    platform.number = 2

    assert tokens.current(APP) == "token-2"


def test_each_app_has_its_own(tokens, platform):
    tokens.current(APP)
    platform.number = 2

    assert tokens.current(OTHER) == "token-2"


def test_it_is_sealed_in_the_database(tokens, hq_database):
    tokens.current(APP)

    with hq_database.reading() as session:
        assert b"token-1" not in session.get(AccessToken, APP.app_id).sealed_token


def test_many_workers_fetch_the_first_one_once(tokens, platform):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: tokens.current(APP), range(16)))

    assert set(found) == {"token-1"}
    assert platform.most_at_once == 1
    assert platform.asked == [False]


def test_while_one_worker_renews_the_others_use_the_old_token(tokens, platform, clock):
    tokens.current(APP)
    clock.now += dt.timedelta(minutes=117)
    platform.slow.clear()
    platform.started.clear()
    platform.number = 2
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(tokens.current, APP)
        assert platform.started.wait(10)
        assert tokens.current(APP) == "token-1"
        platform.slow.set()
        assert renewing.result(10) == "token-2"


def test_a_token_that_another_worker_has_replaced_is_not_fetched_again(tokens, platform):
    old = tokens.current(APP)
    platform.number = 2
    assert tokens.replacement(APP, old) == "token-2"
    assert tokens.replacement(APP, old) == "token-2"
    assert platform.asked == [False, False]


def test_a_refused_token_that_wechat_still_gives_is_replaced_by_force_once(tokens, platform, clock):
    assert tokens.replacement(APP, tokens.current(APP)) == "token-2"
    assert platform.asked == [False, False, True]

    clock.now += dt.timedelta(seconds=10)
    with pytest.raises(PermanentWechatError) as caught:
        tokens.replacement(APP, "token-2")
    assert "another program" in caught.value.mend
    assert platform.asked == [False, False, True, False]

    clock.now += dt.timedelta(minutes=2)
    assert tokens.replacement(APP, "token-2") == "token-3"


def test_a_worker_that_failed_leaves_the_fetching_to_the_next(tokens, platform):
    platform.error = TemporaryWechatError("down")
    with pytest.raises(TemporaryWechatError):
        tokens.current(APP)
    platform.error = None

    assert tokens.current(APP) == "token-1"


def test_a_worker_that_died_holds_up_nobody_for_long(tokens, hq_database, clock):
    with hq_database.writing() as session:
        session.add(AccessToken(app_id=APP.app_id, claimed_until=clock.now))
    clock.now += dt.timedelta(seconds=1)

    assert tokens.current(APP) == "token-1"


@pytest.mark.parametrize("number", [40125, 40164])
def test_what_wechat_refuses_for_good_is_told_with_the_mend(tokens, platform, number):
    platform.error = of_number(number)

    with pytest.raises(PermanentWechatError) as caught:
        tokens.current(APP)
    assert caught.value.mend


def test_an_app_does_not_print_its_secret():
    assert "secret" not in repr(APP).replace("secret=", "")
