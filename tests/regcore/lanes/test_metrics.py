"""Each metric of K lanes equals scikit-learn's on each lane, ties and missing classes included."""

import numpy as np
import pytest
import torch
from sklearn import metrics as sklearn_metrics

from regcore.lanes.metrics import CLASSIFICATION, RANKING, REGRESSION, Sums, tally_of_classes, tally_of_errors

LANES, ROWS, CLASSES = 3, 200, 4


def labels(classes: int, *, missing: int | None = None) -> np.ndarray:
    drawn = np.random.default_rng(0).integers(0, classes, ROWS)
    return np.where(drawn == missing, 0, drawn) if missing is not None else drawn


def logits(classes: int) -> torch.Tensor:
    """Rounded, so that scores tie."""
    drawn = np.random.default_rng(1).normal(size=(LANES, ROWS, classes)).round(1)
    return torch.tensor(drawn, dtype=torch.float32)


def one_hot(of: np.ndarray, classes: int) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.from_numpy(of), classes).float()


def sums(outputs: torch.Tensor, targets: torch.Tensor, tally=tally_of_classes) -> Sums:
    """What the rows of each lane add up to, in two chunks."""
    halves = zip(outputs.split(ROWS // 2, dim=1), targets.split(ROWS // 2), strict=True)
    tallies = [torch.func.vmap(tally, in_dims=(0, None))(*half) for half in halves]
    return {name: sum(part[name].double().numpy() for part in tallies) for name in tallies[0]}


def expected(name: str, of: np.ndarray, scores: torch.Tensor) -> float:
    shares, predicted = scores.double().softmax(-1).numpy(), scores.argmax(-1).numpy()
    if name == "log_loss":
        return float(sklearn_metrics.log_loss(of, shares, labels=range(shares.shape[1])))
    if name == "auroc":
        areas = [sklearn_metrics.roc_auc_score(of == c, scores.softmax(-1)[:, c].numpy()) for c in np.unique(of)]
        return float(np.mean(areas))
    if name == "f1_macro":
        return float(sklearn_metrics.f1_score(of, predicted, average="macro"))
    return float(getattr(sklearn_metrics, f"{name}_score")(of, predicted))


@pytest.mark.parametrize("classes", [2, CLASSES])
@pytest.mark.parametrize("name", [*CLASSIFICATION, *RANKING])
def test_a_classification_metric_equals_scikit_learns(name: str, classes: int) -> None:
    of, scores = labels(classes), logits(classes)
    targets = one_hot(of, classes)
    got = RANKING[name](scores, targets) if name in RANKING else CLASSIFICATION[name](sums(scores, targets))
    assert got.tolist() == pytest.approx([expected(name, of, lane) for lane in scores], rel=1e-5)


def test_a_class_without_rows_does_not_count_in_balanced_accuracy() -> None:
    of, scores = labels(CLASSES, missing=2), logits(CLASSES)
    scores[..., 2] = -10.0
    got = CLASSIFICATION["balanced_accuracy"](sums(scores, one_hot(of, CLASSES)))
    assert got.tolist() == pytest.approx([expected("balanced_accuracy", of, lane) for lane in scores], rel=1e-5)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("rmse", sklearn_metrics.root_mean_squared_error),
        ("mae", sklearn_metrics.mean_absolute_error),
        ("r2", sklearn_metrics.r2_score),
    ],
)
def test_a_regression_metric_equals_scikit_learns(name: str, reference) -> None:
    random = np.random.default_rng(2)
    targets = random.normal(size=(ROWS, 1)).astype(np.float32)
    predictions = (targets + random.normal(size=(LANES, ROWS, 1))).astype(np.float32)
    got = REGRESSION[name](sums(torch.from_numpy(predictions), torch.from_numpy(targets), tally_of_errors))
    assert got.tolist() == pytest.approx([reference(targets, lane) for lane in predictions], rel=1e-4)


def test_a_target_that_does_not_vary_has_an_r2_of_zero() -> None:
    constant = torch.full((ROWS, 1), 0.3)
    assert REGRESSION["r2"](sums(constant[None] + 1.0, constant, tally_of_errors)).tolist() == [0.0]
