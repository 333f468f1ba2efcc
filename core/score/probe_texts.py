"""Texts for calibrating and comparing engines: written for this project, composed in a fixed order."""

from __future__ import annotations

import random
from typing import Final

__all__ = ["calibration_texts", "probe_texts"]

#: Per subject: praise, criticism, neutral statements.
_SUBJECTS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "汤头很鲜|面条劲道|分量足,两个人吃不完|送来还是烫的|骑手小哥特别客气|包装严实,一滴没洒|老味道,吃了三年了|辣得过瘾|这家店值得回购",
        "等了一个半小时|菜凉透了|汤全洒在袋子里|肉有股怪味|少送了一份米饭|给商家打电话没人接|咸得没法入口|里面有根头发|再也不点了",
        "点了一份牛肉面和一杯豆浆|备注写了不要香菜|中午十二点下的单|用了满三十减八的红包|门店在地铁口旁边|今天是第二次点",
    ),
    (
        "屏幕清楚,颜色也正|电池能撑一整天|运行流畅不卡顿|拍照效果超出预期|手感轻薄|快充半小时就满|音质对得起这个价|物流第二天就到|客服回复很快",
        "用了两天就死机|充电口松动|屏幕有亮点|发热严重,烫手|和图片完全不一样|退货被各种推脱|收到的是拆过的二手货|耳机右边没声音|电池一小时掉一半",
        "买的是256G黑色|换下来的旧手机给了我妈|系统是昨天更新的|快递放在驿站|配了一根数据线|说明书只有英文|活动价一千九百九十九",
    ),
    (
        "房间干净,床很舒服|前台帮忙升级了房型|早餐种类多|窗外就是江景|离车站走路五分钟|隔音不错,睡得踏实|毛巾有阳光的味道|下次来还住这里",
        "空调滴水滴了一夜|隔壁说话听得一清二楚|马桶堵了没人来修|床单上有污渍|押金拖了一周才退|说好的接机没来|前台爱答不理|热水忽冷忽热",
        "订的是三楼的标准间|入住两晚|退房时间是中午十二点|停车场在地下一层|房卡押金一百|跟公司同事一起出差",
    ),
    (
        "剧情紧凑,一口气看完|演员的眼神全是戏|配乐太美了|笑着笑着就哭了|特效经费都花在刀刃上|导演很用心|值得二刷|结尾的反转我服",
        "编剧把观众当傻子|前半小时我差点睡着|台词尴尬到脚趾抠地|剪辑乱七八糟|抄袭还不承认|票钱白花了|烂尾|五毛特效也好意思上院线",
        "昨天和朋友在影城看的|片长两小时十分钟|改编自同名小说|影院人不多|主演是个新人|下个月上线平台",
    ),
    (
        "老师讲得深入浅出|孩子愿意主动读书了|例题很典型|排版舒服|纸质好,没有异味|客服送了配套音频|译文通顺|这本书救了我的考研",
        "错别字一大堆|书页粘在一起|印得模模糊糊|视频打不开|老师照着课件念|报名前后两副面孔|要退费就拉黑|内容都是网上抄的",
        "给上三年级的儿子买的|一共十二章|和第二版相比加了附录|每周二晚上开课|平装,十六开|图书馆也有一本",
    ),
    (
        "穿上很显瘦|料子软,贴身不扎|颜色和图片一致|洗了三次没变形|尺码标准|鞋底软,走一天不累|送的小礼物很用心|同事都来要链接",
        "线头多得吓人|一洗就掉色|尺码偏小两码|有股刺鼻的胶水味|拉链第二天就坏|起球严重|说是纯棉其实是化纤|换货的运费还要我出",
        "身高一米六五,体重五十公斤,穿M码|买了白色和藏青各一件|准备秋天穿|快递三天到|裤长刚到脚踝|参加了第二件半价",
    ),
    (
        "办事效率真高,十分钟搞定|窗口的姑娘笑得很甜|公交改道以后方便多了|志愿者辛苦了|小区绿化越来越好|水压终于正常了|点赞|这次处理得及时",
        "打了八个电话互相踢皮球|噪音吵到凌晨三点|路挖了半年还没填上|物业收钱不办事|排队两小时告诉我下班了|骗子公司,大家小心|垃圾堆成山|欺负老实人是吧",
        "今天在政务大厅办居住证|社区发了通知|周一到周五上午九点开门|需要带身份证原件|地铁四号线延长到机场|停水时间是明天上午",
    ),
)  # fmt: skip
_ENDS: Final = ("。", "!", "", "~", "...", "!!!", "😄", "😡", "👍", "?", " ", "[微笑]", "。谢谢")
_JOINTS: Final = (",", "。", " ", ";", ",而且", ",不过", "\n", ",就是")
_PAIRS: Final = 240


def calibration_texts() -> list[str]:
    """Return the texts on which activation ranges are measured."""
    return _texts()[::2]


def probe_texts() -> list[str]:
    """Return the texts on which engines are compared: 240, of 4 to some 400 characters, none used for calibration.

    Example:
        >>> len(set(probe_texts()) - set(calibration_texts()))
        240
    """
    return _texts()[1::2]


def _texts() -> list[str]:
    """Compose distinct texts: two thirds have one polarity, the rest are mixed or neutral, as comments are."""
    dice = random.Random(20261125)  # noqa: S311 - the same texts everywhere
    found: dict[str, None] = {}
    while len(found) < 2 * _PAIRS:
        sides = [part.split("|") for part in dice.choice(_SUBJECTS)]
        parts = dice.randint(12, 45) if len(found) % 24 < 2 else int(dice.expovariate(0.4)) + 1
        chosen = dice.choice(((0,), (0,), (1,), (1,), (2,), (0, 2), (1, 2), (0, 1), (0, 1, 2)))
        clauses = [dice.choice(sides[dice.choice(chosen)]) for _ in range(parts)]
        text = clauses[0] + "".join(dice.choice(_JOINTS) + clause for clause in clauses[1:])
        found[text + dice.choice(_ENDS)] = None
    return list(found)
