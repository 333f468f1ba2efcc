"""Speech acts found by words: thanking, accepting, complaining, giving up, asking for money back, dismissing."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["CUES", "accepts", "boilerplate", "complains", "counts", "dismissals"]

_THANKS: Final = r"谢谢|感谢|多谢|谢了|谢啦|谢过|[3三]q|thx|thank"
#: Words that make a thank-you or 好的 sarcastic.
_BITTER = re.compile(r"(?:不用|不必|谢绝|不)(?:谢|感谢)|谢谢你全家|呵呵|好(?:的)?吧|好自为之|好意思|真是谢谢")
_ACCEPTS: Final = (
    rf"{_THANKS}|(?:^|[,，。!！ ])(?:好的|好嘞|好滴|好哒|嗯嗯|行[,，。!！]|可以了|明白了|知道了|了解了|收到了?)|"
    r"解决了|搞定了?|没问题了|已经?好了|弄好了|收到货了|退款到了|满意|辛苦了|点赞|给力|赞一个|不错"
)
_NOT_YET = re.compile(
    r"(?:没有?|还没|未|不能?|才)(?:有)?(?:给我?)?(?:解决|搞定|收到|处理|满意|知道|明白)|不满意|很?不满"
)
_COMPLAINS: Final = (
    r"投诉|举报|曝光|消协|12315|起诉|律师|维权|工商|差评|骗子|骗人|欺诈|坑爹|坑人|垃圾|无语|忽悠|敷衍|推卸|"
    r"踢皮球|霸王"
)
_GIVES_UP: Final = r"算了|不用了|再也不|懒得|随便吧|随便你|爱咋咋|无所谓了|拉黑|卸载|注销|不买了|失望|心寒|醉了"
_MONEY: Final = r"退款|退货|退钱|赔偿|赔付|退票|退费|补偿|换货"
_WAITS: Final = r"还没|一直没|迟迟|多久|什么时候|几天了|天了|催|没人|不回|没有?回复|没有?消息|又|再次|还是|到底"
_ASKS: Final = r"[?？]|怎么|为什么|吗|呢|如何|能不能|可不可以"
_SORRY: Final = r"抱歉|对不起|不好意思|见谅|谅解|致歉|理解您"
_PRIVATE: Final = r"私信|联系方式|电话|单号|订单号|账号|手机号|邮箱"
_PROMISES: Final = r"尽快|马上|立即|核实|反馈|处理|跟进|转交|安排|加急"
_DONE: Final = r"已(?:经)?(?:为您|帮您|给您)?(?:处理|解决|退款|补发|修复|开通|恢复|登记|安排)|处理完毕"
#: Group → pattern; counted for each side.
CUES: Final = {
    "thanks": re.compile(_THANKS, re.I),
    "accepts": re.compile(_ACCEPTS, re.I),
    "complains": re.compile(_COMPLAINS),
    "gives_up": re.compile(_GIVES_UP),
    "money": re.compile(_MONEY),
    "waits": re.compile(_WAITS),
    "asks": re.compile(_ASKS),
    "sorry": re.compile(_SORRY),
    "private": re.compile(_PRIVATE),
    "promises": re.compile(_PROMISES),
    "done": re.compile(_DONE),
    "shouts": re.compile(r"[!！]{2,}|[?？]{2,}|\[怒\]|\[怒骂\]|\[抓狂\]|\[鄙视\]"),
    "smiles": re.compile(r"\[(?:嘻嘻|哈哈|爱你|赞|good|ok|心|微笑|可爱|呵呵|偷笑)\]|[😀-😍👍]|哈哈|\^_\^|~"),
}
#: Kind of dismissal → pattern.
_DISMISSALS: Final = {
    "推给客户自己": re.compile(r"(?:请|您|你)?自己(?:看|查|想办法|解决|去问|联系|处理|负责)|自行(?:承担|负责|解决)"),
    "推说不归自己管": re.compile(
        r"不归我们?(?:管|负责)|不(?:是|属于)我们?的?(?:责任|问题|管)|与我们?无关|和我们?没关系|不关我们?"
    ),
    "一口回绝": re.compile(
        r"没(?:有)?(?:什么)?办法|无能为力|爱莫能助|不可能的?[。,，!！]|办不了|处理不了|解决不了|帮不了|"
        r"就是这样(?:规定)?的|规定就是"
    ),
    "不耐烦": re.compile(
        r"说了(?:多少遍|很多次|好几遍)|听不懂|看不懂(?:吗|么)|烦不烦|别(?:再)?(?:问|催)了|催什么|急什么|爱[买要]不[买要]|随便你|随你便"
        r"|你(?:去)?投诉(?:吧|好了|啊|呗)|有本事|不想(?:买|要)就别|关我什么事|没空|懒得理"
    ),
}
_WORD = re.compile(r"\w")
#: Shorter replies are too short to be a template.
_TEMPLATE_CHARS: Final = 12


def counts(text: str) -> list[float]:
    """Count the cues of each group in a text, in the order of ``CUES``.

    Example:
        >>> counts("谢谢,解决了")[:2]
        [1.0, 2.0]
    """
    return [float(len(pattern.findall(text))) for pattern in CUES.values()]


def accepts(text: str) -> bool:
    """Tell whether a customer thanks, agrees or says that the problem is solved.

    Example:
        >>> accepts("好的,谢谢"), accepts("还没解决,不满意"), accepts("呵呵,谢谢啊")
        (True, False, False)
    """
    return bool(CUES["accepts"].search(text)) and not _NOT_YET.search(text) and not _BITTER.search(text)


def complains(text: str) -> bool:
    """Tell whether a customer threatens to complain, or gives up.

    Example:
        >>> complains("我要去投诉"), complains("算了,不买了"), complains("什么时候到")
        (True, True, False)
    """
    return bool(CUES["complains"].search(text) or CUES["gives_up"].search(text))


def dismissals(text: str) -> tuple[str, ...]:
    """Return the ways in which an agent's reply dismisses the customer; () = none.

    Example:
        >>> dismissals("这个没办法,你自己看说明")
        ('推给客户自己', '一口回绝')
    """
    return tuple(name for name, pattern in _DISMISSALS.items() if pattern.search(text))


def boilerplate(text: str, before: set[str]) -> bool:
    """Tell whether a reply of sufficient length repeats an earlier one word for word, and record it.

    Args:
        text: The reply.
        before: Earlier replies, updated in place.
    """
    plain = "".join(_WORD.findall(text))
    again = plain in before and len(plain) >= _TEMPLATE_CHARS
    before.add(plain)
    return again


def sorry(text: str) -> bool:
    """Tell whether a text is an apology: its words are negative, its meaning is not."""
    return bool(CUES["sorry"].search(text))
