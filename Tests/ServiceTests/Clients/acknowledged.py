"""Compares a database with the orders that were acknowledged.

Arguments: the database, a file with a line `id customer_id` for each acknowledged order. Prints what is wrong, a line
each; nothing when every acknowledged order is there exactly once and the database is sound.
"""

import sqlite3
import sys

database, file = sys.argv[1:3]
connection = sqlite3.connect(database)
sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
if sound != "ok":
    print("integrity:", sound)
stored = {}
for order, customer in connection.execute("SELECT id, customer_id FROM orders"):
    if customer in stored:
        print("twice:", customer)
    stored[customer] = order
with open(file) as lines:
    # The last line may have been cut when its writer was killed.
    whole = [line.split() for line in lines if line.endswith("\n")]
for order, customer in whole:
    if stored.get(customer) != int(order):
        print("acknowledged, not there:", order, customer, stored.get(customer))
