"""Headquarters of the demo's chain, and the made-up stores that speak to it."""

import base64
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from analytics.dashboard import accounts
from appliance.demo.plan import HOST, Line, Ports, command, variables
from appliance.demo.processes import Processes
from core import clock, migrate, secret_file
from core.database import Database
from core.sealing import Sealer
from hq import publishing, stores, wsgi
from hq.stores import Place

USER = "chain"


class _Shop(NamedTuple):
    store: str
    place: Place


_OWN = _Shop("demo", Place("南京西路店", "华东", 31.23, 121.46))
"""What the demo's appliance is to headquarters."""
_BRANCHES = (
    _Shop("demo-gz", Place("天河城店", "华南", 23.13, 113.32)),
    _Shop("demo-bj", Place("三里屯店", "华北", 39.94, 116.45)),
)


class Chain:
    """Headquarters with its stores on its list. Programs run once they are started."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        """PortTakenError if headquarters' ports cannot be had."""
        ports.check("hq", "fleet")
        self._folder, self._ports = folder / "chain", ports
        self.password = secrets.token_urlsafe(9)
        """Of the user of the fleet's pages."""
        hq = self._folder / "hq"
        hq.mkdir(mode=0o700, parents=True)
        database = Database(f"sqlite:///{hq / 'hq.sqlite'}")
        try:
            migrate.upgrade(database, wsgi.REVISIONS)
            accounts.add(database, USER, self.password, clock.now())
            self._lines = self._registered(database, secret_file.open_sealer(hq))
        finally:
            database.dispose()

    @property
    def own_line(self) -> Line:
        """Of the demo's own appliance."""
        return self._lines[_OWN.store]

    def start(self, processes: Processes) -> None:
        """Headquarters' programs first; they need not be up before stores speak to them."""
        told = self._of_headquarters()
        for name, arguments in (("hq", ()), ("hq jobs", ("jobs",)), ("fleet pages", ("pages",))):
            processes.start(name, command("hq", *arguments), settings=told)
        for seed, shop in enumerate(_BRANCHES, start=2):
            branch = [sys.executable, "-m", "appliance.demo.branch", str(seed)]
            processes.start(shop.store, branch, settings=self._of_branch(shop))

    def _registered(self, database: Database, sealer: Sealer) -> Mapping[str, Line]:
        now, url = clock.now(), f"http://{HOST}:{self._ports.hq}"
        with database.writing() as session:
            public = base64.b64encode(publishing.public_key(session, sealer, now)).decode()
            return {
                shop.store: Line(
                    url,
                    stores.add(
                        session,
                        sealer,
                        shop.store,
                        [f"http://{HOST}:{self._ports.portal}"],
                        now,
                        place=shop.place,
                    ),
                    public,
                )
                for shop in (_OWN, *_BRANCHES)
            }

    def _of_headquarters(self) -> Mapping[str, str]:
        """The CRM is that of the plan, which stores have in common with headquarters."""
        return variables(
            {
                "DATA_DIR": str(self._folder / "hq"),
                "RUN_DIR": str(self._folder / "hq" / "run"),
                "STORE__ID": "hq",
                "CRM__KIND": "webhook",
                "HEADQUARTERS__URL": "",
                "HQ__PORT": str(self._ports.hq),
                "HQ__WORKERS": "1",
                "HQ__FOLD_EVERY_S": "1",
                "HQ__PAGES__NAME": "Doorman Demo",
                "HQ__PAGES__PORT": str(self._ports.fleet),
                "HQ__PAGES__WORKERS": "1",
            }
        )

    def _of_branch(self, shop: _Shop) -> Mapping[str, str]:
        folder = self._folder / shop.store
        folder.mkdir(mode=0o700)
        return variables(
            {
                "DATA_DIR": str(folder),
                # What its sensor says is not said of the others'.
                "RUN_DIR": str(folder / "run"),
                "STORE__ID": shop.store,
                "STORE__NAME": shop.place.name or shop.store,
                **self._lines[shop.store].settings(),
            }
        )
