#!/usr/bin/env python3
"""Prints the 1,000 order lines of orders.jsonl: a day's orders of a wood dealer as a batch job gets them.

985 of them are orders, 5 repeat an earlier line under the same idempotency key, and 10 are bad, each in another way.
The lines are always the same: examples/make-orders.py > examples/orders.jsonl
"""

import json
import random
import sys

LINES = 1000
WOODS = ["oak"] * 8 + ["pine"] * 6 + ["birch"] * 4 + ["maple"] * 3 + ["elm"]
CUSTOMERS = [
    "Albrecht & Söhne", "Boatyard Tórshavn", "Carpenter's Guild", "Fjordhus AS", "Möbel Krüger", "Nordic Floors",
    "Oak & Sons Ltd", "Parkett Huber", "Puits d'Amour", "Stolařství Novák", "家具工房", "Timber \"Quick\" Inc.",
]

#: Which lines are bad, and how. They read like mistakes that programs make.
BAD = {
    17: b'{"customer_id":"cust_204","wood_type":"oak","quantity":',
    101: b'{"customer_id":"cust_311","wood_type":"oak","quantity":4,"colour":"dark"}',
    202: b'{"customer_id":"cust_118","wood_type":"mahogany","quantity":3}',
    298: b'{"customer_id":"cust_007","wood_type":"elm","quantity":0,"ref":"day-298"}',
    377: b'{"customer_id":"cust_500","wood_type":"pine","quantity":"12"}',
    450: b'{"wood_type":"maple","quantity":2,"status":"registered"}',
    561: b'{"customer_id":"cust_093","wood_type":"oak","quantity":5,"quantity":50}',
    640: b'{"customer_id":"cust_415","wood_type":"birch","quantity":7,"status":"registred"}',
    733: b'{"customer_id":"M\xf6bel Kr\xfcger","wood_type":"oak","quantity":9}',  # Latin-1, not UTF-8
    912: b'{"op":"delete","id":12}',
}
#: Lines that a sender sent again, not knowing whether they had arrived.
REPEATED = {260: 250, 261: 251, 262: 252, 814: 812, 990: 430}


def order(choice, line):
    """Returns a good line: most are bare orders, some carry a reference, a key, or name the operation."""
    customer = choice.choice(CUSTOMERS) if choice.random() < 0.2 else f"cust_{choice.randrange(1, 600):03}"
    members = {"customer_id": customer, "wood_type": choice.choice(WOODS)}
    members["quantity"] = min(int(choice.paretovariate(0.9) * 2), 20_000)
    if choice.random() < 0.5:
        members["status"] = "ready" if choice.random() < 0.05 else "registered"
    extras = {"ref": f"day-{line}"} if choice.random() < 0.3 else {}
    if line in REPEATED.values() or choice.random() < 0.2:
        extras["key"] = f"2025-11-08/{line:04}"
    if choice.random() < 0.1:
        return {"op": "create", "order": members, **extras}
    return {**members, **extras}


def main():
    choice = random.Random(20251108)
    lines = {}
    for line in range(1, LINES + 1):
        good = json.dumps(order(choice, line), ensure_ascii=False, separators=(",", ":")).encode()
        lines[line] = BAD.get(line) or lines.get(REPEATED.get(line)) or good
        sys.stdout.buffer.write(lines[line] + b"\n")


if __name__ == "__main__":
    main()
