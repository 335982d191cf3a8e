"""What a kind costs, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping

from regcore.costs import Cost
from regcore.pages.marks import links, table

_WORK = {
    "elementwise": "It works element by element.",
    "product": "It needs a further product, or a draw for every weight.",
    "passes": "It needs further passes through the network.",
}
_HOW = "[Measured](../../benchmarks/results/README.md) in a compiled step of all lanes, at the kind's defaults"


def cost_of(kind: str, costs: Mapping[str, Cost]) -> str:
    """What is known of one kind's cost."""
    cost = costs.get(kind)
    if cost is None:
        return "What it costs has not been measured."
    graphs = "one graph" if cost.graphs == 1 else f"{cost.graphs} graphs"
    return (
        f"A step with it takes {cost.median:.2f} times a plain one ({_spread(cost)} over the rounds). "
        f"{_WORK[cost.work]} {_HOW}, in the network `{cost.network}` and the same without it, in {graphs}."
    )


def table_of(costs: Mapping[str, Cost], kinds: tuple[str, ...]) -> list[str]:
    """What these kinds cost, the cheapest first, and which of them have not been measured."""
    measured = [cost for cost in costs.values() if cost.kind in kinds]
    missing = [kind for kind in kinds if kind not in costs]
    headings = ("kind", "times a plain step", "lowest–highest", "work", "network", "graphs")
    rows = [
        (links([cost.kind]), f"{cost.median:.2f}", _spread(cost), cost.work, f"`{cost.network}`", cost.graphs)
        for cost in measured
    ]
    return [
        *([f"{_HOW}, each beside the same network without it.", table(headings, rows)] if measured else []),
        *([f"Not measured: {links(missing)}."] if measured and missing else []),
        *([] if measured else ["No kind has been measured."]),
    ]


def _spread(cost: Cost) -> str:
    return f"{cost.low:.2f}–{cost.high:.2f}"
