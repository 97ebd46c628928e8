from click.testing import CliRunner

from appliance.cli import doorman


def test_what_is_known_not_to_be_well_is_told_and_not_counted(tmp_path, monkeypatch):
    file = tmp_path / "doorman.toml"
    file.write_text(f'data_dir = "{tmp_path}"\nrun_dir = "{tmp_path}"\n')
    monkeypatch.setenv("DOORMAN_CONFIG", str(file))

    said = CliRunner().invoke(doorman, ["health"])
    unwell = [line.split()[1].strip(":") for line in said.output.splitlines() if "BAD" in line]
    known = [word for program in unwell for word in ("--known", program)]

    assert said.exit_code == 1
    assert unwell
    again = CliRunner().invoke(doorman, ["health", "--wait", "60", *known])
    assert (again.exit_code, "BAD" in again.output) == (0, True)
    assert CliRunner().invoke(doorman, ["health", *known[2:]]).exit_code == 1
