#!/usr/bin/env python3
"""The batch job as a Python program: reads order lines, inserts them, prints one result line for each.

    json-lines.py FILE < orders.jsonl > results.jsonl

FILE is a database that orderd made. One transaction per 1,000 lines, `synchronous=full`; a result is printed after its
transaction is committed. It checks what orderd checks of an order, but far less strictly.
"""

import json
import sqlite3
import sys
from datetime import datetime, timezone
from itertools import islice

WOOD_TYPES = {"oak", "maple", "birch", "elm", "pine"}
MEMBERS = {"customer_id", "wood_type", "quantity", "status"}
INSERT = """INSERT INTO orders(id, customer_id, wood_type, quantity, status, created_at, updated_at, revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1)"""


def problem(detail):
    return {"type": "/problems/invalid_order", "title": "Invalid order", "status": 422, "detail": detail}


def read(line):
    """Returns the order of a line, or raises ValueError."""
    order = json.loads(line)
    if not isinstance(order, dict) or not order.keys() <= MEMBERS:
        raise ValueError("not an order")
    if order.get("wood_type") not in WOOD_TYPES or not order.get("customer_id"):
        raise ValueError("no wood type or customer")
    if not isinstance(order.get("quantity"), int) or not 1 <= order["quantity"] <= 1_000_000:
        raise ValueError("quantity is outside 1...1000000")
    return order


def commit(database, lines, first_line, next_id):
    """Inserts the orders of some lines in one transaction, and returns their results and the next id."""
    now = datetime.now(timezone.utc)
    text = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z"
    milliseconds = int(now.timestamp() * 1000)
    rows, results = [], []
    for number, line in enumerate(lines, first_line):
        try:
            order = read(line)
        except ValueError as error:
            results.append({"line": number, "status": 422, "problem": problem(str(error))})
            continue
        customer, wood, quantity = order["customer_id"], order["wood_type"], order["quantity"]
        status = order.get("status", "registered")
        rows.append((next_id, customer, wood, quantity, status, milliseconds, milliseconds))
        order = {"id": next_id, "customer_id": customer, "wood_type": wood, "quantity": quantity, "status": status,
                 "created_at": text, "updated_at": text, "revision": 1}
        results.append({"line": number, "status": 201, "order": order})
        next_id += 1
    with database:
        database.executemany(INSERT, rows)
    return results, next_id


def main():
    database = sqlite3.connect(sys.argv[1])
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=full")
    next_id = database.execute("SELECT ifnull(max(id), 0) + 1 FROM orders").fetchone()[0]
    line = 1
    encode = json.JSONEncoder(separators=(",", ":")).encode
    while lines := list(islice(sys.stdin.buffer, 1000)):
        results, next_id = commit(database, lines, line, next_id)
        line += len(lines)
        sys.stdout.write("".join(encode(result) + "\n" for result in results))
    database.close()


if __name__ == "__main__":
    main()
