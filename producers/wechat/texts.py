"""What is said to people in WeChat, Chinese and English."""

from typing import NamedTuple

from livelihood.fields import LanguageCode


class Texts(NamedTuple):
    """All texts of one language; what stands in braces is filled in."""

    greeting: str
    help: str
    #: With the date that is promised, and where none is.
    registered: str
    registered_without_date: str
    #: The log is slow: it is kept, and registered as soon as it can be.
    kept: str
    busy: str
    not_taken: str
    standing: str
    promised: str
    outcome: str
    no_such_number: str
    no_request: str
    too_many: str
    nothing_to_rate: str
    thanks: str
    sorry: str
    place_added: str
    picture_added: str
    first_in_words: str


_ZH = Texts(
    greeting="欢迎关注。请直接用文字描述您的诉求，例如“幸福路12号门前路灯不亮”，提交后您会收到回执号和承诺办结时间。",
    help="请用文字描述您的诉求（可再发送位置和图片）。\n查询进度：发送“查询 回执号”，或只发送“查询”。\n"
    "办结后评价：发送“满意”或“不满意”。",
    registered="您的诉求已登记。\n事项：{service}\n回执号：{receipt}\n承诺在 {date} 前办结。\n"
    "可继续发送位置或图片；发送“查询 {receipt}”查询进度。",
    registered_without_date="您的诉求已登记。\n事项：{service}\n回执号：{receipt}\n"
    "可继续发送位置或图片；发送“查询 {receipt}”查询进度。",
    kept="您的诉求已收到，系统繁忙，稍后完成登记，无需重复发送。稍后发送“查询”可查看回执号。",
    busy="系统繁忙，请稍后再试。",
    not_taken="这条消息未能登记：{reason}",
    standing="回执号：{receipt}\n事项：{service}\n状态：{state}",
    promised="承诺办结时间：{date}",
    outcome="办理结果：{outcome}",
    no_such_number="没有这个回执号，请核对后重新发送。",
    no_request="没有查到您的诉求。请直接用文字描述您的诉求。",
    too_many="查询过于频繁，请一分钟后再试。",
    nothing_to_rate="您目前没有已办结、可评价的诉求。",
    thanks="感谢您的评价（{receipt}：满意）。",
    sorry="已记录您的评价（{receipt}：不满意）。如问题未解决，可要求重新办理：{link}",
    place_added="位置已补充到 {receipt}。",
    picture_added="图片已补充到 {receipt}。",
    first_in_words="请先用文字描述您的诉求，再发送位置或图片。",
)
_EN = Texts(
    greeting="Welcome. Say in your own words what is needed, for instance: the street light in front of 12"
    " Happiness Road is out. You will get a receipt number and the date that is promised.",
    help="Say in words what is needed; a place and pictures may follow.\nTo see how it stands: status NUMBER,"
    " or only status.\nOnce it is done: satisfied, or not satisfied.",
    registered="Your request is registered.\nAbout: {service}\nReceipt number: {receipt}\nPromised by {date}."
    "\nA place or pictures may follow; status {receipt} says how it stands.",
    registered_without_date="Your request is registered.\nAbout: {service}\nReceipt number: {receipt}"
    "\nA place or pictures may follow; status {receipt} says how it stands.",
    kept="Your request has arrived and will be registered in a while; there is no need to send it again. Send"
    " status later to see its receipt number.",
    busy="This cannot be answered now; please try again later.",
    not_taken="This message was not registered: {reason}",
    standing="Receipt number: {receipt}\nAbout: {service}\nState: {state}",
    promised="Promised by {date}",
    outcome="Outcome: {outcome}",
    no_such_number="There is no such receipt number; please look at it again.",
    no_request="No request of yours was found. Say in your own words what is needed.",
    too_many="Too many look-ups; please try again in a minute.",
    nothing_to_rate="You have no request that is done and could be rated.",
    thanks="Thank you ({receipt}: satisfied).",
    sorry="Your answer is recorded ({receipt}: not satisfied). If it is not solved, have it reopened: {link}",
    place_added="The place was added to {receipt}.",
    picture_added="The picture was added to {receipt}.",
    first_in_words="Please say first in words what is needed, then send a place or pictures.",
)
TEXTS: dict[LanguageCode, Texts] = {"zh": _ZH, "en": _EN}

#: What people write to have it done, in either language, without what stands around it.
HELP = frozenset({"帮助", "你好", "您好", "在吗", "help", "hello", "hi", "?", "？"})
SATISFIED = frozenset({"满意", "satisfied"})
UNSATISFIED = frozenset({"不满意", "not satisfied", "unsatisfied"})
