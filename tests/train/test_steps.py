"""Every step after the vocabulary, end to end on a tiny workplace, and what must hold in each."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import softmax

from core.score.batch import Bunch
from core.score.onnx import fed
from core.train import (
    calibrate,
    curve,
    evaluate,
    export,
    finetune,
    graph,
    losses,
    main,
    masked,
    restore,
    tasks,
    wide,
)  # fmt: skip
from core.train.net import PLACES, SPANS, Classifier, NetConfig, lengthened

pytestmark = pytest.mark.torch
QUICK = ["--compiled", "0", "--bf16", "0"]


def test_the_folder_holds_what_the_runtime_expects(trained: Path) -> None:
    folder = trained / "model"
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    both = (folder / "model.onnx").read_bytes() + (folder / "tokenizer.json").read_bytes()
    assert labels["version"] == hashlib.sha256(both).hexdigest()[:12]
    assert [len(labels[head]) for head in SPANS] == [3, 8, 2]


def test_it_learned_the_tiny_sets(trained: Path) -> None:
    measured = json.loads((trained / "work" / "evaluate.test.json").read_text("utf-8"))
    assert measured["sets"]["waimai10k"]["accuracy"]["value"] > 0.9
    assert measured["sets"]["ecom_reviews_3class"]["macro_f1"]["value"] > 0.8
    assert 0 <= measured["pooled"]["ece"]["value"] <= 0.5


def test_the_float_graph_equals_torch_and_the_wide_table(trained: Path) -> None:
    model, tables = finetune.load(trained / "work" / "finetune.pt"), wide.load(trained / "work" / "wide.npz")
    params = json.loads((trained / "work" / "mix.json").read_text("utf-8"))["params"]
    encoded = tasks.encode(tasks.tokenizer(64), tasks.dev_rows().text[:50])
    state = {name: value.copy() for name, value in export.state_of(model).items()}
    built = graph.build(state, tables, params, layers=1, heads=4, spans=None)
    expected = calibrate.combine(params, wide.logits(tables, encoded), finetune.predict(model, encoded))
    # Only the embeddings are int8 in this graph.
    found = export.onnx_logp(export.session_of(built.SerializeToString()), encoded)
    np.testing.assert_allclose(np.exp(found), np.exp(expected), atol=0.02)


def test_a_row_does_not_depend_on_its_neighbours(trained: Path) -> None:
    session = export.session_of((trained / "model" / "model.onnx").read_bytes())
    (row,) = tasks.encode(tasks.tokenizer(64), tasks.dev_rows().text[:1])

    def run(rows: list[list[int]]) -> list[np.ndarray]:
        names = [one.name for one in session.get_inputs()]
        return session.run(None, fed(Bunch.of(np.array(rows)), names, others=True))

    for one, many in zip(run([row]), run([row[::-1], row]), strict=True):
        np.testing.assert_array_equal(one[0], many[1])


def test_the_texts_of_a_bunch_are_answered_as_each_alone(trained: Path) -> None:
    session = export.session_of((trained / "model" / "model.onnx").read_bytes())
    # words at the edges would meet their neighbours'; more lengths than one pass takes, and more tokens
    rows = [[2, 5, 6, 3], [2, 6, 5, 3], [2, 3], [2, 9, 8, 7, 6, 5, 3]]
    rows += [[2, *range(5, 5 + length), 3] for length in (1, 4, 6, 7, 8, 9, 11, 30, 61, 62)] * 4
    rows.sort(key=len)
    counts = Counter(map(len, rows))
    together = Bunch(np.concatenate(rows), np.array(list(counts.values())), np.array(list(counts)))
    assert len(together.passes()[0]) > 2
    names = [one.name for one in session.get_inputs()]
    alone = [session.run(None, fed(Bunch.of(np.array([row])), names, others=True)) for row in rows]
    for found, parts in zip(
        session.run(None, fed(together, names, others=True)), zip(*alone, strict=True), strict=True
    ):
        np.testing.assert_array_equal(found, np.concatenate(parts))


def test_heads_that_nobody_asks_for_are_not_computed(trained: Path) -> None:
    session = export.session_of((trained / "model" / "model.onnx").read_bytes())
    wanted = ["sentiment", "emotion", "offensive"]
    asked, unasked = (
        session.run(wanted, fed(Bunch.of(np.array([[2, 5, 3]])), ["owner", "others"], others=others))
        for others in (True, False)
    )
    np.testing.assert_array_equal(asked[0], unasked[0])
    assert [len(one) for one in asked + unasked] == [1, 1, 1, 1, 0, 0]


def test_outputs_are_probabilities(trained: Path) -> None:
    session = export.session_of((trained / "model" / "model.onnx").read_bytes())
    logp = export.onnx_logp(session, [[2, 3], [2, 5, 3]])
    for span in SPANS.values():
        np.testing.assert_allclose(np.exp(logp[:, span]).sum(1), 1, atol=1e-4)


def test_pretraining_resumes_where_it_stopped(trained: Path) -> None:
    steps = ["--batch", "4", "--minutes", "100000"]
    main(["pretrain", *QUICK, "--layers", "1", *steps, "--steps", "4", "--name", "whole"])
    main(["pretrain", *QUICK, "--layers", "1", *steps, "--steps", "2", "--name", "parts"])
    main(["pretrain", *QUICK, "--layers", "1", *steps, "--steps", "4", "--name", "parts"])
    whole, parts = (torch.load(trained / "work" / f"{n}.pt", weights_only=True) for n in ("whole", "parts"))
    assert whole["step"] == parts["step"] == 4
    for name, value in whole["model"].items():
        torch.testing.assert_close(value, parts["model"][name], rtol=1e-3, atol=1e-4)


def test_a_checkpoint_restored_from_the_shipped_file_answers_like_the_trained_one(trained: Path) -> None:
    restored = restore.restore(trained / "model" / "model.onnx")
    original = finetune.load(trained / "work" / "finetune.pt")
    encoded = tasks.encode(tasks.tokenizer(64), tasks.dev_rows().text[:60])
    a, b = finetune.predict(restored, encoded), finetune.predict(original, encoded)
    assert np.mean(a[:, :3].argmax(1) == b[:, :3].argmax(1)) > 0.95
    np.testing.assert_allclose(softmax(a[:, :3], 1), softmax(b[:, :3], 1), atol=0.05)


def test_every_restored_parameter_is_the_trained_one_but_for_the_rounding(trained: Path) -> None:
    restored = restore.restore(trained / "model" / "model.onnx").state_dict()
    original = finetune.load(trained / "work" / "finetune.pt").state_dict()
    # The segment is added to the positions.
    places, segments = (f"bert.embeddings.{name}_embeddings.weight" for name in ("position", "token_type"))
    for state in (restored, original):
        state[places] = state[places] + state.pop(segments)[0]
    assert restored.keys() == original.keys()
    for name, value in original.items():
        torch.testing.assert_close(restored[name], value, rtol=0, atol=0.02 * float(value.abs().max()), msg=name)


def test_pretraining_goes_on_from_a_restored_checkpoint(trained: Path) -> None:
    assert main(["restore"]) == 0
    assert main(["pretrain", *QUICK, "--batch", "4", "--steps", "1", "--source", "restored", "--name", "more"]) == 0
    before, after = (
        torch.load(trained / "work" / f"{name}.pt", weights_only=True)["model"] for name in ("restored", "more")
    )
    name = "bert.encoder.layer.0.output.dense.weight"
    torch.testing.assert_close(before[name], after[name], atol=0.01, rtol=0)


def test_masked_text_is_asked_about_where_it_differs_but_for_what_is_past_the_fixed_count() -> None:
    ids = torch.from_numpy(np.random.default_rng(1).integers(5, 100, (8, 512)))
    masked_ids, where, words = masked.mask_tokens(ids, torch.Generator().manual_seed(2), 0.15, 0.05, 100)
    changed = (masked_ids != ids).flatten().nonzero()[:, 0]
    assert len(set(changed.tolist()) - set(where.tolist())) < 0.3 * len(where)
    assert len(where) == int(ids.numel() * 0.2 * 0.8)
    assert torch.equal(words, ids.flatten()[where])
    assert 0.08 < (masked_ids == masked.MASK).float().mean() < 0.16


def test_positions_past_the_known_ones_repeat_the_last(trained: Path) -> None:
    table = torch.arange(40)[:, None]
    assert lengthened(table, 40).tolist() == table.tolist()
    assert lengthened(table, 70, 34)[:, 0].tolist() == [*range(34), *range(2, 34), *range(2, 6)]
    old = torch.load(trained / "work" / "finetune.pt", weights_only=True)
    old["model"][PLACES] = old["model"][PLACES][:256]
    torch.save(old, trained / "work" / "old.pt")
    known = old["model"][PLACES]
    built = finetune.build(finetune.FinetuneConfig(source="old"))
    torch.testing.assert_close(
        built.state_dict()[PLACES][250:300], torch.cat([known[250:], known[224:], known[224:236]])
    )


def test_a_learning_curve_is_measured_and_goes_on(trained: Path) -> None:
    settings = {"source": "finetune", "name": "curved", "curve": 2, "rate": 1e-4, "tokens": 512, "warmup": 2}
    run = ["finetune", *QUICK, *(f"--{name}={value}" for name, value in settings.items())]
    assert main([*run, "--steps", "3"]) == 0
    assert [point.step for point in curve.read("curved")] == [2, 3]
    assert main([*run, "--steps", "5"]) == 0
    points = curve.read("curved")
    assert [point.step for point in points] == [2, 3, 4, 5]
    assert [point.tokens for point in points] == sorted(point.tokens for point in points)
    final, rows = finetune.load(trained / "work" / "curved.pt"), tasks.dev_rows(curve.ROWS)
    found = tasks.score_rows(rows, finetune.predict(final, tasks.encode(tasks.tokenizer(96), rows.text)))
    assert points[-1].accuracy == {name: metrics.accuracy.value for name, metrics in found.items()}


def test_positions_start_again_and_attention_stays_inside_a_text() -> None:
    positions, mask = masked.layout(torch.tensor([[9, 3, 2, 8, 3]]))
    assert positions.tolist() == [[0, 1, 0, 1, 2]]
    assert mask[0, 0].int().tolist() == [[1, 1, 0, 0, 0]] * 2 + [[0, 0, 1, 1, 1]] * 3
    padded = masked.layout(torch.tensor([[2, 9, 3, 0, 0]]))[1]
    assert padded[0, 0].int().tolist() == [[1, 1, 1, 0, 0]] * 3 + [[0, 0, 0, 1, 1]] * 2


def test_an_epoch_shows_every_full_weight_row_once() -> None:
    encoded = [[2] + [5] * (n % 90) + [3] for n in range(300)]
    config = finetune.FinetuneConfig(tokens=1024)
    weight = np.ones(300, np.float32)
    seen = np.concatenate([at for _, _, at in finetune.epoch(encoded, weight, config, 0)])
    assert sorted(seen.tolist()) == list(range(300))


def test_rows_without_a_label_teach_a_head_nothing() -> None:
    rows = tasks.Rows(
        text=["a"],
        target={"sentiment": np.array([-1]), "emotion": np.array([-1]), "offensive": np.array([1])},
        two=np.array([False]),
        six=np.array([False]),
        weight=np.ones(1, np.float32),
        origin=np.array(["x"]),
    )
    logits = torch.zeros(1, 13, requires_grad=True)
    wanted = losses.Targets.of(rows.target, rows.two, rows.six, ~tasks.SIX)
    losses.hard_loss(logits, wanted, finetune.FinetuneConfig()).backward()
    assert logits.grad is not None
    assert logits.grad[0, :11].abs().sum() == 0
    assert logits.grad[0, 11:].abs().sum() > 0


def test_padding_does_not_change_the_torch_answer() -> None:
    torch.manual_seed(1)
    model = Classifier(NetConfig(vocab=50, layers=2)).eval()
    encoded = [[2, 7, 8, 3]]
    with torch.inference_mode():
        short = model(*finetune.pad(encoded, np.array([0]), 4, 1))[0]
        long = model(*finetune.pad(encoded, np.array([0]), 30, 1))[0]
    torch.testing.assert_close(short, long, rtol=1e-4, atol=1e-5)


def test_the_mixture_of_both_parts_is_the_matrices_of_the_graph() -> None:
    rng = np.random.default_rng(3)
    params = {
        "sentiment": [0.4, 0.7, 0.1, 0.3, 0.9, -0.2, 0.0],
        "emotion": [0.5, 0.6, *rng.normal(size=8)],
        "offensive": [1.1, 0.2, 0.1, -0.1],
    }
    w, d = rng.normal(size=(5, 13)).astype(np.float32), rng.normal(size=(5, 13)).astype(np.float32)
    a, b, c = graph.mixer(params)
    logits = w @ a + d @ b + c
    expected = np.exp(calibrate.combine(params, w, d))
    for span in SPANS.values():
        np.testing.assert_allclose(softmax(logits[:, span], 1), expected[:, span], atol=1e-5)


def test_the_stress_report_counts_every_category() -> None:
    rows = evaluate.stress_rows()
    measured = evaluate.measure_stress(np.tile(np.array([0.2, 0.1, 0.7], np.float32), (len(rows), 1)), rows)
    assert measured["accuracy"]["value"] == 0.5
    assert set(measured["by_category"].values()) == {0.5}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_deep_part_answers_the_same_in_modelscope(trained: Path, tmp_path: Path) -> None:
    from core.train import to_modelscope

    model = finetune.load(trained / "work" / "finetune.pt")
    to_modelscope.write(model, trained / "work", tmp_path)
    from modelscope.pipelines import pipeline

    run = pipeline("text-classification", model=str(tmp_path))
    texts = ["这个手机很好，味道也喜欢", "这个电影很差，客服也垃圾", "物流收到了"]
    logits = finetune.predict(model, tasks.encode(tasks.tokenizer(256), texts))[:, :3]
    for text, expected in zip(texts, softmax(logits, 1), strict=True):
        answer = run(text)
        scores = dict(zip(answer["labels"], answer["scores"], strict=True))
        np.testing.assert_allclose([scores[name] for name in to_modelscope.LABELS], expected, atol=1e-4)
