"""What somebody gets who has not signed in: little, for what is not read waits in the kernel."""

import pytest

from tests.attack.web_programs import dashboard, fleet, portal, ways_in

# Of 208 KiB that Linux grants a socket unless it is told otherwise, half is its own bookkeeping.
ROOM = 100_000
OURS = {"Origin": "http://localhost"}
OTHER_SORTS = ["text/plain", "application/json", "text/xml", "application/octet-stream", "nonsense"]


@pytest.mark.parametrize("program", [dashboard, fleet], ids=lambda each: each.__name__)
def test_no_answer_to_a_stranger_is_large(request, program):
    app, signed_in = program(request)
    stranger = app.test_client()
    script = "/static/vendor/echarts.min.js"

    asked = [*ways_in(app), (script, "GET"), ("/static/dashboard.css", "GET")]
    sizes = {
        path: len(stranger.open(path, method=method, headers=OURS, buffered=True).data)
        for path, method in asked
    }

    assert max(sizes.values()) < ROOM
    # The style of the page for signing in is there, and the large file is, for who has signed in.
    assert sizes["/static/dashboard.css"] > 10_000
    assert len(signed_in.get(script, buffered=True).data) > 4 * ROOM


@pytest.mark.parametrize("sort", OTHER_SORTS)
@pytest.mark.parametrize("program", [portal, dashboard, fleet], ids=lambda each: each.__name__)
def test_what_is_no_form_is_not_read_as_one(request, program, sort):
    app, client = program(request)
    posted = [path for path, method in ways_in(app) if method == "POST"]
    answers = {
        path: client.post(path, data=b"name=x", content_type=sort, headers=OURS).status_code
        for path in posted
    }

    assert set(answers.values()) == {415}
    assert len(answers) > 3
