"""Makes docs/metrics.md of every metric: `python -m appliance.metrics.page docs/metrics.md`."""

import sys
from collections.abc import Iterable
from pathlib import Path

from appliance.metrics.every import SECTIONS
from core.metrics.family import Family

_HEAD = """# Metrics

<!-- Made from core/metrics and appliance/metrics by `make docs`; a test holds it to them. -->

Prometheus fetches what a store measures from its dashboard, and what headquarters measures from the
fleet's pages: `/metrics`, as text or OpenMetrics, whichever it asks for.

    doorman token add prometheus            # at a store; prints a token, once
    doorman hq token add prometheus         # at headquarters

    scrape_configs:
      - job_name: doorman
        authorization: { credentials_file: /etc/prometheus/doorman.token }
        static_configs: [{ targets: ["192.168.2.1:8081"], labels: { store: "store-7" } }]

- **A scope of its own.** A token for metrics (`--scope metrics`, or in the dashboard under
  *Data*) opens no figures, and one for figures no metrics: figures withhold small counts, metrics
  do not. `doorman token list` and `revoke` look after both. Tokens end after a year at
  most. Prometheus has one token for all targets of a job: give every store the same,
  `doorman token add prometheus --from-stdin < token`.
- **Nothing personal.** No metric and no label holds an address, a number, a network's name or
  anything of a person. Labels have few values, all known beforehand: a store has about 300
  series. Frames of the sensor are counted in hundreds, as its page shows them.
- **Where it listens**: with the dashboard, on the management side alone
  ([dashboard.md](dashboard.md)). Every 30 s or a minute is often enough.
- **What is looked up is cut off at 0.4 s** ([decision 27](decisions/0027-metrics.md)). What has not
  come by then is left out, and `doorman_collector_success` says so. Portal and gate are not
  waited for, and wait for nothing.
- **What programs count** they add up in the folder that `PROMETHEUS_MULTIPROC_DIR` names, in
  memory; without it (the demo, a test) each keeps its own, and `/metrics` shows the dashboard's
  alone. Counters begin at 0 with each start of the box. At headquarters each machine has its own:
  fetch `/metrics` of each; what comes from the database (`doorman_hq_*`) is the same on all.
- **In front of the portal** nginx answers phones' probes by itself; those are not counted.
- **Everything else about the machine** (temperature, network cards, systemd's units) has
  Prometheus's `node_exporter`, which may run beside it: package `prometheus-node-exporter`.

[deploy/monitoring/](../deploy/monitoring/) has a scrape configuration, alert rules and two Grafana
dashboards, all held to this page by tests. What each alert wants done:
[operations/troubleshooting.md](operations/troubleshooting.md).
"""


def page() -> str:
    """The whole page, as Markdown."""
    parts = [_HEAD]
    for title, families in SECTIONS.items():
        parts += [f"## {title}\n", _table(families)]
    return "\n".join(parts)


def _table(families: Iterable[Family]) -> str:
    lines = ["| metric | type | labels | what it is | what is normal |", "|---|---|---|---|---|"]
    for each in families:
        labels = ", ".join(f"`{name}`" for name in each.labels) or "none"
        lines.append(f"| `{each.name}` | {each.kind} | {labels} | {each.text} | {each.normal} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
