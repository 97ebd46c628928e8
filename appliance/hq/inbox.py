"""`doorman hq inbox`: what stores have sent that could not be folded."""

import click

from appliance.hq.database import opened
from core import clock, settings
from hq.intake import parking

_MOST = 1000


@click.command()
@click.argument("events", nargs=-1)
@click.option("--again", is_flag=True, help="Fold them again: EVENTS by id, or all.")
def inbox(events: tuple[str, ...], *, again: bool) -> None:
    """Print what stores have sent that could not be folded, and why.

    What an event says is not shown. An `unknown_member` is folded by itself once its store has
    told of that member; after a mistake of ours is mended, --again folds the rest. It lets
    `too_many_erasures` through as well.
    """
    with opened(settings.load()) as (database, sealer):
        if again:
            with database.writing() as session:
                count = parking.put_back(session, sealer, clock.now(), event_ids=events or None)
            click.echo(f"events to be folded again: {count}")
            return
        with database.reading() as session:
            rows = parking.parked(session, _MOST)
    for parked, event in rows:
        click.echo(
            f"{event.event_id}  {event.store_id}  {event.type}  {event.subject}"
            f"  {parked.parked_at:%Y-%m-%d %H:%M}  {parked.reason}"
        )
    if not rows:
        click.echo("nothing is parked")
