"""Column names that people use, per role: exact names, endings, and endings that rule a role out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.schema import Role

_CLOSING: Final = ")]}>】)》」"
_BRACKETS = re.compile(rf"[(\[{{<【(《「].*?[{re.escape(_CLOSING)}]")
_JOINTS = re.compile(r"[\s_\-.:/*#·、，,?!。]+")
#: Traditional characters in the names below and in ``_ANSWER``, and their simplified forms.
_SIMPLIFIED: Final = str.maketrans(
    "與書買產價會體內創別單廳發臺號員圖備復覆對應彈錄態總戲戶據數時暱機來標遊滿點狀電稱筆籤類級綜編網薦見訂議記論評訴話詳語"
    "課購貼車採鋪鏈長門問間顧題饋佈訊觀眾賣業闆釋絡檔帳場醫診",
    "与书买产价会体内创别单厅发台号员图备复复对应弹录态总戏户据数时昵机来标游满点状电称笔签类级综编网荐见订议记论评诉话详语"
    "课购贴车采铺链长门问间顾题馈布讯观众卖业板释络档账场医诊",
)
#: Columns written by the other side: a shop's reply is not a comment, however much text it holds.
_ANSWER = re.compile(
    r"(商家|商户|卖家|店家|店铺|店主|门店|掌柜|酒店|官方|客服|平台|企业|公司|品牌方?|品牌商|开发者|博主|作者|管理员|小编|"
    r"seller|merchant|shop|store|vendor|owner|official|manager|management|business|developer|hotel|admin)"
    r"的?(回复|答复|回应|解释|回评|备注|repl(y|ies)|respon|answer)"
)
#: What a person writes with; an app's comments are not about it, however much they compare.
_DEVICE: Final = frozenset({"机型", "型号", "model"})
_SOFTWARE = re.compile(r"版本号?$|^(应用市场|应用商店|version|appversion|versionname|osversion)$")
#: Open questions and reasons.
_ASKS = re.compile(
    r"(满意|不足|喜欢|不好)(的|之)(地方|处|方面|原因|是)|原因|理由|为什么|为何|哪些|怎么看|如何看|描述|说明|留言"
)
#: What a customer added later: it is used only if there is no first comment.
_FOLLOW_UP = re.compile(r"追评|追加|再次评|followup|append|additional")
#: Columns with sentences that are neither the comment nor part of it.
_OF_ANOTHER = re.compile(
    r"^(父|上级|上一|被|原|引用|根|楼主|post|parent|root|quoted?|retweet|orig|src)|处理|办理|办结|答复|回访|解决|跟进|承办|"
    r"(标题|题目|title|subject|地址|网址|链接|摘要|关键词|标签|规格|属性|简介|签名|详情页|location|address|ip|ua|device|设备|"
    r"环境|机型|sku|path|url|id|编号|版本|log|日志|情感|分类|类型)$|标签|关键词"
)


@dataclass(frozen=True, slots=True)
class Names:
    """Normalised names of one role, most indicative first.

    Attributes:
        exact: The whole name is one of these; earlier ones win over later ones.
        endings: The name ends with one of these.
        never: A name that ends with one of these never has the role.
    """

    exact: tuple[str, ...]
    endings: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAMES: Final[dict[Role, Names]] = {
    Role.TEXT: Names(
        exact=_words(
            "评论内容 评价内容 评论正文 一级评论内容 一级评论 主评论内容 主评论 "
            "评论文本 评论原文 评论 评价 用户评论 用户评价 顾客评价 买家评价 "
            "客户评价 商品评价 初评内容 初评 首次评价 首评 点评内容 点评 影评 书评 短评 评语 微博正文 微博内容 "
            "正文 笔记内容 弹幕内容 弹幕 反馈内容 问题描述 反馈 留言内容 留言 投诉内容 建议内容 意见内容 意见建议 "
            "意见与建议 意见 建议 吐槽内容 回复内容 帖子内容 贴子内容 发言内容 发言 消息内容 聊天内容 对话内容 "
            "会话内容 聊天记录 对话记录 会话记录 沟通记录 通话文本 对话文本 转写文本 对话全文 transcript chatlog "
            "评价详情 评论详情 初次评价 文本内容 文本 内容 原文 全文 语句 句子 回答 回答内容 描述 备注 标题 comment "
            "reviewtext review commentcontent reviewcontent reviewbody commenttext contenttext content text "
            "comments reviews feedback rawtext message body sentence tweet fulltext posttext summary "
            "description desc opinion remark msg title"
        ),
        endings=(
            "评论内容",
            "评价内容",
            "评论",
            "评价",
            "评语",
            "正文",
            "内容",
            "留言",
            "意见",
            "建议",
            "comment",
            "review",
            "content",
            "text",
        ),
        never=_words(
            "数 数量 量 id 编号 时间 日期 人 者 用户 链接 地址 url 等级 星级 分 分数 评分 状态 类型 类别 "
            "标签 图片 长度 count time"
        ),
    ),
    Role.TIME: Names(
        exact=_words(
            "评论时间 评价时间 评论日期 评价日期 初评时间 首评时间 点评时间 点评日期 完整日期 发布时间 发布日期 "
            "发表时间 发表日期 反馈时间 反馈日期 留言时间 留言日期 提交时间 提交日期 提交答卷时间 结束答题时间 "
            "填写时间 填写日期 来电时间 来电日期 诉求时间 投诉时间 投诉日期 受理时间 申请时间 申请日期 发送时间 "
            "回复时间 创建时间 时间 日期 日期时间 createdatetime "
            "createtime createdat createdtime publishtime pubtime pubdate publishdate publishedat commenttime "
            "commentdate reviewtime reviewdate posttime postdate datetime timestamp date time day "
            "createdate created ctime 下单时间 购买时间 购买日期 成交时间 采集时间 抓取时间 更新时间 "
            "updatetime updatedat"
        ),
        endings=("时间", "日期", "time", "date"),
        never=("时间段", "时长"),
    ),
    Role.SOURCE: Names(
        exact=_words(
            "来源平台 平台 来源 数据来源 信息来源 评论来源 渠道 来源渠道 渠道来源 平台名称 媒体 媒体名称 "
            "站点 网站 网站名称 来源网站 社交平台 电商平台 应用市场 应用商店 卖场 通路 "
            "platform source channel site website "
            "media sourceplatform platformname origin"
        ),
        endings=("平台", "渠道", "来源", "platform", "channel"),
    ),
    Role.PRODUCT: Names(
        exact=_words(
            "商品名称 产品名称 商品 产品 商品名 产品名 商品标题 品名 产品型号 商品型号 机型 车型 车系 型号 "
            "款式 店铺名称 店铺 门店名称 门店 商家名称 商家 评论店铺 餐厅 酒店名称 酒店 景点名称 景点 "
            "电影名称 电影 片名 书名 游戏名称 游戏 应用名称 应用 课程名称 课程 品牌 品类 对象 "
            "医院名称 医院 科室名称 就诊科室 科室 网点名称 网点 支行 承办单位 办理单位 责任单位 视频标题 productname "
            "producttitle product itemname itemtitle item goodsname goods shopname shop storename store "
            "hotelname hotel moviename movie appname app brand model category cat sku skuname "
            "应用版本 app版本 软件版本 客户端版本 版本号 版本 appversion versionname version"
        ),
        endings=("商品名称", "产品名称", "商品", "产品", "店铺", "门店", "product", "productname"),
        never=("id", "编号", "数量", "链接", "url"),
    ),
    Role.RATING: Names(
        exact=_words(
            "评分 星级 星等 评价星等 用户评分 评论星级 评价星级 评论评分 评论用户星级 打分 得分 分数 评级 总评分 总分 "
            "综合评分 商品评分 分 星 推荐度 总体满意度 整体满意度 综合满意度 满意度 "
            "rating stars star score ratingscore starrating reviewrating "
            "rate userrating grade overall"
        ),
        endings=("评分", "星级", "星等", "打分", "得分", "rating", "score", "stars"),
    ),
    Role.AUTHOR: Names(
        exact=_words(
            "用户昵称 用户名 昵称 作者 用户名称 评论用户姓名 评论用户 评论人 评论者 评价人 点评人 发布者 "
            "发布人 发送人 发送者 发言人 发言者 说话人 留言人 反馈人 投诉人 来电人 "
            "博主 博主昵称 网友 买家 买家昵称 会员名 会员昵称 会员 用户 顾客 客户 姓名 客户姓名 "
            "账号 帐号 用户账号 用户帐号 买家账号 买家帐号 "
            "nickname usernickname username uname nick screenname author authorname reviewer reviewername user userid "
            "uid 用户id 评论用户id memberid"
        ),
        endings=("昵称", "用户名", "nickname", "username"),
        # who sells or answers, not who wrote
        never=_words("达人昵称 主播昵称 商家昵称 卖家昵称 店铺昵称 店主昵称 掌柜昵称 客服昵称 坐席昵称"),
    ),
    Role.COMMENT_ID: Names(
        exact=_words(
            "评论id 评论编号 评价id 评价编号 commentid reviewid 微博id weiboid rpid mid 弹幕id 笔记id 反馈编号 "
            "留言编号 工单号 工单编号 问卷编号 答卷编号 答卷序号 售后单号 售后单编号 售后编号 退款编号 "
            "编号 id rowid 序号 流水号 记录编号 订单号 订单编号 单号 orderid "
            "noteid uuid guid no bid cid index"
        ),
        endings=("评论id", "commentid", "reviewid"),
    ),
}


def normal(name: str) -> str:
    """Normalise a column name: no case, width, spaces, separators or bracketed remarks, in simplified characters.

    Example:
        >>> normal("評論_內容(必填)"), normal("Create Time")
        ('评论内容', 'createtime')
    """
    text = unicodedata.normalize("NFKC", name).lower().translate(_SIMPLIFIED)
    return _JOINTS.sub("", "\n".join(map(_without_remarks, text.split("\n"))))


def _without_remarks(line: str) -> str:
    # Stop at the last closing bracket: otherwise every opening one scans to the end, and a cell of them took hours.
    end = max(map(line.rfind, _CLOSING)) + 1
    return _BRACKETS.sub("", line[:end]) + line[end:]


def is_answer(name: str) -> bool:
    """Return whether a column holds what the shop, not the customer, wrote.

    Example:
        >>> is_answer("商家回复"), is_answer("Seller Response"), is_answer("回复内容")
        (True, True, False)
    """
    return _ANSWER.search(normal(name)) is not None


def is_follow_up(name: str) -> bool:
    """Return whether a column belongs to a customer's follow-up to a first comment.

    Example:
        >>> is_follow_up("追评内容"), is_follow_up("初评内容")
        (True, False)
    """
    return _FOLLOW_UP.search(normal(name)) is not None


def is_of_another(name: str) -> bool:
    """Return whether a column holds something other than the commenter's opinion: a comment replied to, the handling
    office's words, a title or an address.

    Example:
        >>> is_of_another("父评论内容"), is_of_another("办理结果"), is_of_another("满意之处")
        (True, True, False)
    """
    return _OF_ANOTHER.search(normal(name)) is not None


def asks(name: str) -> bool:
    """Tell whether a column is one in which people give reasons or answer an open question.

    Example:
        >>> asks("Q6.您最不满意的地方是什么?"), asks("申请原因"), asks("就诊类型")
        (True, True, False)
    """
    return _ASKS.search(normal(name)) is not None


def without_devices(columns: Sequence[str]) -> list[str]:
    """Leave out the phones that an app was used on: beside its versions and markets they are no product.

    Example:
        >>> without_devices(["版本号", "机型"]), without_devices(["机型", "评价"])
        (['版本号'], ['机型', '评价'])
    """
    plain = [normal(name) for name in columns]
    if not any(map(_SOFTWARE.search, plain)):
        return list(columns)
    return [name for name, short in zip(columns, plain, strict=True) if short not in _DEVICE]


def name_points(role: Role, name: str) -> float:
    """Score how clearly a column name indicates a role.

    Returns:
        0 = not at all; 40–50 = it has a matching ending; 60–100 = exact match, higher for more indicative names.

    Example:
        >>> name_points(Role.TEXT, "评论内容"), name_points(Role.TEXT, "评论数")
        (100.0, 0.0)
    """
    names, plain = NAMES[role], normal(name)
    if plain in names.exact:
        return 100.0 - 40.0 * names.exact.index(plain) / len(names.exact)
    if plain.endswith(names.never) or not plain.endswith(names.endings) or _ANSWER.search(plain):
        return 0.0
    return 45.0


def is_known_name(name: str) -> bool:
    """Return whether a cell is exactly a known column name of some role."""
    plain = normal(name)
    return any(plain in names.exact for names in NAMES.values())


def is_like_a_name(name: str) -> bool:
    """Return whether a cell is a known column name of some role or ends like one.

    Example:
        >>> is_like_a_name("诉求内容"), is_like_a_name("张三")
        (True, False)
    """
    return is_known_name(name) or any(name_points(role, name) > 0 for role in NAMES)
