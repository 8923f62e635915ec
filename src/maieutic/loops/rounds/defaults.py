"""What is known of training without torch: the settings where nobody gives any, and which losses there are."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, dict[str, Any]] = {
    "sft": {"loss": "sft", "learning_rate": 5.5e-6, "minimum_lr_ratio": 0.2, "batch_size": 16},
    "reward": {"loss": "bradley_terry", "learning_rate": 9e-6, "batch_size": 64},
}
"""SFT as in Self-Rewarding (arXiv 2401.10020, section 3.1), the reward model as in InstructGPT (arXiv 2203.02155)."""

LOSS_FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sft": ("examples", ()),
    "marginal": ("examples", ()),
    "dpo": ("pairs", ("beta",)),
    "cdpo": ("pairs", ("beta", "label_smoothing")),
    "robust": ("pairs", ("beta", "label_smoothing")),
    "ipo": ("pairs", ("tau",)),
    "ipo_mean": ("pairs", ("tau",)),
    "dno": ("pairs", ("eta",)),
    "dno_prct": ("pairs", ("eta",)),
    "dno_regularised": ("pairs", ("eta", "tau")),
    "spin": ("pairs", ("beta",)),
    "bradley_terry": ("rankings", ()),
}
"""What each entry of LOSSES learns from, and its parameters; a test holds it equal to that table."""
