"""How every channel looks in the editor. Adding one is a module beside this one and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.posts import Channel
from desktop.views.posts.faces.article import ArticleFace
from desktop.views.posts.faces.face import Face
from desktop.views.posts.faces.moment import MomentFace
from desktop.views.posts.faces.picture_post import PicturePostFace

FACES: Mapping[Channel, Face] = {
    Channel.MASS_SEND: Face(),
    Channel.MOMENT: MomentFace(),
    Channel.ARTICLE: ArticleFace(),
    Channel.PICTURE_POST: PicturePostFace(),
}
