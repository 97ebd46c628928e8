"""`python -m appliance` is `doorman`."""

from appliance.cli import main

main()
