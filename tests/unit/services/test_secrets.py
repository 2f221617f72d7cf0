"""Places for secrets: what is accepted, what a locked one does, and the kernel's own where there is one."""

import asyncio
import secrets as entropy
import threading

import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from desktop.services.secrets import (
    ChosenSecretStore,
    KeyringSecretStore,
    LinuxKernelSecretStore,
    MemorySecretStore,
    kernel,
    open_secret_store,
    system,
)
from desktop.services.secrets.ports import SecretStoreError
from tests.fakes import MemoryKeyring

CANARY = '{"corpsecret": "canary-密钥"}'


class PlainTextKeyring(KeyringBackend):
    """Looks like the add-ons that keep secrets in a file."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("must not be asked")

    set_password = delete_password = get_password


PlainTextKeyring.__module__ = "keyrings.alt.file"


async def keeps_and_forgets(store, name: str) -> None:
    assert await store.get(name) is None
    await store.put(name, CANARY)
    await store.put(name, CANARY + " ")
    assert await store.get(name) == CANARY + " "
    assert CANARY not in repr(store)
    await store.delete(name)
    await store.delete(name)
    assert await store.get(name) is None
    with pytest.raises(SecretStoreError):
        await store.put(name, "x" * 1201)


async def test_memory_keeps_for_this_run() -> None:
    store = MemorySecretStore()
    await keeps_and_forgets(store, "a")
    assert await store.kind() == "memory"


async def test_the_systems_keyring_is_taken_first(memory_keyring: MemoryKeyring) -> None:
    store = await open_secret_store()
    assert await store.kind() == "keyring"
    await keeps_and_forgets(store, "a")
    await store.put("b", CANARY)
    assert memory_keyring.secrets == {("Fankeeper", "b"): CANARY}


@pytest.mark.parametrize(
    "backend",
    [keyring.backends.fail.Keyring(), keyring.backends.null.Keyring(), PlainTextKeyring()],
    ids=["fail", "null", "plain text"],
)
async def test_what_keeps_nothing_or_in_a_file_is_refused(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)
    assert await KeyringSecretStore.opened() is None


def test_a_chain_is_only_as_good_as_its_links(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = keyring.backends.chainer.ChainerBackend()
    for links, verdict in (([], False), ([MemoryKeyring(), PlainTextKeyring()], False)):
        monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", links)
        assert system.is_accepted(chain) is verdict
    monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", [MemoryKeyring()])
    assert system.is_accepted(chain)


async def test_a_locked_keyring_is_told() -> None:
    class Locked(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise KeyringLocked

    keyring.set_keyring(Locked())
    assert await KeyringSecretStore.opened() is None
    with pytest.raises(SecretStoreError) as caught:
        await KeyringSecretStore(Locked()).get("a")
    assert caught.value.params["detail"] == "KeyringLocked"


async def test_a_keyring_that_never_answers_does_not_stop_the_program() -> None:
    answered = threading.Event()

    class Silent(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            answered.wait(20)
            return None

    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(SecretStoreError) as caught:
        await KeyringSecretStore(Silent(), deadline_s=0.1).get("a")
    assert caught.value.code == "secret_store_silent"
    assert loop.time() - began < 2
    answered.set()


async def test_the_kernels_keyring_or_the_word_that_there_is_none() -> None:
    store = LinuxKernelSecretStore()
    if await LinuxKernelSecretStore.is_available():
        name = f"test-{entropy.token_hex(8)}"
        await keeps_and_forgets(store, name)
        return
    with pytest.raises(SecretStoreError):
        await store.put("test", CANARY)


async def test_without_any_keyring_it_is_this_run_only(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    monkeypatch.setattr(kernel.platform, "machine", lambda: "riscv64")
    chosen = ChosenSecretStore()
    assert await chosen.kind() == "memory"
    await keeps_and_forgets(chosen, "a")


async def test_a_kernel_that_refuses_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    monkeypatch.setitem(kernel.SYSCALLS, kernel.platform.machine(), (99_998, 99_999))
    assert await (await open_secret_store()).kind() == "memory"
