"""The audit finds known holes in what is listed, and no others."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

AUDIT = Path(__file__).parent.parent / "scripts/audit"
SBOM = {
    "components": [
        {"name": "made-up", "version": "1.4.0", "purl": "pkg:pypi/made-up@1.4.0"},
        {"name": "nftables", "purl": "pkg:deb/debian/nftables"},
    ]
}


def hole(*, name="Made_Up", ecosystem="PyPI", **said):
    return {
        "id": "GHSA-1",
        "aliases": ["CVE-2026-1"],
        "summary": "reads too far",
        "affected": [{"package": {"name": name, "ecosystem": ecosystem}, **said}],
    }


def between(*events):
    return {"ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}


@pytest.fixture
def audit(tmp_path):
    sbom, dump = tmp_path / "sbom.json", tmp_path / "PyPI.zip"
    sbom.write_text(json.dumps(SBOM))

    def run(*holes, accept=()):
        with zipfile.ZipFile(dump, "w") as packed:
            for number, each in enumerate(holes):
                packed.writestr(f"{number}.json", json.dumps(each))
        options = [word for each in accept for word in ("--accept", each)]
        command = [sys.executable, AUDIT, sbom, dump, *options]
        return subprocess.run(command, capture_output=True, check=False, text=True)

    return run


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"versions": ["1.3.0", "1.4.0"]}, id="named"),
        pytest.param(between({"introduced": "0"}), id="never mended"),
        pytest.param(between({"introduced": "1.2"}, {"fixed": "1.4.1"}), id="mended later"),
        pytest.param(between({"introduced": "1.2"}, {"last_affected": "1.4"}), id="the last one"),
        pytest.param(
            between({"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "1.4rc1"}), id="again"
        ),
        pytest.param(between({"introduced": "one"}), id="cannot be compared"),
    ],
)
def test_finds_a_hole(audit, said):
    found = audit(hole(**said))

    assert found.returncode == 1
    assert "made-up 1.4.0: GHSA-1 reads too far\n" in found.stdout


@pytest.mark.parametrize(
    "harmless",
    [
        pytest.param(hole(**between({"introduced": "0"}, {"fixed": "1.4.0"})), id="mended"),
        pytest.param(hole(**between({"introduced": "1.5"})), id="newer"),
        pytest.param(hole(name="other", **between({"introduced": "0"})), id="another package"),
        pytest.param(hole(ecosystem="npm", **between({"introduced": "0"})), id="of the same name"),
    ],
)
def test_what_does_not_concern_us_is_left_out(audit, harmless):
    found = audit(harmless)

    assert found.returncode == 0
    assert found.stdout == "0 found, of 1 known holes and 1 parts\n"


def test_a_hole_that_was_withdrawn_is_none(audit):
    withdrawn = hole(versions=["1.4.0"]) | {"withdrawn": "2026-01-01T00:00:00Z"}

    assert audit(withdrawn, hole(name="other")).returncode == 0


def test_what_is_borne_is_named_by_either_id(audit):
    assert audit(hole(versions=["1.4.0"]), accept=["CVE-2026-1"]).returncode == 0


def test_an_empty_dump_is_no_good_news(audit):
    assert audit().returncode == 1
