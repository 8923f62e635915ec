"""Policies: a causal language model with its tokenizer, loaded, built, adapted, compared and saved.

A policy is whatever transformers loads. Weights are read and written as safetensors only, since the older format can
run code when it is loaded; code that comes with a model is not run unless asked for. A saved folder is an ordinary
model folder, which transformers and any server load as it is.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
import transformers
from peft import AutoPeftModelForCausalLM, LoraConfig, PeftModel, get_peft_model
from safetensors import SafetensorError
from torch import nn

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.files import make_folder
from maieutic.lm.adapters import Lora

__all__ = [
    *("Lora", "Policy", "adapt", "build", "evaluation", "fingerprint", "frozen", "load", "module_of"),
    *("pad_id", "reference_of", "save"),
]

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")


@dataclass
class Policy:
    """A model and its tokenizer. `name` is how records call it."""

    model: Any
    tokenizer: Any
    name: str

    @property
    def adapted(self) -> bool:
        """Whether it has LoRA adapters, so that the model below them is its own reference."""
        return isinstance(self.model, PeftModel)


def load(
    source: str | Path,
    *,
    dtype: Literal["float32", "bfloat16"] = "float32",
    lora: Lora | None = None,
    trust_remote_code: bool = False,
    seed: int = 0,
) -> Policy:
    """The policy in a folder (a model's, or an adapter's), or of a name on the Hugging Face hub.

    Args:
        lora: adds fresh adapters, drawn from `seed`.
        trust_remote_code: whether Python that comes with the model may run.

    Raises InputError where there is no such model, or no safetensors in it, or its code would have to run.
    """
    place = _check_source(source)
    options: dict[str, Any] = {"trust_remote_code": trust_remote_code}
    try:
        with _quiet():
            tokenizer = transformers.AutoTokenizer.from_pretrained(place, **options)
            model = _load_model(place, dtype=DTYPES[dtype], **options)
    except (OSError, ValueError, ImportError, KeyError, RuntimeError, SafetensorError) as error:
        raise _cannot_load(source, error) from None
    if lora is not None and isinstance(model, PeftModel):  # new adapters go on what the old ones made
        model = model.merge_and_unload()
    policy = Policy(model.eval(), tokenizer, str(source))
    return policy if lora is None else adapt(policy, lora, seed=seed)


def adapt(policy: Policy, lora: Lora, *, seed: int = 0) -> Policy:
    """The policy with fresh LoRA adapters around its model, which is changed in place. They change nothing yet."""
    settings = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]  # any number serves
        lora_dropout=lora.dropout,
        target_modules=list(lora.targets) or "all-linear",
        task_type="CAUSAL_LM",
    )
    with _seeded(seed), _quiet():
        try:
            model = get_peft_model(policy.model, settings)
        except ValueError as error:
            raise InputError(f"no such layers: {_one_line(error)}", where="lora.targets") from None
    return replace(policy, model=model.eval())


def build(
    tokenizer: Any,
    *,
    width: int = 64,
    layers: int = 2,
    heads: int = 2,
    context: int = 256,
    seed: int = 0,
    architecture: Literal["llama", "gpt2"] = "llama",
) -> Policy:
    """A small policy with random weights, the same for the same seed, for `context` tokens at most."""
    if width % heads or (architecture == "llama" and width // heads % 2):
        raise InputError(f"width {width} does not divide into {heads} heads of an even width")
    ids = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config: Any
    if architecture == "llama":
        config = transformers.LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=heads,
            max_position_embeddings=context,
            **ids,
        )
    else:
        config = transformers.GPT2Config(
            vocab_size=len(tokenizer),
            n_embd=width,
            n_layer=layers,
            n_head=heads,
            n_positions=context,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            **ids,
        )
    with _seeded(seed):
        model = transformers.AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    # Servers read these: without them one is greedy at any temperature, or draws from the 50 likeliest tokens only.
    model.generation_config.do_sample = True
    model.generation_config.top_k = 0
    return Policy(model.eval(), tokenizer, f"{architecture}-{width}x{layers}-{seed}")


def save(policy: Policy, folder: Path, *, merge: bool = True) -> None:
    """Write a model folder that transformers and servers load as it is.

    The files are written elsewhere, then moved to their places, `config.json` last: a folder that has it is complete.
    What else is in the folder stays. With `merge`, LoRA adapters are added into the weights; without, the folder is an
    adapter's, and needs the model below it to load. Raises MaieuticError where the disk is full.
    """
    folder = Path(folder)
    make_folder(folder)
    part = folder / ".part"
    last = ("adapter_config.json", "config.json")
    try:
        shutil.rmtree(part, ignore_errors=True)
        _write(policy, part, merge)
        for name in last:
            (folder / name).unlink(missing_ok=True)
        for file in sorted(part.iterdir(), key=lambda file: (file.name in last, file.name)):
            file.replace(folder / file.name)
        part.rmdir()
    except (OSError, RuntimeError, SafetensorError) as error:  # a full disk has many names
        shutil.rmtree(part, ignore_errors=True)
        reason = getattr(error, "strerror", None) or _one_line(error)
        raise MaieuticError(f"cannot write {folder}: {reason}") from error


def _write(policy: Policy, folder: Path, merge: bool) -> None:
    model = policy.model
    with _quiet():
        if merge and policy.adapted:
            model = copy.deepcopy(model).merge_and_unload()
        model.save_pretrained(folder)
        policy.tokenizer.save_pretrained(folder)


def frozen(policy: Policy) -> Policy:
    """A copy that does not change: in evaluation mode, and without gradients."""
    model = copy.deepcopy(policy.model).eval()
    model.requires_grad_(False)
    return replace(policy, model=model)


@contextmanager
def reference_of(policy: Policy) -> Iterator[Any]:
    """The model as it was before its LoRA adapters: they are off inside, dropout too, and no gradient is kept."""
    if not policy.adapted:
        raise ValueError("a policy without adapters is not its own reference: take frozen(policy) before training")
    with evaluation(policy.model), policy.model.disable_adapter(), torch.no_grad():
        yield policy.model


@contextmanager
def evaluation(model: nn.Module) -> Iterator[nn.Module]:
    """Evaluation mode (no dropout) inside, and each part's own mode again after."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield model
    finally:
        for module, mode in modes:
            module.training = mode


def pad_id(tokenizer: Any) -> int:
    """An id to fill rows with. It may be the end token: masks come from lengths, never from ids."""
    for token in (tokenizer.pad_token_id, tokenizer.eos_token_id):
        if token is not None:
            return int(token)
    return 0


def module_of(policy: Any) -> nn.Module:
    """The module that is trained: a policy's model, or a reward model, which is a module itself."""
    module: nn.Module = policy if isinstance(policy, nn.Module) else policy.model
    return module


def fingerprint(policy: Any) -> str:
    """32 hexadecimal digits that stand for the weights, adapters among them, and the tokenizer.

    The policy may be a reward model.
    """
    digest = hashlib.sha256(_tokenizer_text(policy.tokenizer).encode())
    for name, tensor in sorted(module_of(policy).state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(memoryview(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()))
    return digest.hexdigest()[:32]


def _tokenizer_text(tokenizer: Any) -> str:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    vocabulary = json.loads(backend.to_str()) if backend is not None else tokenizer.get_vocab()
    for passing in ("truncation", "padding"):  # the state of the last call, not of the tokenizer
        vocabulary.pop(passing, None)
    return json.dumps([vocabulary, tokenizer.special_tokens_map, tokenizer.chat_template], sort_keys=True, default=str)


# --- loading ---------------------------------------------------------------------------------------------------------


def _check_source(source: str | Path) -> str:
    """What transformers is to load. Raises InputError where a folder is no model's, or there is neither."""
    folder = Path(source).expanduser()
    where = str(source)
    if folder.is_file():
        raise InputError("a file, where a model's folder is wanted", where=where)
    if not folder.is_dir():
        if isinstance(source, str) and _REPOSITORY.fullmatch(source) and source.count("/") == 1:
            return source
        raise InputError("no such model folder", where=where, hint="a folder, or a hub name such as 'owner/model'")
    if not any((folder / name).is_file() for name in ("config.json", "adapter_config.json")):
        raise InputError("no model in this folder", where=where, hint="it has no config.json")
    if not any(folder.glob("*.safetensors")):
        others = sorted(file.name for file in folder.iterdir() if file.suffix in {".bin", ".pt", ".pth", ".ckpt"})
        found = f"there is {others[0]}, which can run code when it is loaded: convert it" if others else "it has none"
        raise InputError("no weights as safetensors", where=where, hint=found)
    return str(folder)


def _load_model(place: str, **options: Any) -> Any:
    if (Path(place) / "adapter_config.json").is_file():
        return AutoPeftModelForCausalLM.from_pretrained(place, is_trainable=True, **options)
    options |= {"use_safetensors": True, "output_loading_info": True}
    loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(place, **options)
    model, info = loaded
    if info["missing_keys"]:  # transformers would draw them at random, and go on
        raise ValueError(f"the files lack {', '.join(sorted(info['missing_keys'])[:3])}")
    return model


def _cannot_load(source: str | Path, error: Exception) -> InputError:
    text = _one_line(error)
    if "trust_remote_code" in text or "custom code" in text:
        hint = "trust_remote_code runs it; read it first"
        return InputError("the model comes with Python code of its own", where=str(source), hint=hint)
    if not Path(source).expanduser().is_dir():
        return InputError(f"no such model folder, and not loaded from the hub: {text:.100}", where=str(source))
    return InputError(f"cannot load the model: {text:.300}", where=str(source))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Random numbers from a seed inside; those outside go on as if nothing had been drawn."""
    with torch.random.fork_rng(devices=[]):  # models are made on the CPU
        torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """No bars of transformers' own inside, and no word of what peft and transformers have yet to agree about."""
    shown = transformers.utils.logging.is_progress_bar_enabled()
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        if shown:
            transformers.utils.logging.enable_progress_bar()  # type: ignore[no-untyped-call]
