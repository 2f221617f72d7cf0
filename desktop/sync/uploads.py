"""Pictures at the platform: uploaded before a send, remembered while their media id lives."""

from __future__ import annotations

from desktop.domain.clock import Clock
from desktop.domain.errors import AppError, NotFoundError, StoreError
from desktop.domain.outbox import Evidence, Finding, Retry, finding_of
from desktop.domain.write_kinds.kind import MediaUse
from desktop.domain.writes import KINDS, Picture, Write
from desktop.platforms.ports import PerformsWrites, UploadsMedia
from desktop.store.posts.media import MediaFolder, image_kind
from desktop.sync.ports import AccountRef

MEDIA_LIFE_MS = 3 * 86_400_000 - 3_600_000  # a media id lives three days; an hour is kept spare


class Uploads:
    """Media ids by account, use and picture, in memory only: uploading again harms nobody."""

    def __init__(self, clock: Clock, media: MediaFolder) -> None:
        self._clock = clock
        self._media = media
        self._known: dict[tuple[int, MediaUse, str], tuple[str, int]] = {}

    async def media_ids(
        self, account: AccountRef, adapter: PerformsWrites, write: Write
    ) -> tuple[str, ...] | Finding:
        """Media ids of a write's pictures in order, or why there are none."""
        if not write.pictures:
            return ()
        if not isinstance(adapter, UploadsMedia):
            return Finding(Evidence.NOT_EXECUTED, "pictures_unsupported", Retry.NEVER)
        media_ids = []
        for picture in write.pictures:
            use = _use(write, picture)
            key, now = (account.id, use, picture.sha256), self._clock.now_ms()
            media_id, until = self._known.get(key, ("", 0))
            if not media_id or now >= until:
                try:
                    content = self._media.content(picture.sha256)
                    name = picture.file_name or picture.sha256[:12]
                    mime = image_kind(content) or "image/jpeg"
                    media_id = await adapter.upload_image(content, name, mime, use)
                except NotFoundError as error:
                    return Finding(Evidence.NOT_EXECUTED, error.code, Retry.NEVER)
                except StoreError:  # our own disk, not the platform
                    raise
                except AppError as error:
                    return finding_of(error)
                self._known[key] = (media_id, now + MEDIA_LIFE_MS)
            media_ids.append(media_id)
        return tuple(media_ids)

    def forget(self, account: AccountRef, write: Write) -> None:
        """The platform does not know these ids any more."""
        for picture in write.pictures:
            self._known.pop((account.id, _use(write, picture), picture.sha256), None)


def _use(write: Write, picture: Picture) -> MediaUse:
    return MediaUse.COVER if picture.kind == "cover" else KINDS[write.kind].media_use
