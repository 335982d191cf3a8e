"""The columns of a table: numeric or categorical as they look or as meta says, and kept out where they tell nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from polars import Series, String

from regtune.study.reading import Findings, below
from regtune.study.values import shown
from service.datasets.cells import LARGEST, as_names, as_numbers, first_row, too_large, without
from service.datasets.errors import META
from service.datasets.imported import ColumnFacts
from service.datasets.meta import ColumnKind, DatasetMeta
from service.datasets.profile import column_profile

MANY_CATEGORIES = 100
"""Above it a column is warned of: its categories have few rows each."""

_LEAST_ROWS_OF_IDENTIFIER = 20
_FEW_CELLS = 0.2
_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column as it is stored, float64 or texts; one that tells nothing has the kind "ignore".

    `remark` is what its user should know of it, None if nothing.
    """

    cells: Series
    facts: ColumnFacts
    profile: dict[str, Any]
    remark: str | None


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """Reads columns by what meta says; `typed` is whether the file itself tells texts from numbers.

    `test` flags test rows that the file brought, on which no decision rests.
    """

    meta: DatasetMeta
    findings: Findings
    typed: bool
    test: Series | None = None

    def read(self, cells: Series) -> ReadColumn:
        """The column; what is wrong with it is found."""
        said = self.meta.columns.get(cells.name)
        cells = without(cells, self.meta.missing)
        words = "" if said is not None or self.typed else words_among_numbers(cells)
        kind = said or self._inferred(cells)
        cells = self._numbers(cells) if kind == "numeric" else as_names(cells)
        known = cells if self.test is None else cells.filter(~self.test)
        values = known.drop_nulls()
        facts = ColumnFacts(cells.name, kind, known.null_count(), values.n_unique())
        left_out = _reason_to_leave_out(facts, said, len(values))
        if left_out is not None:
            facts = replace(facts, kind="ignore")
        return ReadColumn(cells, facts, column_profile(facts, known, kind), left_out or _remark(facts, values, words))

    def _inferred(self, cells: Series) -> ColumnKind:
        if cells.dtype != String:
            return "numeric"
        return "categorical" if self.typed or as_numbers(cells)[1].any() else "numeric"

    def _numbers(self, cells: Series) -> Series:
        numbers, words = as_numbers(cells)
        pointer = below(f"{META}/columns", cells.name)
        if words.any():
            row = first_row(words)
            self.findings.refuse(
                pointer,
                "not_a_number",
                f"{shown(cells.name)} is numeric, and row {row + 1} holds {shown(cells[row])}; "
                "make it categorical, or name the word in `missing` if it stands for no value",
            )
        elif (far := too_large(numbers)).any():
            row = first_row(far)
            self.findings.refuse(
                pointer,
                "not_finite",
                f"{shown(cells.name)} holds {shown(cells[row])} in row {row + 1}, which is not a finite number",
            )
        # What was refused must not overflow in the statistics.
        return numbers.clip(-LARGEST, LARGEST)


def words_among_numbers(cells: Series) -> str:
    """The few words in a column of texts that are numbers otherwise, as a message shows them; empty for none."""
    _, words = as_numbers(cells)
    different = cells.filter(words).unique().sort()
    present = len(cells) - cells.null_count()
    if not 0 < len(different) <= _FEW_WORDS or int(words.sum()) > _FEW_CELLS * present:
        return ""
    return ", ".join(map(shown, different))


def _reason_to_leave_out(facts: ColumnFacts, said: ColumnKind | None, present: int) -> str | None:
    if present == 0:
        return "left out, there is no value"
    if facts.distinct == 1 and (facts.kind == "numeric" or facts.missing == 0):
        return "left out, all values are the same"
    if facts.kind == "categorical" and said is None and facts.distinct == present >= _LEAST_ROWS_OF_IDENTIFIER:
        return 'left out, every value is another, as in an identifier; made "categorical" in `columns` it is kept'
    return None


def _remark(facts: ColumnFacts, values: Series, words: str) -> str | None:
    if words:
        return f"categorical because of {words}; if that stands for no value, say so in `missing`"
    if facts.kind == "categorical" and facts.distinct > MANY_CATEGORIES:
        return f"more than {MANY_CATEGORIES} categories, with few rows each"
    if facts.kind == "numeric" and _counts_rows(values):
        return "numbers the rows; if it is an identifier, ignore it"
    return None


def _counts_rows(values: Series) -> bool:
    """Whether these are consecutive whole numbers in order: a number of the row rather than a measurement."""
    return len(values) >= _LEAST_ROWS_OF_IDENTIFIER and bool((values.diff().drop_nulls() == 1).all())
