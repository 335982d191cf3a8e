"""Definitions of studies on bundled data sets, as the API makes them of a document."""

from __future__ import annotations

from collections.abc import Mapping

from regcore.catalog import load
from regtune.dataset import DatasetFacts, bundled_facts
from regtune.study import ParsedStudy, parse_study


def parsed(document: Mapping[str, object]) -> ParsedStudy:
    """The study that the document defines, without baselines.

    Raises:
        InvalidStudy: it defines none.
        KeyError: its data set is not a bundled one.
    """
    return parsed_on(bundled_facts(load().dataset(str(document["dataset"]))), document)


def parsed_on(facts: DatasetFacts, document: Mapping[str, object]) -> ParsedStudy:
    """The study that the document defines on a data set with these facts.

    Raises:
        InvalidStudy: it defines none.
    """
    named = {**document, "dataset": facts.name, "baselines": False}
    return parse_study(named, load(), lambda _: facts, lambda: [facts.name])
