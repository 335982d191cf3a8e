"""The devices that tests train on: a processor, and a GPU where there is one."""

import pytest
import torch

ON_CUDA = (
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
)
