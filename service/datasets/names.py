"""The names that meta and file must share: the target, and the columns that meta says something about."""

from __future__ import annotations

from collections.abc import Sequence

from regtune.nearest import suggestion
from regtune.study.reading import Findings, below
from regtune.study.values import is_line, shown
from service.datasets.errors import FILE, META, TARGET, InvalidDataset
from service.datasets.meta import DatasetMeta


def check_names(names: Sequence[str], meta: DatasetMeta) -> str:
    """The name of the target, once it is sure that the file has it and every column that meta names.

    Raises:
        InvalidDataset: meta names no target, or something that is no column of the file.
    """
    findings = Findings()
    for name in names:
        if not is_line(name):
            findings.refuse(FILE, "wrong_characters", f"the column name {shown(name)} is not one line of text")
    if meta.target is None:
        findings.refuse(TARGET, "missing", f"say which column is the target; the last is {shown(names[-1])}")
    elif meta.target not in names:
        others = [name for name in names if name not in meta.columns]
        findings.refuse(
            TARGET, "unknown_name", f"there is no column {shown(meta.target)}; {suggestion(meta.target, others)}"
        )
    for name in meta.columns:
        if name not in names:
            findings.refuse(
                below(f"{META}/columns", name),
                "unknown_name",
                f"there is no column {shown(name)}; {suggestion(name, names)}",
            )
    if findings.errors:
        raise InvalidDataset(findings.errors)
    return meta.target or ""
