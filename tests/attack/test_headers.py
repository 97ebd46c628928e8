"""What every answer says about itself, those included that say no."""

import pytest

from tests.attack.web_programs import PROGRAMS, dashboard, fleet, portal, ways_in

TOO_LARGE = {"data": b"x" * 70_000}
ODDLY = {
    "as it should be": {},
    "from elsewhere": {"headers": {"Origin": "http://evil.example"}},
    "unreadable": {"environ_overrides": {"QUERY_STRING": "x=\xff"}},
    "of no length": {"headers": {"Transfer-Encoding": "chunked"}},
}
# Files that are not there: the rest of their folders may be kept.
MORE = [("/static/x?v=1", "GET"), ("/no-such-page", "GET"), ("/", "TRACE"), ("/", "PUT")]


def answers(app, client):
    """An answer to each way in, asked rightly and wrongly."""
    for path, method in [*ways_in(app), *MORE]:
        for name, odd in (ODDLY | ({"too large": TOO_LARGE} if method == "POST" else {})).items():
            yield (method, path, name), client.open(path, method=method, buffered=True, **odd)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_every_answer_protects_itself_and_says_what_it_is(request, program):
    for asked, answer in answers(*program(request)):
        headers, policy = answer.headers, answer.headers.get("Content-Security-Policy", "")

        assert "default-src 'none'" in policy, asked
        assert "frame-ancestors" in policy, asked
        assert not {"unsafe", "*"} & set(policy.split()), asked
        assert headers["X-Content-Type-Options"] == "nosniff", asked
        assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, asked
        assert headers["Cache-Control"] == "no-store", asked
        # Nobody else's page may read an answer of ours, nor anybody know what made it.
        named = {name.lower() for name in headers.keys()}  # noqa: SIM118 - of pairs
        assert not {"access-control-allow-origin", "x-powered-by", "server"} & named, asked
        sort = headers.get("Content-Type", "") if answer.data else "application/json"
        assert sort.startswith(("application/", "image/")) or "; charset=utf-8" in sort, asked
        assert not [word for word in (b"Traceback", b"werkzeug") if word in answer.data], asked
        # Shoppers have none that could be stolen.
        assert program is not portal or not headers.getlist("Set-Cookie"), asked


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("program", [dashboard, fleet], ids=lambda each: each.__name__)
def test_what_signing_in_leaves_in_the_browser_is_out_of_others_reach(request, program, scheme):
    client, site = program(request)[0].test_client(), f"{scheme}://box.example"
    alice = {"name": "alice", "password": "correct horse battery"}
    answer = client.post("/sign-in", data=alice, headers={"Origin": site}, base_url=site)
    [cookie] = answer.headers.getlist("Set-Cookie")
    name, *attributes = cookie.split("; ")

    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert not [each for each in attributes if each.startswith("Domain")]
    assert ("Secure" in attributes) == name.startswith("__Host-") == (scheme == "https")
    assert client.get("/account", base_url=site).status_code == 200
