"""Every metric there is: docs/metrics.md is made of these; dashboards and alerts use no others."""

from appliance.metrics import chain, collection, logs, machine, news, sensing, shoppers, store
from core.metrics import counted

SECTIONS = {
    "Counted by the programs while they work": tuple(each.family for each in counted.ALL),
    "Shoppers, codes and the gate": shoppers.FAMILIES,
    "News for the CRM, and headquarters' versions": news.FAMILIES,
    "Sensor and traffic": sensing.FAMILIES,
    "The law's logs": logs.FAMILIES,
    "The box": (store.BUILD, *machine.FAMILIES),
    "Headquarters": chain.FAMILIES,
    "The metrics themselves": collection.FAMILIES,
}
FAMILIES = {each.name: each for families in SECTIONS.values() for each in families}
