#!/usr/bin/env python3
"""Reads OpenMetrics from standard input with the strict parser of prometheus-client.

Says how many families there are.
"""

import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

print(len(list(text_string_to_metric_families(sys.stdin.read()))))
