"""What pages fetch, and what of it others wrote."""

import hashlib
import json
import re
import shutil
from pathlib import Path

from analytics.dashboard import static_files
from analytics.dashboard.static_files import FOLDER

ROOT = Path(__file__).parents[3]
VENDOR = FOLDER / "vendor"


def test_what_others_wrote_is_what_was_looked_at():
    """SHA256SUMS changes only with scripts/echarts/build."""
    sums = dict(reversed(line.split()) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    files = {path.name: path.read_bytes() for path in VENDOR.iterdir()}
    files.pop("SHA256SUMS")

    assert {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} == sums


def test_the_bundle_is_of_the_version_that_its_script_names():
    wanted = json.loads((ROOT / "scripts/echarts/package.json").read_text())["dependencies"]
    licences = (VENDOR / "echarts.LICENSE").read_text()

    assert f"Apache ECharts {wanted['echarts']}," in (VENDOR / "echarts.min.js").read_text()[:100]
    assert f"==== echarts {wanted['echarts']}" in licences
    assert "The Apache Software Foundation" in licences
    assert all(name in licences for name in ("==== zrender", "==== tslib"))


def test_no_script_of_ours_or_theirs_makes_code_out_of_text():
    """The pages' policy would stop it; charts would be missing."""
    maker = re.compile(r"\beval\(|new Function\b|setAttribute\(.style.")

    for path in FOLDER.rglob("*.js"):
        assert not maker.search(path.read_text()), path


def test_an_address_changes_with_its_file_and_may_be_kept_for_good(alice, tmp_path):
    folder = tmp_path / "static"
    shutil.copytree(FOLDER, folder)
    before = static_files.find(folder)
    (folder / "charts.js").write_text("// new")

    changed = {name for name, file in static_files.find(folder).items() if file != before[name]}

    assert changed == {"charts.js"}
    kept = alice.get(
        "/static/charts.js", query_string={"v": before["charts.js"].version}, buffered=True
    )
    assert "immutable" in kept.headers["Cache-Control"]
    asked = alice.get("/static/charts.js", buffered=True)
    assert "immutable" not in asked.headers["Cache-Control"]


def test_a_browser_that_has_to_sign_in_first_keeps_nothing_under_a_script_s_address(charlie):
    answer = charlie.get("/static/charts.js", query_string={"v": "1"})

    assert answer.status_code == 303
    assert answer.headers["Cache-Control"] == "no-store"
