"""Fine-tunes the sentence encoder on the corpus: `python -m classifiers.train_encoder BASE`.

BASE is a folder with the base weights (config.json, model.safetensors, vocab.txt): all-MiniLM-L6-v2 for the encoder that ships, or
any uncased BERT of your own; nothing is downloaded. Writes three files into a folder of models: encoder.onnx (8-bit weights,
trained on every voice), its vocab.txt, and encoder_left_out.npz (what encoders of other voices say of each voice, which is
all that the rest of the training and `readacross evaluate` ever see). `python -m classifiers.train --models FOLDER` then completes
the folder, and `readacross review --models FOLDER` uses it.
All networks are trained side by side, each on one thread. Needs the dependency group `encoder`. Same base and corpus on the same kind of
processor give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from transformers import AutoModel

from classifiers.areas import abouts
from classifiers.encoder import ENCODER, VOCABULARY, Encoded, Opinion, batch, encode, texts_before
from classifiers.left_out import LEFT_OUT, save_left_out
from classifiers.model import MODELS
from classifiers.wordpiece import WordPieces
from corpus.notation import FORCES, forces
from corpus.passages import as_passages
from extractors.document import Passage
from rules.loader import load_pack
from rules.pack import Pack

BASE_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""model.safetensors of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)."""
FOLDS: Final = 3
EPOCHS: Final = 4
SIZE: Final = 32
"""Passages in a step."""
RATE: Final = 2e-4
"""Learning rate of the encoder's layers; on 42 voices 1e-4 left it half learnt and 5e-4 taught it less. The embeddings stay as they are."""
HEAD_RATE: Final = 2e-3
WARM_UP: Final = 0.1
SEED: Final = 0


@dataclass(frozen=True)
class Example:
    """One passage with its labels: `whole` [outputs], `tokens` [body tokens, elements]."""

    voice: str
    id: str
    passage: Passage
    encoded: Encoded
    whole: np.ndarray
    tokens: np.ndarray


class Network(nn.Module):
    """The encoder with a head for tokens and one for the passage (its mean beside its body's mean)."""

    def __init__(self, base: Path, elements: int, outputs: int) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(base, attn_implementation="sdpa", local_files_only=True)
        self.encoder.embeddings.requires_grad_(False)
        width = self.encoder.config.hidden_size
        self.tokens, self.whole, self.drop = nn.Linear(width, elements), nn.Linear(2 * width, outputs), nn.Dropout(0.1)
        nn.init.constant_(self.tokens.bias, -4.0)
        nn.init.constant_(self.whole.bias, -3.0)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, body: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.drop(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state).float()
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        body_mean = (states * body[..., None]).sum(1) / body.sum(1, keepdim=True).clamp(min=1)
        return self.tokens(states), self.whole(torch.cat([mean, body_mean], 1))


def outputs(pack: Pack) -> tuple[list[str], list[str]]:
    """(elements, all outputs of the passage head)."""
    elements = [f"{c.id}.{e.id}" for c in pack.criteria for e in c.elements]
    return elements, [*elements, *(f"{c.id}." for c in pack.criteria), *(f"about {a}" for a in abouts(pack))]


def examples(pack: Pack, split: WordPieces) -> list[Example]:
    """Every body passage of the corpus."""
    elements, names = outputs(pack)
    index = {name: i for i, name in enumerate(names)}
    result = []
    for force in forces(FORCES):
        for plan in force.plans:
            passages = as_passages(plan)
            for passage, before, labelled in zip(passages, texts_before(passages), plan.passages, strict=True):
                if passage.kind == "heading" or passage.role != "body":
                    continue
                encoded = encode(passage, before, split)
                whole = np.zeros(len(names), dtype=np.float32)
                tokens = np.zeros((len(encoded.pieces), len(elements)), dtype=np.float32)
                for name in (*(f"{c}." for c in labelled.criteria), *(f"about {a}" for a in labelled.about)):
                    whole[index[name]] = 1
                for span in labelled.spans:
                    column = index[f"{span.criterion}.{span.element}"]
                    whole[column] = 1
                    for row, (start, end) in enumerate(encoded.pieces):
                        tokens[row, column] = max(tokens[row, column], float(start < span.end and span.start < end))
                result.append(Example(force.slug, labelled.id, passage, encoded, whole, tokens))
    return result


def train(base: Path, data: Sequence[Example], what: str) -> Network:
    """An encoder fine-tuned on these examples."""
    torch.manual_seed(SEED)
    shuffle = random.Random(SEED)  # noqa: S311  (reproducible, not secret)
    network = Network(base, data[0].tokens.shape[1], len(data[0].whole))
    network.train()
    steps = EPOCHS * math.ceil(len(data) / SIZE)
    heads = [*network.tokens.parameters(), *network.whole.parameters()]
    groups = [{"params": [p for p in network.encoder.parameters() if p.requires_grad], "lr": RATE}, {"params": heads, "lr": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda k: min(1, k / (WARM_UP * steps + 1)) * max(0, 1 - k / steps))
    began = time.monotonic()
    for epoch in range(EPOCHS):
        total, batches = 0.0, _batches(data, shuffle)
        for members in batches:
            ids, mask, body = map(torch.from_numpy, batch([one.encoded for one in members]))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                tokens, whole = network(ids, mask, body)
            loss = _loss(tokens.float(), whole.float(), body, members)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"{what}: epoch {epoch + 1} of {EPOCHS}, loss {total / len(batches):.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return network.eval()


def _batches(data: Sequence[Example], shuffle: random.Random) -> list[list[Example]]:
    """All examples in random batches of about equal length."""
    order = list(data)
    shuffle.shuffle(order)
    result = []
    for first in range(0, len(order), SIZE * 20):
        chunk = sorted(order[first : first + SIZE * 20], key=lambda one: len(one.encoded.ids))
        result += [chunk[i : i + SIZE] for i in range(0, len(chunk), SIZE)]
    shuffle.shuffle(result)
    return result


def _loss(tokens: torch.Tensor, whole: torch.Tensor, body: torch.Tensor, members: Sequence[Example]) -> torch.Tensor:
    """Cross-entropy of the passage's outputs, and of the body's tokens."""
    wanted = torch.zeros_like(tokens)
    for row, one in enumerate(members):
        wanted[row, one.encoded.body : one.encoded.body + len(one.tokens)] = torch.from_numpy(one.tokens)
    entropy = nn.functional.binary_cross_entropy_with_logits
    by_token = (entropy(tokens, wanted, reduction="none").sum(-1) * body).sum() / body.sum()
    target = torch.from_numpy(np.stack([one.whole for one in members]))
    return by_token + entropy(whole, target, reduction="none").sum(-1).mean()


@torch.no_grad()
def opinions(network: Network, data: Sequence[Example]) -> list[Opinion]:
    """What a network says of each example."""
    result = []
    for one in data:
        ids, mask, body = map(torch.from_numpy, batch([one.encoded]))
        tokens, whole = network(ids, mask, body)
        first = one.encoded.body
        result.append(Opinion(whole[0].float().numpy(), tokens[0, first : first + len(one.tokens)].float().numpy(), one.encoded.pieces))
    return result


def export(network: Network, pack: Pack, base: str, target: Path) -> None:
    """Writes the network as ONNX with 8-bit weights; its metadata names its outputs.

    Weights are scaled by channel: with one scale to a matrix, left-out voices' average precision fell by 0.010, so by 0.004.
    """
    network.encoder.set_attn_implementation("eager")  # says the same in simpler steps, which onnxruntime runs a tenth faster
    example = tuple(torch.from_numpy(x) for x in batch([Encoded((101, 7592, 102, 2088, 102), 3, ((0, 5),))] * 2))
    axes = {name: {0: "passages", 1: "longest"} for name in ("ids", "mask", "body", "tokens")} | {"whole": {0: "passages"}}
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
        names = {"input_names": ["ids", "mask", "body"], "output_names": ["tokens", "whole"], "dynamic_axes": axes}
        torch.onnx.export(network, example, plain, opset_version=17, dynamo=False, **names)
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8, per_channel=True)
        model: Any = onnx.load(small)
    elements, whole = outputs(pack)
    described = {"base": base, "pack": pack.id, "elements": elements, "outputs": whole}
    entry = model.metadata_props.add()
    entry.key, entry.value = "readacross", json.dumps(described, sort_keys=True)
    onnx.save(model, target)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m classifiers.train_encoder", description=__doc__)
    parser.add_argument("base", type=Path, help="folder with the base weights of all-MiniLM-L6-v2")
    parser.add_argument("--models", type=Path, default=MODELS, help="the folder of models to write into")
    parser.add_argument("--only", choices=["folds", "final"], help="make only what others say, or only the encoder")
    arguments = parser.parse_args()
    base, folder = arguments.base, arguments.models
    digest = hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
    if digest != BASE_SHA256:
        print(f"{base}: not the base of the encoder that ships, but {digest[:12]}; going on with it.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VOCABULARY).write_bytes((base / "vocab.txt").read_bytes())
    folds = range(FOLDS if arguments.only != "final" else 0)
    with ProcessPoolExecutor(FOLDS + 1, mp_context=get_context("spawn")) as pool:
        saying = [pool.submit(_left_out, base, folder / VOCABULARY, fold) for fold in folds]
        ending = [] if arguments.only == "folds" else [pool.submit(_final, base, folder / VOCABULARY, digest, folder / ENCODER)]
        if saying:
            save_left_out(folder / LEFT_OUT, outputs(load_pack())[1], {name: one for said in saying for name, one in said.result().items()})
        for one in ending:
            one.result()


def _left_out(base: Path, vocabulary: Path, fold: int) -> dict[str, tuple[Passage, Opinion]]:
    """What an encoder of the other folds' voices says of every passage of a fold."""
    data = _examples(vocabulary)
    left = set(sorted({one.voice for one in data})[fold::FOLDS])
    network = train(base, [one for one in data if one.voice not in left], f"left out {fold + 1} of {FOLDS}")
    out = [one for one in data if one.voice in left]
    return {one.id: (one.passage, opinion) for one, opinion in zip(out, opinions(network, out), strict=True)}


def _final(base: Path, vocabulary: Path, digest: str, target: Path) -> None:
    """The encoder of all voices."""
    export(train(base, _examples(vocabulary), "all voices"), load_pack(), digest, target)


def _examples(vocabulary: Path) -> list[Example]:
    """In a process of its own: one thread, so that sums come out alike on any number of cores."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    return examples(load_pack(), WordPieces(vocabulary))


if __name__ == "__main__":
    main()
