"""Every channel a post can go out through. Adding one is a module beside this one and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.posts import Channel
from desktop.services.channels.article import ArticleWay
from desktop.services.channels.mass_send import MassSend
from desktop.services.channels.moment import Moment
from desktop.services.channels.picture_post import PicturePost
from desktop.services.channels.way import Way

WAYS: Mapping[Channel, Way] = {
    Channel.MASS_SEND: MassSend(),
    Channel.MOMENT: Moment(),
    Channel.ARTICLE: ArticleWay(),
    Channel.PICTURE_POST: PicturePost(),
}
