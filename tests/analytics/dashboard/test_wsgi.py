import os
import subprocess
import sys

from analytics.dashboard import wsgi


def test_serves_from_settings_in_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "new"))

    app = wsgi.create()

    assert app.test_client().get("/sign-in").status_code == 200
    assert (tmp_path / "new" / "secrets.toml").stat().st_mode & 0o777 == 0o600


def test_pages_are_made_without_what_few_of_them_need():
    heavy = {"pandas", "numpy", "scipy", "reportlab", "xlsxwriter", "PIL"}
    code = f"import sys, appliance.dashboard; print(*({heavy} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert not found.stdout.split()


def test_the_portals_pages_are_not_loaded_before_somebody_looks_at_one(tmp_path):
    code = "import sys; from appliance import dashboard; dashboard.create(); print(*sys.modules)"
    environment = os.environ | {"DOORMAN_DATA_DIR": str(tmp_path)}
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    ).stdout.split()

    assert {"portal.application", "portal.preview"}.isdisjoint(loaded)


def test_says_that_it_is_well_without_a_sign_in(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "new"))
    answer = wsgi.create().test_client().get("/health")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert "Set-Cookie" not in answer.headers
