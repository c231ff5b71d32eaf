"""Plays the neighbours of the replaced service against orderd, with the library that they use.

Argument: the service's address. Ends with an AssertionError where an answer is not what they expect.
"""

import sys

import requests

base = sys.argv[1]

# The operator's check.
health = requests.get(f"{base}/health", timeout=10)
assert (health.status_code, health.json()) == (200, {"status": "healthy"}), health.text

# The poster.
posted = requests.post(f"{base}/orders", json={"wood_type": "oak", "quantity": 5}, timeout=10)
assert posted.status_code == 201, posted.text
order = posted.json()
assert (order["wood_type"], order["quantity"], order["status"]) == ("oak", 5, "registered"), order

# The poller: reads what is registered, and sets each to ready.
registered = requests.get(f"{base}/orders/status/registered", timeout=10)
assert registered.status_code == 200, registered.text
assert [one["id"] for one in registered.json()] == [order["id"]], registered.text
for one in registered.json():
    answer = requests.put(f"{base}/orders/{one['id']}", json={"order_status": "ready"}, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (200, "ready"), answer.text
assert requests.get(f"{base}/orders/status/registered", timeout=10).json() == []
assert requests.get(f"{base}/orders/status/ready/", timeout=10).json()[0]["id"] == order["id"]

# A mistake of the poster's is explained in the member that it reads.
refused = requests.post(f"{base}/orders", json={"wood_type": "plastic", "quantity": 5}, timeout=10)
assert refused.status_code == 422 and refused.json()["error"], refused.text
missing = requests.get(f"{base}/orders/4711", timeout=10)
assert missing.status_code == 404 and missing.json()["error"], missing.text
print("the neighbours are content")
