"""``check``: label texts given on the command line."""

from __future__ import annotations

import argparse
import sys

from core.check import Checked
from core.check import check as checked
from core.commands import console
from core.commands.model_options import add_model, chosen
from core.schema import EMOTIONS, LABEL_EMOJI, LABEL_NAMES, LABELS, REASON_TITLES, Reason, ScoreOptions
from core.settings import get_settings

__all__ = ["add", "check"]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("texts", metavar="TEXT", nargs="+", help="要分析的文字;单独一个 - 表示从标准输入逐行读")
    add_model(parser)
    parser.add_argument("--emotion", action="store_true", help="也给出情绪和冒犯概率(内置模型)")
    parser.add_argument("--json", action="store_true", help="打印 JSON 数组,每条文字一个对象")


def check(arguments: argparse.Namespace) -> int:
    """Label the texts and write one line each; returns the exit code."""
    settings = get_settings()
    texts = [line.rstrip("\r\n") for line in sys.stdin] if arguments.texts == ["-"] else arguments.texts
    _, backend = chosen(arguments)
    options = ScoreOptions(settings.neutral_band, settings.review_below, settings.max_windows, arguments.emotion)
    answers = checked(texts, backend, options)
    if arguments.json:
        felt = _felt if arguments.emotion else _nothing
        console.say_json([_facts(answer, backend.version) | felt(answer) for answer in answers])
    else:
        for answer in answers:
            console.say(_sentence(answer))
    return 0


def _facts(answer: Checked, version: str) -> dict[str, object]:
    scored = answer.label >= 0
    return {
        "text": answer.text,
        "label": LABELS[answer.label] if scored else None,
        "label_name": LABEL_NAMES[answer.label] if scored else None,
        "confidence": answer.confidence,
        "probabilities": dict(zip(LABEL_NAMES, answer.probabilities, strict=True)),
        "needs_review": answer.needs_review,
        "windows": answer.windows,
        "cut": answer.cut,
        "reason": str(answer.reason),
        "model_version": version,
    }


def _felt(answer: Checked) -> dict[str, object]:
    return {
        "emotion": EMOTIONS[answer.emotion] if answer.emotion >= 0 else None,
        "p_emotion": answer.p_emotion,
        "p_offensive": answer.p_offensive,
    }


def _nothing(_: Checked) -> dict[str, object]:
    return {}


def _sentence(answer: Checked) -> str:
    if answer.label < 0:
        return f"—  {REASON_TITLES[Reason(answer.reason)]}"
    parts = " ".join(f"{name} {p:.3f}" for name, p in zip(LABELS, answer.probabilities, strict=True))
    review = " 需复核" if answer.needs_review else ""
    felt = f" 情绪 {EMOTIONS[answer.emotion]} {answer.p_emotion:.1%}" if answer.emotion >= 0 else ""
    told = f"{LABEL_EMOJI[answer.label]} {LABELS[answer.label]} {answer.confidence:.1%}({parts})"
    return f"{told}{felt}{review}  {answer.text}"
