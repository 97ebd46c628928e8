import subprocess
import sys

from analytics.dashboard import wsgi


def test_serves_from_settings_in_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "new"))

    app = wsgi.create()

    assert app.test_client().get("/sign-in").status_code == 200
    assert (tmp_path / "new" / "secrets.toml").stat().st_mode & 0o777 == 0o600


def test_pages_are_made_without_pandas():
    code = "import sys, analytics.dashboard.wsgi; sys.exit('pandas' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
