"""What programs would refuse of the settings at their start, found without starting them.

Nobody is asked, and nothing is written. What is there only once a box is set up is not looked at:
the certificate, nginx, radios. `doorman doctor` does that.
"""

from appliance import crm_choice, front, gate
from core import headquarters_line, secret_file
from core.database import Database
from core.sealing import Sealer
from core.setting_groups.front import FrontServer
from core.setting_groups.network import GateKind
from core.settings import Settings, SettingsError
from gear import opening
from portal.sms import carriers
from sniffer.radio.plans import Plan, PlanError


def attempt(found: Settings) -> None:
    """SettingsError, in the words of the program that would have ended with it."""
    _gate(found)
    _sensor(found)
    if found.front.server is FrontServer.NGINX:
        front.written(found, staples=False)
    line = headquarters_line.open_line(found.headquarters, found.store.id)
    carriers.open_carriers(found.sms, line)
    _crm(found)


def _gate(found: Settings) -> None:
    gate.uids(found.gate.allowed_users)
    if found.gate.kind.is_foreign:
        opening.check(found)
    elif found.gate.kind is GateKind.NFTABLES:
        gate.ruleset(found)


def _sensor(found: Settings) -> None:
    try:
        for written in found.sensor.hopping:
            Plan.read(written, found.sensor.hop_every_s)
    except PlanError as error:
        raise SettingsError(f"sensor.hopping: {error}") from error


def _crm(found: Settings) -> None:
    # Keys and a database of nobody: what is made with them is let go at once.
    secrets, database = secret_file.new(), Database("sqlite://")
    try:
        crm_choice.choose(found, secrets, database, Sealer(secrets.keys()))
        crm_choice.counterpart(found, secrets)
    finally:
        database.dispose()
