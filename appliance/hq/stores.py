"""Commands of `doorman hq` for the list of stores and their keys."""

import datetime as dt

import click

from appliance.hq.database import opened
from core import clock, settings
from hq import anchors, store_keys, stores
from hq.models.store import StoreKey
from hq.stores import Place


@click.command("add-store")
@click.argument("store")
@click.argument("portal_urls", metavar="PORTAL_URL...", nargs=-1, required=True)
@click.option("--name", help="What people call it.")
@click.option("--region", help="By which the chain groups its stores; an empty one: none.")
@click.option("--at", nargs=2, type=float, help="Latitude and longitude, in degrees.")
def add_store(
    store: str,
    portal_urls: tuple[str, ...],
    name: str | None,
    region: str | None,
    at: tuple[float, float] | None,
) -> None:
    """Let a store ask, and print its key, which goes into headquarters.key there.

    STORE is store.id of its settings; shoppers are led back to PORTAL_URL alone (portal.url
    there). Called again it changes the addresses, and what else is given, and rotates
    the key.
    """
    latitude, longitude = at or (None, None)
    place = Place(name, region, latitude, longitude)
    with opened(settings.load()) as (database, sealer), database.writing() as session:
        try:
            key = stores.add(session, sealer, store, list(portal_urls), clock.now(), place=place)
        except stores.StoreError as error:
            raise click.ClickException(str(error)) from error
    click.echo(key)


@click.command("stores")
def list_stores() -> None:
    """Print the stores that may ask."""
    with opened(settings.load()) as (database, _), database.reading() as session:
        names = stores.names(session)
    for name in names:
        click.echo(name)


@click.command("anchors")
@click.argument("store")
def list_anchors(store: str) -> None:
    """Print where a store's access log stood, for `doorman access-log verify --anchor` there."""
    with opened(settings.load()) as (database, _), database.reading() as session:
        found = anchors.listed(session, store)
    for each in found:
        doubt = "" if each.fits else "  does not fit what was told before"
        click.echo(f"{each.told_at:%Y-%m-%d %H:%M}  {each.number}:{each.hash.hex()}{doubt}")


@click.command("keys")
@click.argument("store")
def list_keys(store: str) -> None:
    """Print a store's keys by their numbers, and how each is. The keys themselves are shown once,
    when they are made.
    """
    now = clock.now()
    with opened(settings.load()) as (database, _), database.reading() as session:
        found = store_keys.listed(session, store)
    if not found:
        raise click.ClickException("that store has no keys: doorman hq rotate-key")
    click.echo("key   made        last used         state")
    for key in found:
        used = f"{key.used_at:%Y-%m-%d %H:%M}" if key.used_at else "never"
        click.echo(f"{key.id:<5} {key.made_at:%Y-%m-%d}  {used:<16}  {_state(key, now)}")


@click.command("rotate-key")
@click.argument("store")
@click.option("--old-good-hours", type=click.IntRange(0), help="They end then in any case.")
def rotate_key(store: str, old_good_hours: int | None) -> None:
    """Print another key for a store, to be set in headquarters.key there.

    Those that it has are good until the new one is used, and hq.key_grace_s longer.
    """
    now = clock.now()
    until = None if old_good_hours is None else now + dt.timedelta(hours=old_good_hours)
    with opened(settings.load()) as (database, sealer), database.writing() as session:
        try:
            key = stores.rotate_key(session, sealer, store, now, until)
        except stores.StoreError as error:
            raise click.ClickException(str(error)) from error
    click.echo(key)


@click.command("revoke-key")
@click.argument("store")
@click.argument("key", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="All of its keys: it is shut out.")
def revoke_key(store: str, key: int | None, every: bool) -> None:
    """End a store's key at once: KEY is its number in `doorman hq keys`."""
    if (key is None) == (not every):
        raise click.UsageError("either the number of a key or --all")
    with opened(settings.load()) as (database, _), database.writing() as session:
        count = store_keys.revoke(session, store, key, clock.now())
    if not count:
        raise click.ClickException("that store has no such key, or it was revoked before")
    click.echo(f"keys revoked: {count}")


def _state(key: StoreKey, now: dt.datetime) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M}"
    if not store_keys.is_good(key, now):
        return f"expired {key.expires_at:%Y-%m-%d %H:%M}"
    return f"good until {key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "good"
