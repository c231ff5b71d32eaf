"""Results of the measurements: one table for people, the same as JSON for programs."""

import json
from dataclasses import asdict, dataclass
from statistics import median


@dataclass
class Row:
    """One line of the table. `goal` bounds `ratio` where there is a peer, else `orderd`; `met` is None without one."""

    group: str
    what: str
    unit: str
    orderd: float
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


def compared(group, what, unit, peer, pairs, at_least=None):
    """A row that compares orderd with a peer.

    `pairs` holds (orderd, peer) of each round; the ratio is the median of the rounds' ratios, as the two figures of one
    round were taken right after each other.
    """
    ratio = median(mine / theirs for mine, theirs in pairs)
    return Row(
        group, what, unit, median(mine for mine, _ in pairs), peer, median(theirs for _, theirs in pairs), ratio,
        f">= {at_least:g} x" if at_least else "", ratio >= at_least if at_least else None)


def bounded(group, what, unit, values, at_most=None):
    """A row with a figure of orderd alone; it is the median of the values."""
    value = median(values)
    return Row(
        group, what, unit, value, goal=f"<= {at_most:g} {unit}" if at_most else "",
        met=value <= at_most if at_most else None)


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def text(rows):
    """Returns the rows as an aligned table."""
    heads = ("what", "unit", "orderd", "against", "peer", "ratio", "goal", "met")
    cells = [heads] + [
        (row.what, row.unit, number(row.orderd), row.peer, number(row.peer_value),
         f"{row.ratio:.2f}" if row.ratio is not None else "", row.goal,
         {None: "", True: "yes", False: "NO"}[row.met])
        for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    numbers = {2, 4, 5}
    aligned = (
        "  ".join(cell.rjust(width) if column in numbers else cell.ljust(width)
                  for column, (cell, width) in enumerate(zip(line, widths))).rstrip()
        for line in cells)
    return "\n".join(aligned)


def write(path, rows, missing, machine):
    """Writes rows, what could not be measured, and the machine as JSON."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"machine": machine, "rows": [asdict(row) for row in rows], "missing": missing}, file, indent=2)
        file.write("\n")
