"""What every benchmark says beside its figures, and whose turn it is."""

import json
from pathlib import Path

from benchmarks.machine import Speed
from benchmarks.report import report, spread, table, write
from benchmarks.turns import in_turn


def test_a_report_says_when_where_and_how_fast_the_machine_was() -> None:
    document = report({"found": 1}, [Speed(70.0, 20.0), Speed(80.0, 19.0), Speed(75.0, 21.0)])
    assert document["calibration"]["gemm_gflops"] == {"median": 75.0, "low": 70.0, "high": 80.0}
    assert document["machine"]["versions"]["torch"]
    assert document["measured_at"].endswith("+00:00")
    assert document["found"] == 1


def test_a_report_replaces_the_one_before_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    write({"found": 1}, path)
    write({"found": 2}, path)
    assert json.loads(path.read_text()) == {"found": 2}
    assert list(tmp_path.iterdir()) == [path]


def test_a_spread_holds_median_and_ends() -> None:
    assert spread([3.0, 1.234, 2.0]) == {"median": 2.0, "low": 1.23, "high": 3.0}


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [(1, "x")]) == "\n| a | b |\n| --- | --- |\n| 1 | x |\n"


def test_each_turn_begins_with_another_contestant() -> None:
    assert [in_turn("abc", turn) for turn in range(4)] == [list("abc"), list("bca"), list("cab"), list("abc")]
