"""Product albums and sensitive-word rules: small stores with the platform's limits."""

import re
from dataclasses import dataclass, field
from typing import Any

from desktop.sandbox.wecom.arguments import Arguments
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal
from desktop.sandbox.wecom.media import require_medium

MOST_CENTS = 5_000_000
MOST_RULES = 100
MOST_WORDS = 300
_SERIAL = re.compile(r"[0-9A-Za-z]{1,128}")


@dataclass(slots=True)
class Shelves:
    """Products and rules by id, and which app made each."""

    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def new_id(self, corp: Corp, prefix: str) -> str:
        """A fresh id owned by the calling app."""
        self.made += 1
        ident = corp.chance.ident(prefix, b"album", self.made)
        self.owners[ident] = corp.app
        return ident


def _product_fields(corp: Corp, args: Arguments) -> dict[str, Any]:
    description = args.text("description", missing=41086, max_chars=300, too_long=41086)
    price = args.number("price", missing=41085)
    if not 0 < price <= MOST_CENTS:
        raise Refusal(41085)
    serial = args.optional_text("product_sn")
    if serial and not _SERIAL.fullmatch(serial):
        raise Refusal(41073)
    attachments = args.rows("attachments")
    if not 1 <= len(attachments) <= 9:
        raise Refusal(41087)
    for row in attachments:
        require_medium(corp, Arguments(row).part("image").values.get("media_id"), "image", "album")
    return {"description": description, "price": price, "product_sn": serial, "attachments": attachments}


def add_product(corp: Corp, args: Arguments) -> dict[str, Any]:
    """A new product."""
    fields = _product_fields(corp, args)
    shelf = corp.shelf(Shelves)
    ident = shelf.new_id(corp, "PD")
    shelf.products[ident] = {"product_id": ident, **fields, "create_time": corp.now()}
    return {"product_id": ident}


def _product(corp: Corp, args: Arguments, write: bool = False) -> dict[str, Any]:
    shelf = corp.shelf(Shelves)
    row = shelf.products.get(args.text("product_id", missing=41075))
    if row is None:
        raise Refusal(41075)
    if write and shelf.owners[row["product_id"]] != corp.app:
        raise Refusal(41074)
    return row


def get_product(corp: Corp, args: Arguments) -> dict[str, Any]:
    """One product."""
    return {"product": _product(corp, args)}


def list_products(corp: Corp, args: Arguments) -> dict[str, Any]:
    """All products, without their creation time."""
    rows = list(corp.shelf(Shelves).products.values())
    page, following = corp.page("products", rows, args, args.limit(50, 100))
    shown = [{key: value for key, value in row.items() if key != "create_time"} for row in page]
    return {"product_list": shown, "next_cursor": following}


def update_product(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Overwrite a product."""
    _product(corp, args, write=True).update(_product_fields(corp, args))
    return {}


def delete_product(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Delete a product."""
    del corp.shelf(Shelves).products[_product(corp, args, write=True)["product_id"]]
    return {}


# sensitive words ----------------------------------------------------------------------------------------


def _words(args: Arguments) -> list[str]:
    words = args.texts("word_list", most=MOST_WORDS, too_many=41069)
    if any(not 1 <= len(word) <= 32 for word in words):
        raise Refusal(41083)
    return words


def _rule_head(corp: Corp, args: Arguments, same: str = "") -> tuple[str, int]:
    name = args.text("rule_name", missing=41076, max_chars=20, too_long=41076)
    rules = corp.shelf(Shelves).rules.items()
    if any(row["rule_name"] == name for ident, row in rules if ident != same):
        raise Refusal(41077)
    kind = args.number("intercept_type", missing=41084)
    if kind not in (1, 2):
        raise Refusal(41084)
    return name, kind


def _range(corp: Corp, part: Arguments) -> dict[str, Any]:
    users = [corp.member(userid, unknown=41071).userid for userid in part.texts("user_list")]
    departments = part.values.get("department_list") or []
    return {"user_list": users, "department_list": departments if isinstance(departments, list) else []}


def add_rule(corp: Corp, args: Arguments) -> dict[str, Any]:
    """A new rule; what it catches beside words stands flat in the request."""
    name, kind = _rule_head(corp, args)
    words, scope = _words(args), _range(corp, args.part("applicable_range"))
    if not words:
        raise Refusal(41069)
    if not scope["user_list"] and not scope["department_list"]:
        raise Refusal(41071)
    shelf = corp.shelf(Shelves)
    if len(shelf.rules) >= MOST_RULES:
        raise Refusal(41068)
    ident = str(len(shelf.owners) + 1)
    shelf.owners[ident] = corp.app
    shelf.rules[ident] = {
        "rule_name": name,
        "word_list": words,
        "extra_rule": {"semantics_list": args.values.get("semantics_list") or []},
        "intercept_type": kind,
        "applicable_range": scope,
        "create_time": corp.now(),
    }
    return {"rule_id": ident}


def _rule(corp: Corp, args: Arguments) -> str:
    ident = str(args.values.get("rule_id", ""))  # shown as a number in get, as text elsewhere
    if ident not in corp.shelf(Shelves).rules:
        raise Refusal(41070)
    return ident


def list_rules(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Ids and names of all rules."""
    return {
        "rule_list": [
            {"rule_id": ident, "rule_name": row["rule_name"], "create_time": row["create_time"]}
            for ident, row in corp.shelf(Shelves).rules.items()
        ]
    }


def get_rule(corp: Corp, args: Arguments) -> dict[str, Any]:
    """One rule; its id comes back as a number here."""
    ident = _rule(corp, args)
    row = {key: value for key, value in corp.shelf(Shelves).rules[ident].items() if key != "create_time"}
    return {"rule": {"rule_id": int(ident), **row}}


def update_rule(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Change a rule; what it catches beside words is nested here."""
    ident = _rule(corp, args)
    row = corp.shelf(Shelves).rules[ident]
    filled = Arguments(
        {"rule_name": row["rule_name"], "intercept_type": row["intercept_type"], **args.values}
    )
    name, kind = _rule_head(corp, filled, same=ident)
    words = _words(args)
    added = _range(corp, args.part("add_applicable_range"))
    removed = args.part("remove_applicable_range").texts("user_list")
    extra = args.part("extra_rule").values
    row["rule_name"], row["intercept_type"] = name, kind
    row["word_list"] = words or row["word_list"]
    row["extra_rule"] = extra or row["extra_rule"]
    users = [userid for userid in row["applicable_range"]["user_list"] if userid not in removed]
    row["applicable_range"]["user_list"] = list(dict.fromkeys([*users, *added["user_list"]]))
    return {}


def delete_rule(corp: Corp, args: Arguments) -> dict[str, Any]:
    """Delete a rule."""
    del corp.shelf(Shelves).rules[_rule(corp, args)]
    return {}


_P = "externalcontact/"
ENDPOINTS = (
    Endpoint(_P + "add_product_album", add_product, write=True),
    Endpoint(_P + "get_product_album", get_product),
    Endpoint(_P + "get_product_album_list", list_products, "POST", {"product_list": []}),
    Endpoint(_P + "update_product_album", update_product, write=True),
    Endpoint(_P + "delete_product_album", delete_product, write=True),
    Endpoint(_P + "add_intercept_rule", add_rule, write=True),
    Endpoint(_P + "get_intercept_rule_list", list_rules, "GET", {"rule_list": []}),
    Endpoint(_P + "get_intercept_rule", get_rule),
    Endpoint(_P + "update_intercept_rule", update_rule, write=True),
    Endpoint(_P + "del_intercept_rule", delete_rule, write=True),
)
