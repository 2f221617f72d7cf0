"""Nicknames as they really are: Chinese, Latin, emoji, rare characters and a few hostile ones."""

from desktop.sandbox.chance import word


def _words(text: str) -> list[str]:
    return text.split()


FIRST = _words(
    "小鱼 阿花 大白 芒果 糯米 橘子 豆豆 团子 木木 晓雯 月亮 奶茶 花卷 七七 栗子 麦芽 星河 南风 "
    "可乐 布丁 南瓜 葡萄 山楂 松子 桃桃 柚子 石榴 果冻 年糕 汤圆 丸子 核桃"
)
SECOND = _words(
    "妈妈 爱吃零食 不加班 在路上 要早睡 喵 同学 姐姐 小铺 的夏天 不吃辣 今天也开心 与猫 爸比 来了 "
    "慢慢来 吃不胖 er 酱 家的小院 本人 打工人 一号 的日常 晒太阳"
)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹"
GIVEN = _words(
    "秀英 敏 静 丽 强 磊 洋 艳 勇 军 杰 娟 涛 超 明 霞 平 刚 桂英 文博 子涵 雨桐 梓萱 浩然 欣怡 "
    "一诺 宇轩 思远 佳琪 嘉豪 雪梅 建国"
)
LATIN = _words(
    "Lily momo Kevin. Amy_Z Sunny Cherry Jason Coco Mr.Right Daisy JoJo Nana Eric Echo Vivian "
    "Lucky Zoe Leo sixsix Anna"
)
EMOJI = ("🌸", "🍉", "🐱", "✨", "🌈", "🍑", "🐻‍❄️", "🌻", "🥤", "👩‍👧", "🧋", "🍓", "🏃‍♀️", "☁️", "🇨🇳")
RARE = ("𠮷", "㛃", "鱻", "龘", "犇犇", "𬌗子", "堃", "彧", "翀", "禤", "䶮", "喆")
SHOPKEEPERS = (
    "A00批发小王",
    "AAA顺丰快递",
    "0大米粮油老李",
    "保洁张姐(上午)",
    "房产-小陈",
    "快团团团长琳琳",
)
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<b>加粗</b>&amp;<a href='https://example.invalid'>点我</a>",
    "\u202eetavirp\u202c 反写",
    "零\u200b宽\u200d字\ufeff符",
    '=HYPERLINK("https://example.invalid","领券")',
    "{昵称}{0.__class__}%s${x}",
    "'; DROP TABLE fan; --",
    "A&B 店 [*]",
    "z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309algo",
    "\u3164",
    "@所有人 ，\t退订回T",
    "\ue000\ue001私用区",
    "很" * 120,
)
EMPTY_AVATAR_SHARE = 9  # of 100


def nickname(bits: bytes) -> str:
    """A nickname from 64 drawn bytes (uses bytes 0..9)."""
    share = word(bits, 0) % 1000
    one, two, three = word(bits, 2), word(bits, 4), word(bits, 6)
    if share < 480:
        return FIRST[one % len(FIRST)] + SECOND[two % len(SECOND)]
    if share < 680:
        return SURNAMES[one % len(SURNAMES)] + GIVEN[two % len(GIVEN)]
    if share < 780:
        return LATIN[one % len(LATIN)]
    if share < 890:
        return (
            EMOJI[three % len(EMOJI)]
            + FIRST[one % len(FIRST)]
            + (EMOJI[two % len(EMOJI)] if one & 1 else "")
        )
    if share < 930:
        return FIRST[one % len(FIRST)]
    if share < 955:
        return RARE[one % len(RARE)] + (GIVEN[two % len(GIVEN)] if two & 1 else "")
    if share < 980:
        return SHOPKEEPERS[one % len(SHOPKEEPERS)]
    return HOSTILE[one % len(HOSTILE)]


def real_name(bits: bytes, at: int) -> str:
    """A plain Chinese personal name from two drawn words."""
    return SURNAMES[word(bits, at) % len(SURNAMES)] + GIVEN[word(bits, at + 2) % len(GIVEN)]
