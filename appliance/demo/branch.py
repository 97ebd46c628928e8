"""A made-up store of the demo's chain: it has a past, and shoppers who join now and then.

    python -m appliance.demo.branch SEED

What happens in it is made up. What it tells goes the way of any store's news, through the
outbox and the line to headquarters.
"""

import dataclasses
import datetime as dt
import random
import sys

from sqlalchemy.orm import Session

from appliance import clockwork, crm_choice
from appliance.clockwork import Turn
from appliance.demo import past_news
from appliance.demo.year import Year
from appliance.headquarters.turn import Turn as LineTurn
from core import clock, log, migrate, secret_file, sensor_status, settings
from core import database as databases
from core.database import Database
from core.headquarters_line import open_line
from core.members import consent_news, consents, member_news
from core.models.consent import Purpose
from core.models.identity import IdentityKind
from core.sealing import Sealer
from core.sensor_status import Hearing, SensorStatus, State
from core.settings import Settings
from crm import delivery
from portal.members import membership

_TELL_EVERY_S, _JOIN_EVERY_S = 2, 20
# Few numbers, so that some shoppers are seen in several stores.
_NUMBERS = tuple(f"+861380013{last}" for last in range(8100, 8140))
_AGREE_TO_MARKETING = 0.6
_LANGUAGE, _WORDING, _SENSOR = "zh", "demo", "mon0"

_log = log.Log("demo")


@dataclasses.dataclass(frozen=True, slots=True)
class Branch:
    settings: Settings
    database: Database
    sealer: Sealer
    seed: int

    def remember(self, now: dt.datetime) -> None:
        """Make up the last days."""
        zone = self.settings.store.zone
        last = clock.store_day(now, zone) - dt.timedelta(days=1)
        with self.database.writing() as session:
            Year(zone, last, seed=self.seed, days=past_news.DAYS).fill(session)
            past_news.tell(session, self.sealer, self.settings, now)

    def join(self, rng: random.Random, now: dt.datetime) -> None:
        """Somebody proves a number and becomes a member; who is one already stays as they are."""
        number = rng.choice(_NUMBERS)
        agreed = [Purpose.MEMBERSHIP]
        if rng.random() < _AGREE_TO_MARKETING:
            agreed.append(Purpose.MARKETING)
        proof = membership.Proof({IdentityKind.PHONE: number}, now)
        with self.database.writing() as session:
            claim = membership.claim(
                session, self.sealer, proof, language=_LANGUAGE, enrols=True, now=now
            )
            if claim.is_new:
                self._tell(session, claim, number, agreed, now)

    def _tell(
        self,
        session: Session,
        claim: membership.Claim,
        number: str,
        agreed: list[Purpose],
        now: dt.datetime,
    ) -> None:
        member, store_id = claim.member, self.settings.store.id
        lookup = self.sealer.lookup(IdentityKind.PHONE, number.encode())
        given = [
            consents.record(
                session,
                lookup,
                purpose,
                member=member,
                wording=_WORDING,
                language=_LANGUAGE,
                given_at=now,
            )
            for purpose in agreed
        ]
        session.flush()
        member_news.changed(
            session,
            self.sealer,
            member,
            is_new=True,
            purposes=agreed,
            store_id=store_id,
            now=now,
        )
        consent_news.given(session, self.sealer, member, given, store_id=store_id, now=now)


def run(seed: int) -> None:
    """Run a store, of the settings in the environment, until it is told to stop."""
    found = settings.load()
    log.configure(found.log_level)
    secrets = secret_file.load_or_create(found.data_dir)
    database = databases.open_database(found)
    migrate.upgrade(database)
    sealer = secret_file.open_sealer(found.data_dir)
    branch = Branch(found, database, sealer, seed)
    branch.remember(clock.now())
    crm = crm_choice.choose(found, secrets, database, sealer)
    line, line_turn = open_line(found.headquarters, found.store.id), LineTurn()
    rng = random.Random(seed)  # noqa: S311 - made-up shoppers keep no secret

    def tell() -> None:
        if crm is not None:
            delivery.deliver(database, sealer, crm, found, clock.now)

    def speak() -> None:
        hears = Hearing(State.HEARING, clock.now())
        sensor_status.write(found.status_dir, SensorStatus(clock.now(), {_SENSOR: hears}))
        line_turn(found, database, sealer, line, clock.now())

    def join() -> None:
        branch.join(rng, clock.now())

    turns = [
        Turn("somebody joins", _JOIN_EVERY_S, join, at_start=True),
        Turn("send news to headquarters", _TELL_EVERY_S, tell, at_start=True),
        Turn("speak to headquarters", found.headquarters.report_every_s, speak, at_start=True),
    ]
    clockwork.run(turns, found.store.zone, _log)
    database.dispose()


if __name__ == "__main__":
    run(int(sys.argv[1]))
