"""The orders that every program gets, and the databases they go into."""

import os
import shutil

from .processes import Failure, run

WOOD_TYPES = ("oak", "maple", "birch", "elm", "pine")


def lines(path, count):
    """Writes `count` order lines, the same orders that `plain-loop.c` inserts, unless the file is there already."""
    if os.path.exists(path):
        return path
    unfinished = path + ".unfinished"
    with open(unfinished, "w", encoding="ascii") as file:
        for row in range(count):
            file.write(f'{{"customer_id":"cust_{row * 7919 % 10007}","wood_type":"{WOOD_TYPES[row % 5]}",'
                       f'"quantity":{1 + row % 100},"status":"registered"}}\n')
    os.rename(unfinished, path)
    return path


class Databases:
    """Makes databases for the programs, all of them copies of one that orderd made: same table, same indexes."""

    def __init__(self, programs, directory):
        self.programs = programs
        self.directory = directory
        self.empty = os.path.join(directory, "empty.db")
        self.made = 0
        run(programs.orderd_batch(self.empty), directory)
        if os.path.exists(self.empty + "-wal"):
            raise Failure("orderd left a write-ahead log behind: a copy of its file would lack the table")

    def fresh(self):
        """Returns the path of a new database without orders."""
        return self.copy(self.empty)

    def filled(self, count):
        """Returns the path of a new database with `count` orders, ids 1 to `count`."""
        path = os.path.join(self.directory, f"filled-{count}.db")
        if not os.path.exists(path):
            shutil.copyfile(self.empty, path)
            run([self.programs.plain_loop, path, str(count), "10000", "off"], self.directory)
        return self.copy(path)

    def copy(self, path):
        self.made += 1
        copy = os.path.join(self.directory, f"orders-{self.made}.db")
        shutil.copyfile(path, copy)
        return copy

    def remove(self, path):
        """Removes a database that is not needed any more."""
        for name in (path, path + "-wal", path + "-shm"):
            if os.path.exists(name):
                os.remove(name)
