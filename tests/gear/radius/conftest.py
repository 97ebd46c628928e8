"""FreeRADIUS itself, a gateway of ours on one side of it and the gate on the other."""

import contextlib
import socket
import subprocess
import threading
import time

import pytest

from core.setting_groups.network import GateKind
from core.setting_groups.plans import PlanSettings, PlansSettings
from core.setting_groups.portal import NeighboursKind
from core.setting_groups.radius import NasSettings, RadiusSettings
from core.settings import Settings
from gate import server
from gate.client import GateClient
from gear.radius import freeradius, nas
from gear.radius.driver import open_gate
from tests import free_ports
from tests.fakes.radius import FakeGateway

# FreeRADIUS as a gateway: it checks orders itself, and agrees to those that say enough.
TAKES_ORDERS = """
server gateway {{
    listen {{
        type = coa
        ipaddr = 127.0.0.1
        port = {port}
    }}
    recv-coa {{
        if (&Message-Authenticator && &Event-Timestamp && &Calling-Station-Id) {{
            ok
        }}
        else {{
            update reply {{
                &Error-Cause := Missing-Attribute
            }}
            reject
        }}
    }}
}}
"""
SECRET = "a-secret-of-more-than-sixteen"
PORTAL = "http://wifi.example"


def eventually(condition, seconds=10):
    """Whether it comes true; what is waited for is another thread's or program's."""
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


@pytest.fixture(scope="session")
def radius_ports():
    """Three of FreeRADIUS, one of the gate's service, one on which FreeRADIUS takes orders."""
    with contextlib.ExitStack() as held:
        probes = [
            held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(4)
        ]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        *of_freeradius, orders = (probe.getsockname()[1] for probe in probes)
        return [*of_freeradius, *free_ports.find(1), orders]


def radius_settings(ports, order_port, dialect="standard"):
    auth, accounting, status, service, *_ = ports
    gateway = NasSettings(
        name="ac1", address="127.0.0.1", dialect=dialect, role="guests", order_port=order_port
    )
    return RadiusSettings(
        nas=(gateway,),
        secrets={"ac1": SECRET},
        auth_port=auth,
        accounting_port=accounting,
        status_port=status,
        service_port=service,
    )


@pytest.fixture(scope="session")
def freeradius_server(radius_ports, tmp_path_factory):
    """FreeRADIUS with our configuration; a function that stops and starts it."""
    program = freeradius.find_program()
    if program is None:
        pytest.skip("FreeRADIUS is not installed (apt-get install freeradius freeradius-rest)")
    folder = tmp_path_factory.mktemp("freeradius")
    found = radius_settings(radius_ports, 3799)
    text = freeradius.write(found, nas.read(found), run_dir=folder, log="stdout")
    text = text.replace("modules {", "modules {\n\talways reject {\n\t\trcode = reject\n\t}", 1)
    (folder / freeradius.NAME).write_text(text + TAKES_ORDERS.format(port=radius_ports[4]))
    log = (folder / "log").open("wb")
    running = contextlib.ExitStack()

    def start():
        command = freeradius.command(program, folder)
        process = subprocess.Popen(command, stdout=log, stderr=log)
        running.callback(process.wait, 10)
        running.callback(process.terminate)
        assert eventually(lambda: freeradius.is_alive(found.status_port)), (
            folder / "log"
        ).read_text()

    with log, running:
        start()
        yield lambda is_up: start() if is_up else running.close()


@pytest.fixture
def dialect():
    return "standard"


@pytest.fixture
def gateway(freeradius_server, radius_ports):
    auth, accounting, *_ = radius_ports
    with FakeGateway(SECRET, auth, accounting, f"{PORTAL}/gateway") as gateway:
        yield gateway


@pytest.fixture
def radius_store(tmp_path, radius_ports, gateway, dialect):
    """A store's settings, with its gateway kept."""
    plan = PlanSettings(session_length_s=3600, down_kbit_s=4000, up_kbit_s=1000, quota_mb=10)
    base = Settings(data_dir=tmp_path / "data")
    base.data_dir.mkdir(exist_ok=True)
    ours = {
        "gate": base.gate.model_copy(update={"kind": GateKind.RADIUS}),
        "portal": base.portal.model_copy(
            update={"url": PORTAL, "neighbours": NeighboursKind.REDIRECT}
        ),
        "plans": PlansSettings(guest=plan, member=plan),
        "radius": radius_settings(radius_ports, gateway.order_port, dialect),
    }
    return base.model_copy(update=ours)


@contextlib.contextmanager
def serving(found):
    """The gate's program, without its process."""
    stop_event = threading.Event()
    with open_gate(found) as gate:
        thread = threading.Thread(
            target=server.serve,
            args=(found.gate_socket, gate, (), stop_event),
            kwargs={"takes_turns": False},
        )
        thread.start()
        assert eventually(found.gate_socket.exists)
        try:
            # What is shown is what it answers, not how soon a busy machine does.
            yield GateClient(found.gate_socket, timeout_s=20)
        finally:
            stop_event.set()
            thread.join()


@pytest.fixture
def gate(radius_store):
    with serving(radius_store) as client:
        yield client
