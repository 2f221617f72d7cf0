"""What the control endpoint can ask of the account: switches, what was sent, a look at the world, acts."""

import dataclasses
from collections.abc import Callable
from typing import Any

from desktop.sandbox import switches
from desktop.sandbox.wechat import acts, drafts, life, material, press
from desktop.sandbox.wechat.account import Account
from desktop.sandbox.wechat.acts import follower_number
from desktop.sandbox.wechat.custom import Counter
from desktop.sandbox.wechat.drafts import DraftBox
from desktop.sandbox.wechat.mass_rules import Mass, MassBook
from desktop.sandbox.wechat.notices import notices
from desktop.sandbox.wechat.press import Press, Publication
from desktop.sandbox.wechat.publish import Job, Jobs, state_of

Doc = dict[str, Any]
AccountAct = Callable[[Account, Doc], Doc]
ACTS: dict[str, AccountAct] = acts.ACTS


def begin(account: Account) -> None:
    """What lies in a new account from the beginning."""
    for area in (material, drafts, press):
        area.begin(account)


def describe(account: Account) -> Doc:
    """Sizes and kind of the account."""
    return {
        "appid": account.appid,
        "followers": account.followers.total(),
        "ever_followed": account.followers.count,
        "account_type": account.settings.account_type,
        "certification": account.settings.certification,
    }


def settings(account: Account, doc: Doc) -> Doc:
    """Turn switches; returns all of them."""
    held = account.settings
    had_life = held.life_per_day
    turned = switches.turn(held, doc)
    if held.life_per_day != had_life:
        life.begin(account)
    return turned


def sent_everything(account: Account, doc: Doc) -> Doc:
    """Mass messages, previews, publishes and single messages that exist."""
    return {
        "mass": [_mass_doc(row) for row in account.shelf(MassBook).rows],
        "previews": account.shelf(MassBook).previews,
        "publishes": [_job_doc(job) for job in account.shelf(Jobs).rows],
        "single": account.shelf(Counter).sent,
        "notices": notices(account).sent,
        "drafts": [
            {"media_id": row.media_id, "titles": [article["title"] for article in row.articles]}
            for row in account.shelf(DraftBox).rows.values()
        ],
    }


def _mass_doc(row: Mass) -> Doc:
    return {
        "msg_id": row.msg_id,
        "msg_data_id": row.msg_data_id,
        "at": row.at,
        "audience": row.audience,
        "targets": None if row.numbers is None else len(row.numbers),
        "msgtype": row.msgtype,
        "media_id": row.media_id,
        "clientmsgid": row.key,
        "status": row.status,
        "waits_for_admin": row.waits_for_admin,
        "sent_count": row.sent_count,
        "received": row.received,
    }


def _job_doc(job: Job) -> Doc:
    return {
        "publish_id": job.publish_id,
        "msg_data_id": job.msg_data_id,
        "media_id": job.media_id,
        "at": job.at,
        "status": state_of(job),
        "article_id": job.publication.article_id if job.publication else None,
    }


def look(account: Account, doc: Doc) -> Doc:
    """One follower by `index` or `openid`; or the sizes, the tags and what was published."""
    if "index" in doc or "openid" in doc:
        number = follower_number(account, doc)
        return {
            "index": number,
            "openid": account.followers.openid(number),
            "unionid": account.followers.unionid(number),
            "follower": dataclasses.asdict(account.followers.get(number)),
        }
    return {
        "followers": account.followers.total(),
        "ever_followed": account.followers.count,
        "tags": {str(ident): name for ident, name in account.followers.tag_names.items()},
        "publications": [_publication_doc(row) for row in account.shelf(Press).rows],
    }


def _publication_doc(row: Publication) -> Doc:
    return {
        "msg_data_id": row.msg_data_id,
        "notified": row.notified,
        "article_id": row.article_id,
        "at": row.at,
        "titles": [article["title"] for article in row.articles],
        "comments": [len(talk.rows) for talk in row.talks],
        "comments_open": [talk.is_open for talk in row.talks],
        "deleted": sorted(row.deleted),
    }


def play(account: Account, doc: Doc) -> Doc:
    """Do one of ACTS, or several."""
    return switches.play(ACTS, account, doc)


ROUTES: dict[tuple[str, str], AccountAct] = {
    ("GET", "/settings"): lambda account, doc: settings(account, {}),
    ("POST", "/settings"): settings,
    ("GET", "/sent"): sent_everything,
    ("GET", "/world"): look,
    ("POST", "/world"): play,
    ("GET", "/acts"): lambda account, doc: switches.named(ACTS),
}
