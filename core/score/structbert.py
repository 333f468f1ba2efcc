"""StructBERT models of ModelScope and local folders with that layout, run by modelscope and torch on the CPU.

modelscope's own pipeline pads every text to 512 tokens and trusts what a folder declares. Here only its model class is
used: the weights are read as plain tensors (never unpickled), renamed to one prefix, and checked for completeness; the
texts of a batch have equal length, so none is padded. The results equal the pipeline's (a test compares them).
"""

from __future__ import annotations

import logging
import pickle
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import ModelError
from core.schema import LABELS
from core.score.base import TokenBackend
from core.score.batch import Tokens
from core.score.cpu import cpu_threads
from core.score.hub import endpoint
from core.score.layout import WEIGHTS, class_names, read_json, version_of, weights_file
from core.score.tokens import Encoder

# modelscope passes transformers an argument that version 5 will drop; the pins hold version 4.
warnings.filterwarnings("ignore", message="The `device` argument is deprecated", category=FutureWarning)

__all__ = ["StructBertBackend", "open_folder", "transfer"]

_DOWNLOADED: Final = ["*.json", "vocab.txt", *WEIGHTS, "README.md"]
#: Network settings that a folder may choose; everything else in config.json is ignored.
_SHAPE: Final = (
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
    "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "pad_token_id", "position_embedding_type",
)  # fmt: skip
_WORDS: Final = "embeddings.word_embeddings.weight"


class StructBertBackend(TokenBackend):
    """A StructBERT sequence classifier on the CPU; ``torch`` inference is thread-safe, so threads may share it.

    Args:
        folder: config.json, vocab.txt, weights, and the class names in label_mapping.json or a configuration.
        name: Name of the backend.
        precision: fp32 or bf16.

    Raises:
        ModelError: M04 a file is missing or unreadable, M05 the weights would have to be unpickled, M06 tensors are
            missing or have another shape, M07 the classes are not sentiment labels, M10 the tokenizer cannot be used.
    """

    side_by_side = False  # torch runs its own threads within one batch

    def __init__(self, folder: Path, name: str, precision: str = "fp32") -> None:
        self.engine = f"torch-{precision}"
        config = read_json(folder, "config.json", name)
        state = _plain_names(_tensors(weights_file(folder, name), name))
        if "classifier.weight" not in state:
            raise ModelError(
                "M06", f"模型 {name} 的权重里没有分类层 classifier。", "请使用情感分类模型,而不是预训练底座。"
            )
        classes = int(state["classifier.weight"].shape[0])
        head = "sentiment" if classes <= len(LABELS) else "emotion"
        self._net = _network(config, state, classes, name)
        #: The network's settings, including defaults for those the folder omits.
        self.config: dict[str, Any] = self._net.config.to_dict()
        if precision == "bf16":
            self._net.to(torch.bfloat16)
        torch.set_num_threads(cpu_threads())
        super().__init__(
            name=name,
            version=f"{version_of(folder, name)}.torch-{precision}",
            encoder=Encoder(_tokenizer(folder, name), name),
            heads={head: class_names(folder, classes, name)},
            main=head,
            window_tokens=min(512, int(state["bert.embeddings.position_embeddings.weight"].shape[0])) - 2,
        )

    def run(self, ids: NDArray[np.int64], heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the class probabilities of texts of equal length."""
        with torch.inference_mode():
            logits = self._net(input_ids=torch.from_numpy(ids), attention_mask=None).logits
            probabilities: NDArray[np.float32] = torch.softmax(logits.float(), dim=-1).numpy()
        return [probabilities]

    def parameters(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights as float arrays by name, without the ``bert.`` prefix."""
        return {key.removeprefix("bert."): value.float().numpy() for key, value in self._net.state_dict().items()}

    def ranges(self, tokens: Tokens) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Measure the input range of every matrix of the encoder.

        Args:
            tokens: Encoded texts.

        Returns:
            Name of the matrix → the smallest and the largest value of each of its rows.
        """
        seen: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

        def listen(name: str) -> Any:
            def hook(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
                flat = inputs[0].flatten(0, -2)
                low, high = flat.amin(0).numpy(), flat.amax(0).numpy()
                if name in seen:
                    low, high = np.minimum(low, seen[name][0]), np.maximum(high, seen[name][1])
                seen[name] = low, high

            return hook

        handles = [
            module.register_forward_pre_hook(listen(name.removeprefix("bert.")))
            for name, module in self._net.named_modules()
            if isinstance(module, torch.nn.Linear) and ".layer." in name
        ]
        try:
            for ids in self.batched(tokens):
                self.run(ids, ())
        finally:
            for handle in handles:
                handle.remove()
        return seen


def open_folder(folder: Path, name: str, precision: str = "fp32") -> StructBertBackend:
    """Open a folder of the StructBERT layout in torch; see ``StructBertBackend``."""
    return StructBertBackend(folder, name, precision)


def transfer(repo: str, folder: Path, count: Callable[[int], None]) -> None:
    """Download a model from the hub into a folder with modelscope's own client, which resumes partial downloads.

    Args:
        repo: ``owner/name``.
        folder: Destination of the files.
        count: Called with the number of bytes just received.
    """
    from modelscope.hub.callback import ProgressCallback
    from modelscope.hub.snapshot_download import snapshot_download

    class Counter(ProgressCallback):  # type: ignore[misc]
        """Sums the bytes of all files."""

        def update(self, size: int) -> None:
            """Count the received bytes."""
            count(size)

    # Pass the endpoint explicitly, because modelscope remembers the first one of the process.
    snapshot_download(
        repo,
        local_dir=str(folder),
        allow_patterns=_DOWNLOADED,
        progress_callbacks=[Counter],
        endpoint=endpoint(),
    )


def _tensors(path: Path, name: str) -> dict[str, torch.Tensor]:
    """Read the weights without executing any code in the file."""
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as exc:
        raise ModelError(
            "M05",
            f"模型 {name} 的 {path.name} 含有张量以外的内容,打开它可能会执行代码,已拒绝。",
            "请换用 safetensors 格式的权重。",
        ) from exc
    except Exception as exc:  # safetensors and torch each raise several classes for a damaged file
        raise ModelError(
            "M06", f"模型 {name} 的 {path.name} 打不开。", "文件可能没有下载完整,请重新获取模型。"
        ) from exc
    tensors = {k: v for k, v in state.items() if isinstance(v, torch.Tensor)} if isinstance(state, dict) else {}
    if not tensors:
        raise ModelError("M06", f"模型 {name} 的 {path.name} 里没有张量。", "请重新获取模型。")
    return tensors


def _plain_names(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Rename the encoder's tensors to the prefix ``bert.``, whatever the checkpoint calls it (``encoder.``, none)."""
    state = {key.removeprefix("module."): value for key, value in state.items()}
    prefix = next((key.removesuffix(_WORDS) for key in state if key.endswith(_WORDS)), "bert.")
    inner = tuple(prefix + part for part in ("embeddings.", "encoder.", "pooler."))
    named = {
        "bert." + key.removeprefix(prefix) if key.startswith(inner) else key: value for key, value in state.items()
    }
    return {
        key.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias"): value
        for key, value in named.items()
    }


def _network(config: dict[str, Any], state: dict[str, torch.Tensor], classes: int, name: str) -> Any:
    """Build modelscope's network around the tensors; all must be present and fit."""
    from modelscope.models.nlp.structbert import SbertConfig, SbertForSequenceClassification
    from modelscope.utils.logger import get_logger

    get_logger().setLevel(logging.ERROR)  # it logs every load to stderr
    chosen = {key: config[key] for key in _SHAPE if key in config}
    try:
        # On "meta" nothing is allocated or randomly initialised: memory holds the weights once.
        with torch.device("meta"):
            net = SbertForSequenceClassification(
                SbertConfig(**chosen, num_labels=classes, base_model_prefix="bert", adv_grad_factor=None)
            )
        floats = {key: value.float() for key, value in state.items() if value.is_floating_point()}
        missing = [k for k in net.load_state_dict(floats, strict=False, assign=True).missing_keys if "_ids" not in k]
    except (RuntimeError, ValueError, TypeError, KeyError, ZeroDivisionError) as exc:
        raise ModelError("M06", f"模型 {name} 的权重与 config.json 不符。", "请确认两个文件来自同一个模型。") from exc
    if missing:
        raise ModelError(
            "M06",
            f"模型 {name} 的权重缺少 {len(missing)} 个张量,如 {missing[0]}。",
            "缺少的部分会是随机数,因此拒绝使用;请重新获取模型。",
        )
    # The class attribute is shared by all models of the process; the instance must not follow later changes.
    net.base_model_prefix = "bert"
    words = net.bert.embeddings
    words.position_ids = torch.arange(words.position_embeddings.num_embeddings)[None]
    words.token_type_ids = torch.zeros_like(words.position_ids)
    return net.eval().requires_grad_(False)


def _tokenizer(folder: Path, name: str) -> Any:
    """Return the Rust tokenizer that modelscope's pipeline would use, or one equivalent to its slow one."""
    from transformers import BertTokenizerFast

    settings = read_json(folder, "tokenizer_config.json", name) if (folder / "tokenizer_config.json").is_file() else {}
    try:
        if settings.get("use_fast") and (folder / "tokenizer.json").is_file():
            from tokenizers import Tokenizer

            return Tokenizer.from_file(str(folder / "tokenizer.json"))
        kept = ("do_lower_case", "tokenize_chinese_chars", "strip_accents")
        options = {key: settings[key] for key in kept if key in settings}
        return BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), **options).backend_tokenizer  # type: ignore[no-untyped-call]
    except Exception as exc:  # the Rust library raises plain Exception
        raise ModelError(
            "M10", f"模型 {name} 的分词器(vocab.txt 或 tokenizer.json)打不开。", "请重新获取模型。"
        ) from exc
