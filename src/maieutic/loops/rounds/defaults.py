"""The settings of training where nobody gives any."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, dict[str, Any]] = {
    "sft": {"loss": "sft", "learning_rate": 5.5e-6, "minimum_lr_ratio": 0.2, "batch_size": 16},
    "reward": {"loss": "bradley_terry", "learning_rate": 9e-6, "batch_size": 64},
}
"""SFT as in Self-Rewarding (arXiv 2401.10020, section 3.1), the reward model as in InstructGPT (arXiv 2203.02155)."""
