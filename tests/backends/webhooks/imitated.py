"""The process that sends to chats, for which three services are at an address of this machine."""

import os

from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from backends.webhooks import chat_process

AT = os.environ["IMITATED"]
NotifyWeComBot.notify_url = AT + "/cgi-bin/webhook/send?key={key}"
NotifyDingTalk.notify_url = AT + "/robot/send?access_token={token}"
NotifyFeishu.notify_url = AT + "/open-apis/bot/v2/hook/{token}/"

chat_process.main()
