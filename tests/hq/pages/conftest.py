"""Headquarters of a chain, and who looks at it: Alice is its administrator."""

import pytest

from analytics.dashboard import accounts, guard
from appliance.demo.fleet import Fleet
from core.models.user import Role
from core.setting_groups.hq_pages import PagesSettings
from hq.models.user_region import UserRegion
from hq.pages import application
from hq.pages.parts import Parts
from tests.analytics.dashboard.conftest import (  # noqa: F401 - fixtures of pages
    chromium,
    clock,
    show,
    signed_in,
    staff,
)


@pytest.fixture
def app(hq_sqlite, sealer, secrets, clock):  # noqa: F811 - the fixture
    with hq_sqlite.writing() as session:
        session.add(staff("alice", Role.MANAGER, clock.now))
    return application.create_app(
        Parts(
            settings=PagesSettings(name="Example Chain", language="en"),
            database=hq_sqlite,
            sealer=sealer,
            form_key=secrets.form_key,
            clock=clock,
        )
    )


@pytest.fixture
def alice(app):
    return signed_in(app, "alice")


@pytest.fixture
def hired(app, hq_sqlite, clock):  # noqa: F811 - the fixture
    """A browser in which somebody of a role is signed in, perhaps of one region."""

    def sign_on(role, region=None):
        name = f"new-{role}"
        with hq_sqlite.writing() as session:
            session.add(staff(name, role, clock.now))
        if region is not None:
            with hq_sqlite.writing() as session:
                session.add(UserRegion(user_id=accounts.id_of(hq_sqlite, name), region=region))
        return signed_in(app, name)

    return sign_on


@pytest.fixture
def chain(hq_sqlite, now):
    """Fills headquarters with a made-up chain."""

    def fill(stores, **more):
        with hq_sqlite.writing() as session:
            Fleet(now, stores=stores, language="en", **more).fill(session)

    return fill


__all__ = ["guard"]
