"""The WeChat public account (微信公众号) as a channel: what people write there, and what they are told.

    account.py       what is configured: the account's secrets, which words mean which service
    wire.py          signatures, encryption, and messages as XML, by wechatpy
    asking.py        messages made into request events
    texts.py         what is said to people, Chinese and English
    conversation.py  what is answered to each message
    waiting.py       what the log could not take in time, kept until it can
    callback.py      HTTP: the address that is entered at WeChat
    part.py          all of it, put together for a server
    telling.py       people told of what became of their requests, by WeChat's own interface

May import: livelihood, web, the rest of producers. docs/wechat.md explains it to those who use it.
"""
