"""gunicorn as our web programs run it: `python -m appliance.web_program APPLICATION FLAGS`."""

import sys

from gunicorn.app.wsgiapp import WSGIApplication

from appliance import web_alone
from appliance.web_arbiter import WatchedArbiter


class _Program(WSGIApplication):  # type: ignore[misc]  # gunicorn has no types
    def run(self) -> None:
        # gunicorn's own `run` adds what daemons and reloaders need; ours are neither.
        if self.cfg.workers > 1:
            WatchedArbiter(self).run()
        else:
            sys.exit(web_alone.serve(self))


if __name__ == "__main__":
    sys.argv[0] = "gunicorn"
    _Program("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()
