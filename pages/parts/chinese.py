"""Translate Streamlit's menus, tooltips and dialogs, which are in English and not localisable, into Chinese.

Only known whole texts are replaced, and only in the places named here: comment text is never touched.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

_MENU: Final = {
    "System": "跟随系统",
    "Light": "浅色",
    "Dark": "深色",
    "Print": "打印",
    "Record screen": "录制屏幕",
    "Stop recording": "停止录制",
    "Made with Streamlit v": "由 Streamlit 制作 v",
}
_TOOLBAR: Final = {
    "Show/hide columns": "显示或隐藏列",
    "Search": "搜索",
    "Fullscreen": "全屏",
    "Close fullscreen": "退出全屏",
    "Clear selection": "取消选择",
    "Copy to clipboard": "复制",
    "Copied": "已复制",
    "Close Search": "关闭搜索",
    "Previous Result": "上一个",
    "Next Result": "下一个",
}
_COLUMN: Final = {
    "Sort ascending": "升序",
    "Sort descending": "降序",
    "Format": "格式",
    "Statistics": "统计",
    "Autosize": "自动列宽",
    "Pin column": "固定这一列",
    "Unpin column": "取消固定",
    "Hide column": "隐藏这一列",
    "Copy column name": "复制列名",
    "Automatic": "自动",
    "Localized": "带千位分隔",
    "Plain": "原样",
    "Compact": "简写",
    "Percent": "百分数",
    "Scientific": "科学计数",
    "Dollar": "美元",
    "Euro": "欧元",
    "Yen": "日元",
    "Accounting": "会计",
}
_DIALOG: Final = {
    "Page not found": "没有这一页",
    "The page that you have requested does not seem to exist. Running the app's main page.": (
        "网址不对应任何一页,已经打开首页。"
    ),
    "Connection error": "连接断开了",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": (
        "听风的服务可能已经停止。请在终端里重新启动,再刷新这一页:"
    ),
    "streamlit run yourscript.py": "make run",
    "Streamlit server is not responding. Are you connected to the internet?": (
        "听风的服务没有回应,可能已经停止。请重新启动(make run),再刷新这一页。"
    ),
    "Connection timed out.": "服务器没有回应。请稍后刷新这一页。",
}
#: Replacement for an unhandled exception.
_EXCEPTION: Final = {
    "This app has encountered an error. The original error message is redacted to prevent data leaks. Full error "
    "details have been recorded in the logs (if you're on Streamlit Cloud, click on 'Manage app' in the lower right of "
    "your app).": "这一页出错了,已记入服务的日志。请刷新再试;仍不行时,把日志交给维护的人。",
}
_ANYWHERE: Final = {
    "Skip to main content": "跳到正文",
    "Main menu": "主菜单",
    "Sidebar": "侧栏",
    "App pages": "页面",
    "Collapse sidebar": "收起侧栏",
    "Expand sidebar": "展开侧栏",
    "Navigate to home page": "回到首页",
    "Open": "展开",
    "Clear all": "全部清除",
    "Clear value": "清除",
    "Clear entry": "清除",
    "Close": "关闭",
    "Increment": "加一",
    "Decrement": "减一",
    "Choose date range": "选择日期",
    "Choose an option": "请选择",
    "Selected values": "已选",
    "Theme": "外观",
    "Copy version to clipboard": "复制版本号",
}
#: CSS selectors and the texts replaced there. All entries also apply to attributes.
_PLACES: Final = (
    ("[data-testid=stMainMenuPopover]", _MENU),
    ("[data-testid=stTooltipContent], [data-testid=stElementToolbar]", _TOOLBAR),
    ("[data-testid^=stDataFrameColumn]", _COLUMN),
    ("[data-testid=stDialog]", _DIALOG),
    ("[data-testid=stException]", _EXCEPTION),
    ("[data-testid=stStatusWidget]", {"Stop": "停止", "Running...": "运行中…", "Connecting": "正在连接"}),
    ("[data-testid$=Dropdown]", {"No results": "没有找到", "Select all": "全选"}),
    ("body > *", {"Skip to main content": "跳到正文"}),
)

_WATCH = st.components.v2.component(
    "tingfeng_chinese",
    html="<span></span>\n",
    js="""
    const ATTRIBUTES = ["aria-label", "placeholder", "title"]
    export default function ({ data }) {
      if (window.tingfengChinese) return
      window.tingfengChinese = true
      const sayText = (node) => {
        const said = node.nodeValue.trim()
        const place = said && data.places.find(([where, words]) => words[said] && node.parentElement?.closest(where))
        if (place) node.nodeValue = place[1][said]
      }
      const sayAttributes = (element) => {
        for (const name of ATTRIBUTES) {
          const said = element.getAttribute(name)
          if (said && data.attributes[said]) element.setAttribute(name, data.attributes[said])
        }
      }
      const say = (root) => {
        if (root.nodeType === Node.TEXT_NODE) return sayText(root)
        if (root.nodeType !== Node.ELEMENT_NODE || root.closest("svg, canvas")) return
        sayAttributes(root)
        root.childNodes.forEach(say)
      }
      say(document.body)
      new MutationObserver((changes) => {
        for (const change of changes) {
          if (change.type === "childList") change.addedNodes.forEach(say)
          else if (change.type === "attributes") sayAttributes(change.target)
          else sayText(change.target)
        }
      }).observe(document.body, {
        subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
      })
    }
    """,
)


def watch() -> None:
    """Replace Streamlit's texts wherever they appear, as long as this tab is open."""
    attributes = _ANYWHERE | _TOOLBAR
    _WATCH(data={"places": [list(place) for place in _PLACES], "attributes": attributes}, key="chinese")
