import os
import subprocess

import pytest

from appliance.doctor import rules
from appliance.doctor.machine import Machine
from appliance.finding import Grade
from appliance.gate import ruleset
from core.settings import Settings
from tests.appliance.doctor.machines import machine, told

OURS = "table inet doorman {\n\tset online {\n\t\ttype ether_addr\n\t}\n\tchain input {\n\t}\n}\n"


@pytest.mark.parametrize(
    ("loaded", "wanted", "grade", "says"),
    [
        (OURS, OURS, Grade.GOOD, "those of this version"),
        (OURS.replace("input", "forward"), OURS, Grade.WRONG, "2 lines differ"),
        (OURS.replace("online", "other"), OURS, Grade.WRONG, "lacks the sets online"),
        (None, OURS, Grade.WRONG, "not loaded"),
        (OURS, None, Grade.NOTE, "cannot be compared"),
    ],
)
def test_loaded_rules_are_held_to_this_versions(tmp_path, loaded, wanted, grade, says):
    made = machine(tmp_path, programs={"nft": loaded, "unshare": wanted})

    assert says in " ".join(told(rules.examine(Settings(), made, uid=lambda: 0), grade))


def test_who_is_not_root_is_told_so(tmp_path):
    [finding] = rules.examine(Settings(), machine(tmp_path), uid=lambda: 1000)

    assert finding.grade is Grade.NOTE


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: another network namespace")
def test_what_the_kernel_tells_of_our_rules_is_compared_with_itself(tmp_path):
    """The real nft, twice: what it has loaded, and what it would load."""
    file = tmp_path / "rules.nft"
    file.write_text(ruleset(Settings()))
    here = Machine()

    def run(*command):
        if command[0] != "nft":
            return here.run(*command)
        listing = ["unshare", "--net", "sh", "-c", 'nft -f "$0" && "$@"', str(file), *command]
        return subprocess.run(listing, check=True, capture_output=True, text=True).stdout

    [finding] = rules.examine(Settings(), Machine(run=run))

    assert finding.grade is Grade.GOOD
