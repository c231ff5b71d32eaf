#!/usr/bin/env python3
"""Compares the metrics of a Grafana dashboard with those that a service shows: dashboard.py HOST:PORT DASHBOARD.

Sends requests until everything is there; ends with 1 and the names that are not after a minute.
"""

import json
import re
import sys
import time
import urllib.error
import urllib.request

ORDER = {"customer_id": "c", "wood_type": "oak", "quantity": 1}
#: Words of PromQL, and labels.
WORDS = {"by", "le", "sum", "rate", "histogram_quantile", "label_values", "job", "or", "vector"}


def names(path):
    """The metrics that the expressions of a dashboard ask for, without the endings of histograms."""
    with open(path, encoding="utf-8") as file:
        dashboard = json.load(file)
    expressions = [target["expr"] for panel in dashboard["panels"] if panel["type"] != "row"
                   for target in panel["targets"]
                   if panel["datasource"]["type"] == "prometheus"]
    expressions += [variable["query"].split("(")[1].split(",")[0] for variable in dashboard["templating"]["list"]
                    if variable["type"] == "query"]
    found = set()
    for expression in expressions:
        plain = re.sub(r'\{[^}]*\}|"[^"]*"|\[[^]]*\]|by \([^)]*\)', " ", expression)
        found |= set(re.findall(r"[a-z_][a-z0-9_]*", plain)) - WORDS
    return found


def send(url, method="GET", body=None):
    request = urllib.request.Request(
        url, method=method, data=json.dumps(body).encode() if body else None,
        headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def main(address, path):
    url = f"http://{address}"
    wanted = names(path)
    assert len(wanted) > 15, wanted
    deadline = time.monotonic() + 60
    missing = wanted
    while missing and time.monotonic() < deadline:
        order = json.loads(send(f"{url}/orders", "POST", ORDER))
        send(f"{url}/orders", "POST", {**ORDER, "wood_type": "plastic"})
        send(f"{url}/orders", "POST", {**ORDER, "customer_id": ""})
        send(f"{url}/orders/{order['id']}", "PUT", {"status": "ready"})
        send(f"{url}/orders/{order['id']}")
        samples = {line.split("{")[0].split(" ")[0] for line in send(f"{url}/metrics").splitlines()
                   if not line.startswith("#")}
        # A collector hands on the names that orderd itself shows in a plural.
        samples |= {name.removesuffix("s") + "_count" for name in samples if name.endswith("s")}
        missing = wanted - samples
    print(f"{len(wanted)} metrics, missing: {sorted(missing)}")
    sys.exit(1 if missing else 0)


main(*sys.argv[1:])
