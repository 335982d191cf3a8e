"""Docstrings as documentation."""

import sys

import pytest

from regcore.docstrings import documentation
from regcore.regularizers import find
from regcore.schedules.cosine import Cosine


def test_the_source_is_what_follows_its_mark() -> None:
    doc, source, _ = documentation(find("l1"))
    assert doc.startswith("L1 penalty:")
    assert "Source:" not in doc
    assert source == "Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x"


def test_a_source_may_run_over_several_lines() -> None:
    assert documentation(find("l2"))[1].startswith(
        "Hoerl and Kennard (1970), doi:10.1080/00401706.1970.10488634; Krogh"
    )


def test_the_parity_is_what_the_docstring_says_last() -> None:
    assert documentation(find("l1")).parity == "torch.linalg.vector_norm of order 1"


def test_a_docstring_may_name_no_parity() -> None:
    assert documentation(Cosine).parity == ""


def test_the_parity_is_neither_in_the_text_nor_in_the_source(monkeypatch) -> None:
    text = "A method.\n\nMore. Source: Someone (2000),\ndoi:1.\nParity: none;\nby hand.\n"
    monkeypatch.setattr(sys.modules["regcore.regularizers.l1"], "__doc__", text)
    assert documentation(find("l1")) == ("A method.\n\nMore.", "Someone (2000), doi:1", "none; by hand")


@pytest.mark.parametrize("text", [None, "A method.", "A method. Source: ", "A method. Source: Parity: torch."])
def test_a_module_without_a_source_is_refused(text, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["regcore.regularizers.l1"], "__doc__", text)
    with pytest.raises(ValueError, match="ends with no"):
        documentation(find("l1"))
