"""Exports of well-known crawlers are recognised, named and mapped."""

import pytest

from core.read import with_mapping
from core.read.layouts import LAYOUTS, find_layout

HEADERS = {
    "MediaCrawler 微博评论": (
        "comment_id create_time create_date_time note_id content sub_comment_count comment_like_count "
        "last_modify_ts ip_location parent_comment_id user_id nickname gender profile_url avatar"
    ),
    "MediaCrawler 微博正文": (
        "note_id content create_time create_date_time liked_count comments_count shared_count "
        "last_modify_ts note_url ip_location user_id nickname gender profile_url avatar source_keyword"
    ),
    "MediaCrawler 小红书评论": (
        "comment_id create_time ip_location note_id content user_id nickname avatar sub_comment_count "
        "pictures parent_comment_id last_modify_ts like_count"
    ),
    "MediaCrawler 小红书笔记": (
        "note_id type title desc video_url time last_update_time user_id nickname avatar liked_count "
        "collected_count comment_count share_count ip_location image_list tag_list last_modify_ts "
        "note_url source_keyword"
    ),
    "MediaCrawler 抖音评论": (
        "comment_id create_time ip_location aweme_id content user_id sec_uid nickname avatar "
        "sub_comment_count like_count last_modify_ts parent_comment_id pictures"
    ),
    "MediaCrawler 抖音视频": (
        "aweme_id aweme_type title desc create_time user_id sec_uid nickname avatar liked_count "
        "collected_count comment_count share_count ip_location last_modify_ts aweme_url source_keyword"
    ),
    "MediaCrawler B站评论": (
        "comment_id parent_comment_id create_time video_id content user_id nickname sex sign avatar "
        "sub_comment_count like_count last_modify_ts"
    ),
    "MediaCrawler B站视频": (
        "video_id video_type title desc create_time user_id nickname avatar liked_count video_play_count "
        "video_danmaku video_comment last_modify_ts video_url source_keyword"
    ),
    "MediaCrawler 快手评论": (
        "comment_id create_time video_id content user_id nickname avatar sub_comment_count last_modify_ts"
    ),
    "MediaCrawler 快手视频": (
        "video_id video_type title desc create_time user_id nickname avatar liked_count viewd_count "
        "last_modify_ts video_url source_keyword"
    ),
    "MediaCrawler 贴吧评论": (
        "comment_id parent_comment_id content user_link user_nickname user_avatar tieba_id tieba_name "
        "tieba_link publish_time ip_location sub_comment_count note_id note_url last_modify_ts"
    ),
    "MediaCrawler 贴吧帖子": (
        "note_id title desc note_url publish_time user_link user_nickname user_avatar tieba_id tieba_name "
        "tieba_link total_replay_num total_replay_page ip_location source_keyword last_modify_ts"
    ),
    "MediaCrawler 知乎评论": (
        "comment_id parent_comment_id content publish_time ip_location sub_comment_count like_count "
        "dislike_count content_id content_type user_id user_link user_nickname user_avatar last_modify_ts"
    ),
    "MediaCrawler 知乎内容": (
        "content_id content_type content_text content_url question_id title desc created_time "
        "updated_time voteup_count comment_count source_keyword user_id user_link user_nickname "
        "user_avatar last_modify_ts"
    ),
    "weibo-search 微博搜索": (
        "id bid user_id 用户昵称 微博正文 头条文章url 发布位置 艾特用户 话题 转发数 评论数 点赞数 发布时间 发布工具"
    ),
    "weibo-crawler 微博": ("id bid 正文 原始图片url 视频url 位置 日期 工具 点赞数 评论数 转发数 话题 @用户 完整日期"),
    "weiboSpider 微博": ("微博id 微博正文 头条文章url 原始图片url 发布位置 发布时间 发布工具 点赞数 转发数 评论数"),
    "美团店铺评论": ("评论店铺 评论用户姓名 评论用户id 评论用户星级 评论用户菜品 评论用户内容 评论时间"),
    # of a weibo and a shop table: the columns of both would be those of another layout
    "听风多表结果": (
        "comment_id note_id content create_date_time 评价内容 来自文件 合并评论 合并时间 合并来源 合并商品 合并评分 "
        "合并作者 情感 置信度 负面概率 中性概率 正面概率 需复核"
    ),
    "京东商品评论": ("用户ID 评论内容 购买时间 点赞数 回复数 得分 评价时间 产品型号"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_each_export_is_recognised_by_its_header(name):
    assert find_layout(HEADERS[name].split()).name == name


@pytest.mark.parametrize("name", HEADERS)
def test_the_columns_of_a_layout_are_in_its_export(name):
    layout, columns = find_layout(HEADERS[name].split()), HEADERS[name].split()
    assert layout.mapping.text
    assert set(layout.mapping.text) <= set(columns)
    assert layout.mapping.time in columns


def test_every_layout_is_reached_by_some_header():
    reached = {find_layout(columns.split()).name for columns in HEADERS.values()}
    assert reached == {layout.name for layout in LAYOUTS}


def test_ordinary_columns_are_no_layout():
    assert find_layout(["评论内容", "时间", "平台"]) is None


def test_an_export_is_named_and_brings_its_platform(write, only):
    header = HEADERS["MediaCrawler 小红书笔记"].split()
    rows = [["n1", "normal", "好物", "用了一周,很满意"] + ["1700000000000"] * (len(header) - 4)]
    source = only(
        write("\n".join(",".join(f'"{cell}"' for cell in row) for row in [header, *rows]), encoding="utf-8-sig")
    )
    assert (source.layout, source.default_source) == ("MediaCrawler 小红书笔记", "小红书")
    assert source.mapping.text == ("title", "desc")


def test_the_unit_of_stars_stays_with_its_column(write, only):
    header = HEADERS["美团店铺评论"].split()
    row = ["粥铺", "小王", "1", "40", "粥", "味道很好", "1700000000000"]
    source = only(write("\n".join(",".join(cells) for cells in [header, row])))
    assert (source.mapping.rating, source.rating_unit) == ("评论用户星级", 10.0)
    assert with_mapping(source, rating="评论用户星级").rating_unit == 10.0
    assert with_mapping(source, rating="评论用户id").rating_unit == 1.0
