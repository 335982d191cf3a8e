"""What a page says of a kind's cost."""

from regcore.costs import Cost
from regcore.pages.costs import cost_of, table_of

COSTS = {
    "l1": Cost("l1", 1.034, 0.9, 1.256, "elementwise", "Mlp", 1),
    "sam": Cost("sam", 2.0, 1.9, 2.2, "passes", "Convnet", 2),
}


def test_a_cost_is_a_ratio_with_its_spread_and_its_network() -> None:
    text = cost_of("l1", COSTS)
    assert "takes 1.03 times a plain one (0.90–1.26 over the rounds)" in text
    assert "element by element" in text
    assert "in the network `Mlp` and the same without it, in one graph." in text


def test_a_kind_that_passes_more_than_once_says_so() -> None:
    assert "further passes through the network" in cost_of("sam", COSTS)
    assert "in 2 graphs" in cost_of("sam", COSTS)


def test_a_kind_without_a_row_has_not_been_measured() -> None:
    assert cost_of("l2", COSTS) == "What it costs has not been measured."


def test_the_table_keeps_the_order_of_costs_and_names_what_is_missing() -> None:
    _, rows, missing = table_of(COSTS, ("ema", "l1", "sam"))
    assert [line.split("]")[0] for line in rows.splitlines()[2:]] == ["| [`l1`", "| [`sam`"]
    assert missing == "Not measured: [`ema`](ema.md)."


def test_a_row_of_a_kind_that_is_no_more_is_left_out() -> None:
    _, rows = table_of(COSTS, ("sam",))
    assert "l1" not in rows


def test_before_any_measurement_there_is_no_table() -> None:
    assert table_of({}, ("l1", "sam")) == ["No kind has been measured."]
