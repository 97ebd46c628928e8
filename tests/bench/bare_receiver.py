"""Takes batches of events and keeps nothing of them: what HTTP and JSON cost by themselves."""

import gzip
import json


def take(environ, start_response):
    body = environ["wsgi.input"].read()
    events = json.loads(gzip.decompress(body)) if body else []
    results = [{"id": event["id"], "status": "accepted"} for event in events]
    answer = json.dumps({"results": results}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response("200 OK", headers)
    return [answer]
