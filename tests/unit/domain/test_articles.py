"""The text of an article: marks, headings, pictures and the clean HTML they become."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import desktop
from desktop.domain import copy_check
from desktop.domain.article_posts import ArticleContext, check_article
from desktop.domain.articles import (
    ArticleDetails,
    Way,
    details_of,
    html_of,
    marked,
    marked_text,
    parts_of,
    plain_text,
    runs_of,
)
from desktop.domain.content import MediaRef
from desktop.domain.posts import Channel, PostDraft, rewritten

LINES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30)
RULES = Path(desktop.__file__).parent.parent / "resources" / "rules" / "copy_words.json"
WORDS = copy_check.parse(json.loads(RULES.read_text(encoding="utf-8")))
COVER = MediaRef("a" * 64, "封面.png", "image/png", 900)


def test_headings_bold_words_and_pictures_become_clean_html() -> None:
    parts = parts_of("## 怎么选 <b>\n先看**甜度 & 产地**，\n再看价\n[图片 1]\n完")
    assert [kind for kind, _ in parts] == ["heading", "text", "picture", "text"]
    html = html_of(parts, ["cover", 'https://mmbiz.qpic.cn/"1'])
    assert "怎么选 &lt;b&gt;</h3>" in html
    assert "先看<strong>甜度 &amp; 产地</strong>，</p>" in html
    assert 'src="https://mmbiz.qpic.cn/&quot;1"' in html


@given(LINES, st.booleans())
@settings(max_examples=60)
def test_letters_are_read_back_as_written(letters: str, is_bold: bool) -> None:
    told = marked(letters, is_bold=is_bold, begins_line=True)
    assert "".join(piece for piece, _ in runs_of(told)) == letters


@given(LINES)
@settings(max_examples=60)
def test_a_plain_line_is_never_taken_for_a_mark(line: str) -> None:
    parts = parts_of(marked_text(line))
    assert all(kind == "text" for kind, _ in parts)
    assert plain_text(marked_text(line)) == (line if line.strip() else "")


def test_a_message_becomes_an_article_and_back() -> None:
    message = PostDraft(title="上新", body="* 今晚 8 点 *\n# 不是标题", media=(COVER,))
    article = rewritten(message, Channel.ARTICLE, "oa")
    assert article.article.cover == COVER
    assert ("picture", 1) in parts_of(article.body)
    back = rewritten(article, Channel.MASS_SEND, "wecom")
    assert (back.body, back.media, back.account_uid) == (message.body, (COVER,), "wecom")


def test_details_are_kept_as_they_are() -> None:
    details = ArticleDetails("摘要", "掌柜", "https://shop.example", COVER, True, Way.MASS_SEND, "101")
    assert details_of(details.as_json()) == details
    assert details_of({}) == ArticleDetails()


@pytest.mark.parametrize(
    ("draft", "code", "field"),
    [
        (PostDraft(), "article_no_title", "title"),
        (PostDraft(title="字" * 33), "article_title", "title"),
        (PostDraft(title="好"), "article_no_cover", "cover"),
        (PostDraft(title="好", body="[图片 1]"), "article_picture_gone", "article"),
        (PostDraft(title="好", body="全网**第一**"), "copy_absolute", "article"),
    ],
)
def test_what_stands_against_an_article(draft: PostDraft, code: str, field: str) -> None:
    found = check_article(draft, ArticleContext(0, WORDS))
    assert (code, field) in [(problem.code, problem.field) for problem in found]


def test_a_full_month_is_told_and_an_empty_tag_stops() -> None:
    draft = PostDraft(
        title="好", body="好", article=ArticleDetails(cover=COVER, way=Way.MASS_SEND, tag="9")
    )
    full = check_article(draft, ArticleContext(0, WORDS, followers=8, sent_this_month=4, monthly_most=4))
    assert [(problem.code, problem.severity.value) for problem in full] == [
        ("article_month_full", "warning")
    ]
    empty = check_article(draft, ArticleContext(0, WORDS, followers=0, monthly_most=4))
    assert [problem.code for problem in empty] == ["article_nobody"]
