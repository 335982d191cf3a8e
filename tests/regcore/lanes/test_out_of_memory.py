"""Out of memory is told from other errors, as torch raises it."""

import pytest
import torch

from regcore.lanes.out_of_memory import is_out_of_memory

FAR_TOO_MANY = 2**60


def test_memory_that_torch_cannot_have_on_a_processor() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(FAR_TOO_MANY, dtype=torch.int8)
    assert is_out_of_memory(raised.value)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ],
)
def test_memory_that_is_used_up(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error", [RuntimeError("mat1 and mat2 shapes cannot be multiplied"), ValueError("CUDA out of memory")]
)
def test_other_errors(error: Exception) -> None:
    assert not is_out_of_memory(error)
