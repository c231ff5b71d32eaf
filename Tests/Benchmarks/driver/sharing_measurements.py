"""A job of JSON lines and a service on one file: what the service's clients notice of the job."""

import http.client
import json
import os
import threading
import time

from .lines_measurements import BARE, check
from .orders import lines
from .processes import Failure, free_port, run, serving
from .table import bounded

CLIENTS = 8


def measure(bench):
    count = bench.scale(1_000_000)
    source = lines(os.path.join(bench.scratch, f"orders-{count}.jsonl"), count)
    latencies, logs = [], []
    for _ in bench.rounds():
        p99, log = together(bench, source, count)
        latencies.append(p99)
        logs.append(log)
    what = f"POST /orders by {CLIENTS} clients beside {count:,} lines"
    yield bounded("sharing", f"{what}, p99", "ms", latencies, at_most=1000)
    yield bounded("sharing", f"{what}, write-ahead log", "MiB", logs, at_most=80)


def together(bench, source, count):
    """Returns the 99th percentile of the latency in milliseconds and the largest write-ahead log in MiB."""
    database, results = bench.databases.fresh(), os.path.join(bench.directory, "results.jsonl")
    port = free_port()
    with serving(bench.programs.orderd_serve(database, port), bench.subdirectory(), port):
        clients = Clients(port, database + "-wal")
        try:
            run(bench.programs.orderd_batch(database, *BARE), bench.directory, stdin=source, stdout=results)
        finally:
            clients.stop()
    check(results, count)
    with open(results, "rb") as file:
        taken = {json.loads(line)["order"]["id"] for line in file}
    if not clients.latencies:
        raise Failure("no POST was answered beside the job")
    if len(taken) != count or not taken.isdisjoint(clients.ids) or len(set(clients.ids)) != len(clients.ids):
        raise Failure("an id was given twice")
    bench.databases.remove(database)
    clients.latencies.sort()
    return clients.latencies[len(clients.latencies) * 99 // 100] * 1000, clients.largest_log / 2**20


class Clients:
    """Threads that post orders until they are stopped. Any answer but 201 is a failure."""

    def __init__(self, port, log):
        self.port, self.log = port, log
        self.latencies, self.ids, self.failures = [], [], []
        self.largest_log = 0
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.post) for _ in range(CLIENTS)]
        self.threads.append(threading.Thread(target=self.watch))
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise Failure(f"a POST beside the job: {self.failures[0]}")

    def post(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = '{"customer_id":"shared","wood_type":"oak","quantity":1}'
        while not self.over.is_set():
            began = time.monotonic()
            try:
                connection.request("POST", "/orders", body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                answer = response.read()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                return
            self.latencies.append(time.monotonic() - began)
            if response.status != 201:
                self.failures.append(answer.decode())
                return
            self.ids.append(json.loads(answer)["id"])

    def watch(self):
        while not self.over.wait(0.01):
            if os.path.exists(self.log):
                self.largest_log = max(self.largest_log, os.path.getsize(self.log))
