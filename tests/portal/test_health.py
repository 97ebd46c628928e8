from werkzeug.test import Client


def test_says_that_it_is_well_to_anybody_who_asks_by_its_name(phone):
    answer = phone.get("/health")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_phone_that_asks_for_somebody_elses_is_led_to_the_portal(app):
    answer = Client(app.wsgi_app).get("/health", base_url="http://shop.example")

    assert answer.status_code == 302
