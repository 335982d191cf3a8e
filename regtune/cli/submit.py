"""`regtune submit`: hand a study to the server and return at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regtune.cli.options import AsJson, StudyFile, Url
from regtune.cli.output import note, print_json

if TYPE_CHECKING:
    from regtune.client import Client

NAME = "submit"


def command(file: StudyFile, url: Url = None, as_json: AsJson = False) -> None:
    """Submit a study file and print the id of the study.

    A data set that the file gives as a path is uploaded first.
    """
    from regtune.client import Client

    with Client(url) as client:
        study = submitted(client, file)
    if as_json:
        print_json(study)
    else:
        print(study["id"])


def submitted(client: Client, file: StudyFile) -> dict[str, Any]:
    """The study that a file became; its warnings are noted."""
    study = client.create_study(read(client, file))
    for warning in study.get("warnings") or ():
        note(f"warning: {warning}")
    return study


def read(client: Client, file: StudyFile) -> dict[str, Any]:
    """The definition in a file, its data set uploaded if it is given as a path."""
    from regtune.client.study_files import with_dataset_uploaded
    from regtune.study_file import read_study_file

    return with_dataset_uploaded(client, read_study_file(file), file.parent)
