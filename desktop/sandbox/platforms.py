"""Which platforms the sandbox imitates: the one place where a new one is registered."""

from collections.abc import Callable

from desktop.sandbox.calls import Platform
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.doudian.gateway import Doudian
from desktop.sandbox.douyin.gateway import Douyin
from desktop.sandbox.wechat.gateway import WeChat
from desktop.sandbox.wecom.gateway import WeCom
from desktop.sandbox.world.size import WorldSize

PlatformMaker = Callable[[WorldSize, SandboxClock], Platform]

PLATFORMS: tuple[PlatformMaker, ...] = (WeCom, WeChat, Douyin, Doudian)
