"""Log-probabilities under a policy that does not change, computed once and kept on the disk.

A file is named by the hash of all that its numbers depend on: the weights, which adapters are on, the precision, and
the ids of the rows, in which tokenizer, chat template, data and truncation have all had their say. What has changed
has another name, so that nothing on the disk can be out of date. Rows are kept by the thousand, so that a run that was
stopped on the way finds what it had.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor

from maieutic.core.files import make_folder, write_whole
from maieutic.core.records import content_hash
from maieutic.lm.logprobs import sequence_logprobs
from maieutic.lm.model import Policy, evaluation, fingerprint, pad_id
from maieutic.lm.tokens import Encoded

SHARD = 1024
"""Rows in a file."""


class ReferenceCache:
    """A folder of summed log-probabilities. It may be deleted at any time, and shared by runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def logprobs(self, policy: Policy, rows: Sequence[Encoded], *, batch_tokens: int = 8192) -> Tensor:
        """log pi(completion | prompt) of each row, summed over its tokens, with dropout off: as computed live.

        Returns: [n] float32 on the CPU. Raises InputError where the folder cannot be made, MaieuticError where it
        cannot be written to.
        """
        make_folder(self.folder)
        source = [fingerprint(policy), *_circumstances(policy)]
        parts = [
            self._shard(policy, rows[start : start + SHARD], source, batch_tokens)
            for start in range(0, len(rows), SHARD)
        ]
        return torch.cat(parts) if parts else torch.zeros(0)

    def _shard(self, policy: Policy, rows: Sequence[Encoded], source: Sequence[str], batch_tokens: int) -> Tensor:
        key = content_hash([*source, [[row.prompt, row.completion] for row in rows]])
        file = self.folder / f"{key}.json"
        if (known := _read(file, len(rows))) is not None:
            return known
        with evaluation(policy.model):
            values = sequence_logprobs(policy.model, rows, pad_id(policy.tokenizer), batch_tokens=batch_tokens)
        write_whole(file, json.dumps(values.tolist()).encode())
        return values


def _circumstances(policy: Policy) -> list[str]:
    """What besides weights and ids changes the numbers: autocast's precision, and which adapters are on."""
    device = next(policy.model.parameters()).device.type
    precision = str(torch.get_autocast_dtype(device)) if torch.is_autocast_enabled(device) else "as the weights"
    layers = [module for module in policy.model.modules() if isinstance(module, BaseTunerLayer)]
    adapters = {"off" if layer.disable_adapters else "+".join(layer.active_adapters) for layer in layers}
    return [precision, *sorted(adapters)]


def _read(file: Path, count: int) -> Tensor | None:
    """The numbers of a file; None where there is no such file, or somebody has damaged it."""
    try:
        values = torch.tensor(json.loads(file.read_bytes()), dtype=torch.float32)
    except (OSError, ValueError, TypeError):
        return None
    return values if values.shape == (count,) else None
