"""`doorman hq`: headquarters, which all stores of a chain speak to (docs/headquarters.md)."""

import click

from appliance import web_server
from appliance.hq import audit, figures, inbox, jobs, pages, pushed, stores, tokens, users
from appliance.hq.database import migrated
from core import settings


@click.group(invoke_without_command=True)
@click.pass_context
def hq(context: click.Context) -> None:
    """Serve the chain's stores: logins by WeChat, and what they send.

    Its database is brought to this version's form first. docs/headquarters.md tells how it is
    run, docs/wechat.md what is registered with WeChat.
    """
    found = settings.load()
    migrated(found)
    if context.invoked_subcommand is None:
        web_server.become("hq.wsgi:create()", found.hq, found, keep_alive_s=75)


hq.add_command(stores.add_store)
hq.add_command(stores.list_stores)
hq.add_command(stores.list_keys)
hq.add_command(stores.list_anchors)
hq.add_command(stores.rotate_key)
hq.add_command(stores.revoke_key)
hq.add_command(jobs.jobs)
hq.add_command(inbox.inbox)
hq.add_command(pushed.publish)
hq.add_command(pushed.list_published)
hq.add_command(pushed.public_key)
hq.add_command(figures.figures)
hq.add_command(pages.pages)
hq.add_command(users.user)
hq.add_command(audit.audit)
hq.add_command(tokens.token)
