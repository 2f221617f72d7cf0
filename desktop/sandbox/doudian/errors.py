"""Codes of the shop's gateway, each with its sub code and a plausible text."""

BY_SUB: dict[str, tuple[int, str]] = {
    "isv.business-part-failed": (10001, "部分失败"),
    "dop.service-error": (20000, "服务不可用"),
    "isp.service-error": (20000, "服务不可用"),
    "dop.no-permissions": (30001, "权限不足"),
    "isv.app-permissions-insufficient": (30001, "应用权限不足"),
    "dop.authorization-no-existed": (30001, "授权不存在"),
    "dop.app-forbidden": (30001, "应用被封禁"),
    "dop.authorization-closed": (30001, "授权已关闭"),
    "isv.invalid_ip": (30002, "IP不在白名单"),
    "isv.parameter-missing": (40001, "缺少参数"),
    "isv.signature-missing": (40002, "缺少签名"),
    "isv.app-id-missing": (40002, "缺少app_key"),
    "isv.access-token-missing": (40002, "缺少access_token"),
    "isv.parameter-invalid": (40003, "参数不合法"),
    "isv.parameter-format-invalid": (40003, "参数格式错误"),
    "isv.signature-invalid": (40003, "签名错误"),
    "isv.access-token-expired": (40003, "access_token已过期"),
    "isv.access-token-no-existed": (40003, "access_token不存在"),
}


class Refusal(Exception):
    """The gateway says no, by its sub code."""

    def __init__(self, sub_code: str, text: str = "") -> None:
        super().__init__(sub_code)
        self.sub_code = sub_code
        self.code, known = BY_SUB[sub_code]
        self.text = text or known


def sub_code_of(code: int) -> str:
    """The first sub code with this number, or none."""
    return next((sub for sub, (number, _) in BY_SUB.items() if number == code), "")
