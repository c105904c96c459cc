"""The address of a language model: where it listens, what it is called there, and whether that is this machine."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from clinical_nb.errors import ClinicalError

_PATH = "/chat/completions"
_HINT = "Write it as http://127.0.0.1:8080/v1, which llama.cpp's server, Ollama and vLLM have."


@dataclass(frozen=True, slots=True)
class Address:
    """An OpenAI-compatible endpoint: its scheme, host, port and path, and the model's name."""

    scheme: str
    host: str
    port: int
    path: str
    name: str

    @property
    def url(self) -> str:
        """The address as it is written, without the end that all such endpoints share."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path.removesuffix(_PATH)}"

    @property
    def where(self) -> str:
        """The address in words: "'smollm2' at http://127.0.0.1:8080/v1, on this machine"."""
        return f"'{self.name}' at {self.url}, {'on this machine' if self.is_here else 'OUTSIDE of this machine'}"

    @property
    def is_here(self) -> bool:
        """Whether what is sent there does not leave this machine: a loopback address, or the name of one."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def address_of(url: str, name: str) -> Address:
    """Return the address that a URL says, of the model of that name.

    Raises
    ------
    ClinicalError
        When it is no URL of http or https, or holds a password or a query.

    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise ClinicalError(f"'{url}' is no address of a language model.", _HINT) from error
    if problem := _problem_of(parts):
        raise ClinicalError(f"The address of a language model {problem}.", _HINT)
    if not name.strip() or not name.isprintable():
        raise ClinicalError("The language model's name is missing.", "Write it behind the address.")
    path = parts.path.rstrip("/") or "/v1"
    path = path if path.endswith(_PATH) else path + _PATH
    default = 443 if parts.scheme == "https" else 80
    return Address(parts.scheme, (parts.hostname or "").lower(), port or default, path, name.strip())


def _problem_of(parts: SplitResult) -> str:
    if parts.scheme not in ("http", "https"):
        return "begins with http:// or https://"
    if not parts.hostname or not parts.netloc.isascii() or any(letter.isspace() for letter in parts.netloc):
        return "needs a host"
    if parts.username is not None or parts.password is not None:
        return "holds no password: a key is read from CLINICAL_NB_MODEL_KEY"
    if parts.query or parts.fragment or not parts.path.isascii() or any(each <= " " for each in parts.path):
        return "ends with its path"
    return ""
