"""What a reply may be: the quick reader takes no more than the slow one, and finds the same values."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desktop.platforms import strict_json
from desktop.platforms.strict_json import DoubtfulJsonError, parse

TEXT = st.text(alphabet='ab:"\\[]{},小\u0000\ud83d😀 \n', max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def no_name_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("twice")
    return dict(pairs)


@settings(max_examples=150, deadline=None)
@given(value=VALUES, is_ascii=st.booleans(), gap=st.sampled_from([None, 0, 2]))
def test_values_come_as_they_were_written(value: object, is_ascii: bool, gap: int | None) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=gap)
    body = text.encode("utf-8", "surrogatepass")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        with pytest.raises(DoubtfulJsonError):
            parse(body)
    else:
        assert parse(body) == value


@settings(max_examples=150, deadline=None)
@given(
    names=st.lists(TEXT, min_size=2, max_size=4), is_ascii=st.booleans(), blank=st.sampled_from(["", " "])
)
@example(names=["a", "a"], is_ascii=True, blank=" ")
@example(names=["a:", "a:"], is_ascii=True, blank="")
def test_a_name_given_twice_is_always_found(names: list[str], is_ascii: bool, blank: str) -> None:
    told = ",".join(f'{json.dumps(name, ensure_ascii=is_ascii)}{blank}:{{":":"::"}}' for name in names)
    body = f'{{"rows":[{{{told}}}]}}'.encode("utf-8", "replace")
    try:
        expected = json.loads(body, object_pairs_hook=no_name_twice)
    except ValueError:
        with pytest.raises(DoubtfulJsonError):
            parse(body)
    else:
        assert parse(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":"x\\u003a","a":2}',
        b'{"a":{"b":"\\u003A\\u003a"},"a":":::"}',
        b"NaN",
        b"[Infinity]",
        b'"\xff"',
        b'{"a":1}x',
        b'{"a":1',
        b"",
        b"9" * 5000,
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000,
    ],
)
def test_what_is_doubtful_is_refused(body: bytes) -> None:
    with pytest.raises(DoubtfulJsonError):
        parse(body)


@pytest.mark.parametrize("within", ["]", "}", '"]', "\\]", '\\"]', "]]]]", '":"', "[]"])
def test_brackets_in_strings_do_not_hide_how_deep_it_goes(within: str) -> None:
    """65 levels, each with a string that could be taken for their end."""
    opening = "".join(f"[{json.dumps(within)}," for _ in range(65))
    closing = "".join(f",{json.dumps('[' * within.count(']'))}]" for _ in range(65))
    with pytest.raises(DoubtfulJsonError):
        parse(f"{opening}1{closing}".encode())
    assert parse(f"{opening[len(opening) // 65 :]}1{closing[len(closing) // 65 :]}".encode())


def test_odd_texts_and_numbers_come_whole() -> None:
    body = b'{"id":73012345678901234567890,"half":"\\ud83d x","quote":"a\\"[b","colon":"\\u003a"}'
    assert parse(body) == {
        "id": 73012345678901234567890,
        "half": "\ud83d x",
        "quote": 'a"[b',
        "colon": ":",
    }


@settings(max_examples=200, deadline=None)
@given(value=st.text(alphabet="ab \t\n\u0000\ud83d\u3000小😀\u200d\u202e", max_size=8))
def test_texts_can_be_kept_by_any_database(value: str) -> None:
    plain = strict_json.text(value)
    assert plain == value.replace("\x00", "").strip().encode("utf-8", "replace").decode()
    assert strict_json.text("长" * 70_000) == "长" * strict_json.MAX_TEXT
