"""JSON lines into a new SQLite file against a plain loop and a Python program."""

import os

from .orders import lines
from .processes import Failure, run
from .table import bounded, compared

#: Neither metrics nor spans are kept, nor a line logged for each line read: what the peers do.
BARE = ["telemetry.console=false"]
VARIANTS = {"metrics": [], "metrics, log line per line": ["logging.level=debug"]}


def measure(bench):
    count = bench.scale(1_000_000)
    source = lines(os.path.join(bench.scratch, f"orders-{count}.jsonl"), count)
    rates = {name: [] for name in ("bare", "loop", "python", *VARIANTS)}
    peaks = []
    for _ in bench.rounds():
        rates["loop"].append(plain_loop(bench, count))
        rate, peak = orderd(bench, source, count, BARE)
        rates["bare"].append(rate)
        peaks.append(peak)
        for name, settings in VARIANTS.items():
            rates[name].append(orderd(bench, source, count, settings)[0])
        rates["python"].append(python(bench, source, count))
    yield from table(rates, peaks)


def table(rates, peaks):
    def against(what, mine, peer, theirs, at_least=None):
        return compared("lines", what, "lines/s", peer, list(zip(rates[mine], rates[theirs])), at_least)

    yield against("JSON lines", "bare", "plain loop, 10,000 rows a transaction", "loop", 0.7)
    yield against("JSON lines", "bare", "Python, 1,000 rows a transaction", "python", 3.5)
    yield against("JSON lines with metrics", "metrics", "without", "bare", 0.75)
    name = "metrics, log line per line"
    yield against(f"JSON lines with {name}", name, "without", "bare")
    yield bounded("lines", "JSON lines, peak memory", "MiB", peaks, at_most=64)


def plain_loop(bench, count):
    database = bench.databases.fresh()
    done = run([bench.programs.plain_loop, database, str(count), "10000", "full"], bench.directory)
    bench.databases.remove(database)
    return count / done.seconds


def orderd(bench, source, count, settings):
    """Returns lines per second and the peak of memory in MiB."""
    database, results = bench.databases.fresh(), os.path.join(bench.directory, "results.jsonl")
    done = run(bench.programs.orderd_batch(database, *settings), bench.directory, stdin=source, stdout=results)
    check(results, count)
    bench.databases.remove(database)
    return count / done.seconds, done.peak_mebibytes


def python(bench, source, count):
    database, results = bench.databases.fresh(), os.path.join(bench.directory, "results.jsonl")
    done = run(bench.programs.python_lines(database), bench.directory, stdin=source, stdout=results)
    check(results, count)
    bench.databases.remove(database)
    return count / done.seconds


def check(results, count):
    """Makes sure that every line was answered, and created an order."""
    with open(results, "rb") as file:
        created = sum(b'"status":201,' in line[:40] for line in file)
    if created != count:
        raise Failure(f"{created} of {count} orders were created")
