"""Finds answers that left before their orders were synchronised to the disk.

Reads what `strace -f -y` saw of a service whose orders' customers are `c0-0`, `c0-1`, … with the wood type oak. An
order is safe when a synchronisation of the write-ahead log has ended that began after the order was written to it.
Arguments: the trace. Prints the number of orders that were answered, then those that were not safe, a line each.
"""

import re
import sys

CALL = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)")
STORED = re.compile(r"c\d+-\d+(?=oak)")  # a row: the customer, then the wood type
ANSWERED = re.compile(r'c\d+-\d+(?=\\")')  # JSON
WRITES, SYNCHRONISES, ANSWERS = {"pwrite64"}, {"fdatasync", "fsync"}, {"write", "writev", "sendto", "sendmsg"}

written, safe, under_way = set(), set(), {}  # under way: what a call will have done when it has ended, by thread
answered, unsafe = 0, []
with open(sys.argv[1], encoding="utf-8", errors="replace") as trace:
    for line in trace:
        thread, call = CALL.match(line).groups() if CALL.match(line) else (None, None)
        is_end = "resumed>" in line
        if call in ANSWERS and not is_end:
            orders = ANSWERED.findall(line)
            answered += len(orders)
            unsafe += [order for order in orders if order not in safe]
        if call in WRITES | SYNCHRONISES:
            if is_end:
                target, orders = under_way.pop(thread, (safe, set()))
            elif "-wal>" in line:
                target, orders = (written, set(STORED.findall(line))) if call in WRITES else (safe, set(written))
            else:
                continue
            if "<unfinished" in line:
                under_way[thread] = target, orders
            else:
                target |= orders
print(answered)
for order in unsafe:
    print(order)
