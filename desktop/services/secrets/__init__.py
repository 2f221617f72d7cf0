"""Where secrets are kept: the system's keyring, the kernel's, or this run's memory. Never a file."""

from desktop.services.secrets.chosen import ChosenSecretStore, open_secret_store
from desktop.services.secrets.kernel import LinuxKernelSecretStore
from desktop.services.secrets.memory import MemorySecretStore
from desktop.services.secrets.ports import SecretStore
from desktop.services.secrets.system import KeyringSecretStore

__all__ = [
    "ChosenSecretStore",
    "KeyringSecretStore",
    "LinuxKernelSecretStore",
    "MemorySecretStore",
    "SecretStore",
    "open_secret_store",
]
