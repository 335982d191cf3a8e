"""What was measured of the regularizers' costs."""

import json

from regcore.costs import Cost, costs


def row(kind, median, **options):
    usual = {
        "kind": kind,
        "network": "Mlp",
        "ratio": {"median": median, "low": median - 0.1, "high": median + 0.25},
        "class": "elementwise",
        "allowed": 1.15,
        "graphs": 2,
    }
    return usual | options


def written(path, *rows):
    path.write_text(json.dumps({"measured_at": "2026-01-01", "lanes": 24, "kinds": rows}), encoding="utf-8")
    return path


def test_a_row_of_the_benchmark_is_a_cost(tmp_path) -> None:
    file = written(tmp_path / "costs.json", row("sam", 2.0, **{"class": "passes", "network": "Convnet", "graphs": 3}))
    assert costs(file) == {"sam": Cost("sam", 2.0, 1.9, 2.25, "passes", "Convnet", 3)}


def test_the_cheapest_comes_first_and_equals_by_name(tmp_path) -> None:
    file = written(tmp_path / "costs.json", row("sam", 2.0), row("l2", 1.25), row("l1", 1.25), row("ema", 1.0))
    assert [*costs(file)] == ["ema", "l1", "l2", "sam"]


def test_without_a_file_nothing_is_known(tmp_path) -> None:
    assert costs(tmp_path / "missing.json") == {}
