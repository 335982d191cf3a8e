"""Whether a worker can train a study as it was meant; one that cannot leaves the fits queued and says why."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from regcore.catalog import Catalog
from regcore.lanes.precision import lacking
from service.store.study_rows import StudyRow


def what_is_missing(study: StudyRow, catalog: Catalog, device: str) -> str | None:
    """What this worker lacks for the study, in words for its user; None if nothing."""
    wanted = study.definition["resources"]["device"]
    if wanted not in ("any", device.partition(":")[0]):
        return f"it asks for the device {wanted}, and no worker with one has come yet"
    lacks = lacking(study.definition["resources"]["precision"], torch.device(device))
    if lacks is not None:
        return f"{lacks}, and no worker that can has come yet"
    meanings: Mapping[str, int] = {kind.kind: kind.meaning for kind in catalog.kinds}
    for kind, meaning in study.meanings.items():
        if meanings.get(kind) != meaning:
            return f"it was made with version {meaning} of {kind}, and no worker that knows it has come yet"
    bundled = {dataset.name: dataset.digest for dataset in catalog.datasets}
    if study.dataset_digest != bundled.get(study.dataset_id, study.dataset_digest):
        return f"it was made with another version of {study.dataset_id}, and no worker that has it has come yet"
    return None
