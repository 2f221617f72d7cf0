"""AES-256 in CBC mode with PKCS7, encrypting only: a few lines instead of a library."""

import base64


def _boxes() -> list[int]:
    box = [0x63] * 256
    p = q = 1
    while True:
        p = (p ^ p << 1 ^ (0x1B if p & 0x80 else 0)) & 0xFF
        q ^= q << 1 & 0xFF
        q ^= q << 2 & 0xFF
        q ^= q << 4 & 0xFF
        q ^= 0x09 if q & 0x80 else 0
        turned = [q << n & 0xFF | q >> (8 - n) for n in range(1, 5)]
        box[p] = q ^ turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ 0x63
        if p == 1:
            return box


_BOX = _boxes()


def _double(value: int) -> int:
    return (value << 1 ^ (0x1B if value & 0x80 else 0)) & 0xFF


def _schedule(key: bytes) -> list[bytes]:
    words = [key[at : at + 4] for at in range(0, 32, 4)]
    constant = 1
    for at in range(8, 60):
        word = words[-1]
        if at % 8 == 0:
            word = bytes(_BOX[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        elif at % 8 == 4:
            word = bytes(_BOX[b] for b in word)
        words.append(bytes(a ^ b for a, b in zip(words[at - 8], word, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, 60, 4)]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _mix(block: bytes) -> bytes:
    mixed = bytearray()
    for at in range(0, 16, 4):
        column = block[at : at + 4]
        whole = column[0] ^ column[1] ^ column[2] ^ column[3]
        mixed += bytes(column[n] ^ whole ^ _double(column[n] ^ column[(n + 1) % 4]) for n in range(4))
    return bytes(mixed)


def _block(keys: list[bytes], block: bytes) -> bytes:
    state = _xor(block, keys[0])
    for number, key in enumerate(keys[1:], 1):
        state = bytes(_BOX[state[(at + 4 * (at % 4)) % 16]] for at in range(16))
        state = _xor(state if number == 14 else _mix(state), key)
    return state


def cbc_base64(key: bytes, vector: bytes, text: bytes) -> str:
    """Encrypt with a 32-byte key and a 16-byte vector; Base64 of the ciphertext."""
    pad = 16 - len(text) % 16
    text += bytes([pad]) * pad
    keys, sealed = _schedule(key), b""
    for at in range(0, len(text), 16):
        vector = _block(keys, _xor(text[at : at + 16], vector))
        sealed += vector
    return base64.b64encode(sealed).decode()
