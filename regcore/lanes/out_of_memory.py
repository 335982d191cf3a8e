"""Out of memory: which errors say that a device had no room left, and nothing else about what was trained."""

from __future__ import annotations

import torch

_SAID = (
    "DefaultCPUAllocator: can't allocate memory",
    "DefaultCPUAllocator: not enough memory",
    "CUDA out of memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
"""What torch's allocator on a CPU and CUDA's libraries say in plain runtime errors."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether fewer lanes would not have raised this."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _SAID)
