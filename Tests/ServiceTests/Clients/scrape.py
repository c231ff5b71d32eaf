#!/usr/bin/env python3
"""Has Prometheus scrape a service, and waits until its own questions are answered: scrape.py HOST:PORT FOLDER."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

QUERY = "http_server_request_duration_seconds_bucket"


def ask(port, path, **parameters):
    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)["data"]
    except OSError:
        return None


def until(condition):
    """Asks again and again: Prometheus tells nobody when it has scraped."""
    while not condition():
        time.sleep(0.05)


def main(target, folder):
    os.makedirs(folder)
    with open(f"{folder}/prometheus.yml", "w", encoding="utf-8") as file:
        file.write("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: order\n"
                   f"  static_configs: [{{targets: ['{target}']}}]\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
         f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def is_up():
            targets = (ask(port, "targets") or {}).get("activeTargets", [])
            return any(target["health"] == "up" for target in targets)

        until(is_up)
        print("up", end=" ")
        now = time.time()
        until(lambda: ask(port, "query_exemplars", query=QUERY, start=now - 600, end=now + 600))
        found = ask(port, "query_exemplars", query=QUERY, start=now - 600, end=now + 600)
        labels = found[0]["exemplars"][0]["labels"]
        assert len(labels["trace_id"]) == 32 and len(labels["span_id"]) == 16, labels
        print("exemplars", end=" ")
        until(lambda: (ask(port, "query", query="target_info") or {}).get("result"))
        info = ask(port, "query", query="target_info")["result"][0]["metric"]
        assert info["service_name"] == "order", info
        print("target_info")
    finally:
        server.terminate()
        server.wait()


main(*sys.argv[1:])
