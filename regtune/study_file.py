"""Study files: YAML 1.2, read by its core schema, with the place of whatever cannot be read.

`1e-7` is a number, `on` and `no` are texts, a date is a text, and a key that is written twice is refused. JSON is YAML.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from regtune.errors import StudyFileError

_TAG = "tag:yaml.org,2002:"
_BASES = {"0o": 8, "0x": 16}


def read_study_file(path: Path) -> dict[str, Any]:
    """The document of a study file, not yet checked to be a study.

    Raises:
        StudyFileError: the file is not there, not UTF-8, not YAML, or not one mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise StudyFileError(path, None, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StudyFileError(path, None, None, f"is not UTF-8 at byte {error.start}") from error
    return parse_study_text(text, path)


def parse_study_text(text: str, path: Path) -> dict[str, Any]:
    """The document in the text of a study file; `path` only names it in errors.

    Raises:
        StudyFileError: the text is not YAML, or not one mapping.
    """
    try:
        document = _value(_CoreSchema(text).get_single_node(), ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
        said = "; ".join(part for part in (error.context, error.problem) if part)
        raise StudyFileError(path, line, column, said or str(error)) from error
    except yaml.YAMLError as error:
        raise StudyFileError(path, None, None, str(error)) from error
    except RecursionError as error:
        raise StudyFileError(path, None, None, "is nested too deeply") from error
    if not isinstance(document, dict):
        raise StudyFileError(path, 1, 1, "a study file holds one mapping, such as `dataset: digits`")
    return document


class _CoreSchema(Reader, Scanner, Parser, Composer, BaseResolver):
    """Composes nodes with the tags of YAML 1.2; PyYAML's own loaders have those of 1.1."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)


# YAML 1.2.2, section 10.3.2: the tag of a plain scalar, the texts that have it, and the characters they begin with.
for _tag, _texts, _first in (
    ("null", r"(null|Null|NULL|~|)\Z", ["n", "N", "~", ""]),
    ("bool", r"(true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("int", r"([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", list("-+.0123456789")),
    ("float", r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z", list("-+.")),
):
    _CoreSchema.add_implicit_resolver(_TAG + _tag, re.compile(_texts), _first)


def _value(node: Node | None, inside: tuple[Node, ...]) -> Any:
    """The value of a node; `inside` are the nodes that it lies in, of which it may not be one again."""
    if node is None:
        return None
    if node in inside:
        raise _refused("an alias stands inside of what it names", node)
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
        return [_value(entry, (*inside, node)) for entry in node.value]
    if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
        return _mapping(node, (*inside, node))
    raise _refused(f"the tag {node.tag} has no meaning in a study file", node)


def _mapping(node: MappingNode, inside: tuple[Node, ...]) -> dict[str, Any]:
    lines: dict[str, int] = {}
    document: dict[str, Any] = {}
    for key, member in node.value:
        if not isinstance(key, ScalarNode) or key.tag != f"{_TAG}str":
            raise _refused("a key is a text", key)
        if key.value in lines:
            raise _refused(f'"{key.value}" is written twice, first on line {lines[key.value]}', key)
        lines[key.value] = key.start_mark.line + 1
        document[key.value] = _value(member, inside)
    return document


def _scalar(node: ScalarNode) -> float | int | bool | str | None:
    text = str(node.value)
    try:
        match node.tag.removeprefix(_TAG):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text[2:], _BASES[text[:2]]) if text[:2] in _BASES else int(text)
            case "float" if math.isfinite(number := float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))):
                return number
            case "float":
                raise _refused(f"{text} is not finite, and no number of a study is", node)
    except ValueError as error:
        raise _refused(f"{text} is no {node.tag.removeprefix(_TAG)}", node) from error
    raise _refused(f"the tag {node.tag} has no meaning in a study file", node)


def _refused(problem: str, node: Node) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
