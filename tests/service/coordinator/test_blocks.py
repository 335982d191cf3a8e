"""A block of trial numbers holds the program part that its first sampled trial drew."""

from __future__ import annotations

from regtune.space import SearchSpace
from service.coordinator.blocks import ProgramBlocks
from service.coordinator.sampler import PastTrial, Pending, Point

POINT: Point = {"model.width": 64, "training.batch_size": 32, "crop.gate": False, "dropout.rate": 0.5}
PROGRAM: Point = {"model.width": 64, "training.batch_size": 32}


def sampled(number: int, point: Point | None, sampled: bool = True) -> PastTrial:
    return PastTrial(number, sampled, point, Pending())


def test_the_first_sampled_trial_of_a_block_decides(mixed_space: SearchSpace) -> None:
    blocks = ProgramBlocks(mixed_space)
    blocks.take(sampled(32, POINT))
    blocks.take(sampled(33, {**POINT, "model.width": 128}))
    assert [blocks.held(number) for number in (31, 32, 63, 64)] == [{}, PROGRAM, PROGRAM, {}]


def test_baselines_and_settings_outside_the_space_hold_nothing(mixed_space: SearchSpace) -> None:
    blocks = ProgramBlocks(mixed_space)
    blocks.take(sampled(0, POINT, sampled=False))
    blocks.take(sampled(1, None))
    assert blocks.held(2) == {}


def test_what_a_gate_left_out_is_held_once_it_is_drawn(mixed_space: SearchSpace) -> None:
    blocks = ProgramBlocks(mixed_space)
    blocks.take(sampled(0, POINT))
    blocks.take(sampled(1, {**POINT, "crop.gate": True, "crop.padding": 2}))
    assert blocks.held(2) == {**PROGRAM, "crop.padding": 2}
