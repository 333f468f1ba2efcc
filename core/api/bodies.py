"""Request and response bodies of the REST API: the pydantic models behind the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "BatchAnswer",
    "BatchQuestion",
    "Emotion",
    "ErrorBody",
    "Health",
    "Model",
    "Probabilities",
    "Question",
    "ScoringOptions",
    "Sentiment",
]

Probability = Annotated[float, Field(ge=0, le=1)]
#: Any length limit, even 0, makes pydantic validate the characters: a lone surrogate is refused at once.
Text = Annotated[str, Field(min_length=0)]

_MODEL: Final = {"model": "builtin", "model_version": "4232b0b660a216f5"}
_ANSWER: Final[dict[str, Any]] = {
    "text": "物流很快,包装也好",
    "sentiment": "Positive",
    "label": "正面",
    "emoji": "😄",
    "confidence": 0.9467,
    "probabilities": {"negative": 0.0371, "neutral": 0.0163, "positive": 0.9467},
    "needs_review": False,
    "truncated": False,
    "emotion": None,
    **_MODEL,
    "error": None,
}
_BLANK: Final[dict[str, Any]] = {**dict.fromkeys(_ANSWER), "text": "", **_MODEL, "error": "输入文本不能为空"}


class ScoringOptions(BaseModel):
    """Scoring options, the same for one text and for many."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(
        default=None, description="模型名,见 GET /models;不填用服务的默认模型。", max_length=200, examples=["builtin"]
    )
    # strict: a number field must not accept true, nor a boolean field "yes"
    neutral_band: float | None = Field(
        default=None,
        strict=True,
        ge=0,
        lt=1,
        allow_inf_nan=False,
        description="正负概率之差小于此值时判为中性;不填用服务的设置。",
        examples=[0.2],
    )
    emotion: bool = Field(default=False, strict=True, description="也给出情绪和冒犯概率;模型须有这些输出,内置模型有。")


class Question(ScoringOptions):
    """One text to score."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "物流很快,包装完好,就是价格小贵。"}]})

    text: Text = Field(description="一条评论。", json_schema_extra={"minLength": 1, "pattern": r"\S"})


class BatchQuestion(ScoringOptions):
    """Several texts to score in one request."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"texts": ["客服态度太差了!", "还行吧", "会回购的 😄"]}]})

    texts: list[Text] = Field(
        description="多条评论;空白的一条不会让整个请求失败,它的 error 说明原因。", json_schema_extra={"minItems": 1}
    )


class Probabilities(BaseModel):
    """The three class probabilities; they sum to 1 up to rounding to four digits."""

    negative: Probability = Field(description="负面概率")
    neutral: Probability = Field(description="中性概率")
    positive: Probability = Field(description="正面概率")


class Emotion(BaseModel):
    """Output of the model's additional heads."""

    emotion: Literal["恐惧", "愤怒", "厌恶", "喜好", "悲伤", "高兴", "惊讶", "无"] = Field(description="情绪,中文。")
    name: Literal["fear", "anger", "disgust", "like", "sadness", "happiness", "surprise", "none"] = Field(
        description="情绪,英文。"
    )
    confidence: Probability = Field(description="这种情绪的概率。")
    offensive: Probability | None = Field(description="冒犯概率(COLD 意义上的:针对地域、种族、性别群体的攻击)。")


class Sentiment(BaseModel):
    """The answer for one text; if there is nothing to score, only ``text``, the model and ``error`` are set."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    text: str = Field(description="原文。")
    sentiment: Literal["Negative", "Neutral", "Positive"] | None = Field(default=None, description="情感。")
    label: Literal["负面", "中性", "正面"] | None = Field(default=None, description="情感,中文。")
    emoji: Literal["😠", "😐", "😄"] | None = Field(default=None, description="情感,表情。")
    confidence: Probability | None = Field(
        default=None,
        description="置信度:三类概率中最大的一个,说明有多确定,不说明有多强烈;"
        "只有因 neutral_band 判为中性的,它不是所判类别的概率。",
    )
    probabilities: Probabilities | None = Field(default=None, description="三类概率。")
    needs_review: bool | None = Field(default=None, description="置信度偏低,建议人工复核。")
    truncated: bool | None = Field(default=None, description="文本过长,末尾一部分没有参与判断。")
    emotion: Emotion | None = Field(default=None, description="情绪;只在请求里要了才有。")
    model: str = Field(description="模型名。")
    model_version: str = Field(description="模型版本:权重的校验值。")
    error: str | None = Field(default=None, description="这一条没有结果的原因。")


class BatchAnswer(BaseModel):
    """Answers in the order of the texts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"results": [_ANSWER, _BLANK], "count": 2, "scored": 1}]})

    results: list[Sentiment] = Field(description="与 texts 顺序一致。")
    count: int = Field(description="文本条数。")
    scored: int = Field(description="有结果的条数。")


class Model(BaseModel):
    """One entry of the model list."""

    name: str = Field(description="在 model 字段里填的名字。")
    title: str = Field(description="中文名。")
    labels: list[str] = Field(description="它会给出的类别;两分类模型没有中性。")
    ready: bool = Field(description="现在就能用,不需要网络。")
    default: bool = Field(description="不指定 model 时用它。")
    size_mb: float = Field(description="权重大小,MB。")
    note: str = Field(description="适合做什么,或怎样得到它。")


class Health(BaseModel):
    """Whether the service can score now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok", "version": "0.1.0", **_MODEL}]})

    status: Literal["ok", "degraded"] = Field(description="ok:可用;degraded:默认模型无法载入。")
    version: str = Field(description="听风的版本。")
    model: str = Field(description="默认模型。")
    model_version: str | None = Field(description="默认模型的版本;无法载入时为 null。")


class ErrorBody(BaseModel):
    """The body of every error response."""

    error: str = Field(description="发生了什么。", examples=["输入文本不能为空"])
    code: str = Field(description="固定的错误代码。", examples=["A20"])
    hint: str = Field(description="下一步怎么做。", examples=["请在 text 里写入一条评论。"])
