"""The commit queue with 64 concurrent writers against plain loops over SQLite's C interface."""

from .processes import run
from .table import compared

WRITERS = 64


def measure(bench):
    rows, few = bench.scale(200_000), bench.scale(10_000)
    together, single, queue = [], [], []
    for _ in bench.rounds():
        together.append(plain_loop(bench, rows, WRITERS))
        queue.append(commit_queue(bench, rows))
        single.append(plain_loop(bench, few, 1))
    what = "commit queue, 64 writers, synchronous=full"
    yield compared(
        "queue", what, "orders/s", "plain loop, 64 rows a transaction", list(zip(queue, together)), at_least=0.6)
    yield compared(
        "queue", what, "orders/s", "plain loop, one row a transaction", list(zip(queue, single)), at_least=10)


def plain_loop(bench, rows, together):
    database = bench.databases.fresh()
    done = run([bench.programs.plain_loop, database, str(rows), str(together), "full"], bench.directory)
    bench.databases.remove(database)
    return rows / float(done.output)


def commit_queue(bench, rows):
    database = bench.databases.fresh()
    settings = [f"storage.sqlite.path={database}", f"transport.writers.writers={WRITERS}",
                f"transport.writers.orders={rows}", "logging.level=warning"]
    command = [bench.programs.writers, "run"]
    done = run(command + [word for setting in settings for word in ("--set", setting)], bench.directory)
    bench.databases.remove(database)
    return rows / float(done.output.split()[-1])
