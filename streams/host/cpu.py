"""The CPU of this machine, and the precision in which it computes fast."""

import os
from dataclasses import dataclass
from pathlib import Path

_FAST_BFLOAT16 = {"GenuineIntel": "amx_bf16", "AuthenticAMD": "avx512_bf16"}
"""By vendor: the flag of CPUs whose bfloat16 is faster than float32 (docs/decisions/0006, 0010)."""


@dataclass(frozen=True, slots=True)
class Cpu:
    """Model name, cores this process may use, instruction set flags and vendor."""

    name: str
    cores: tuple[int, ...]
    flags: frozenset[str]
    maker: str = ""

    @property
    def dtype(self) -> str:
        """The fast precision, as vLLM names it."""
        return "bfloat16" if _FAST_BFLOAT16.get(self.maker) in self.flags else "float32"

    @property
    def vectors(self) -> str:
        """The widest vector instructions, for people who compare times."""
        wide = "AVX-512" if "avx512f" in self.flags else "AVX2" if "avx2" in self.flags else "plain"
        return f"{wide} with AMX" if "amx_bf16" in self.flags else wide


def read_cpu(cpuinfo: Path = Path("/proc/cpuinfo")) -> Cpu:
    """Return the CPU of this machine."""
    lines = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    parts = (line.partition(":") for line in lines)
    fields = {key.strip(): value.strip() for key, _, value in parts}
    return Cpu(
        name=fields.get("model name", "unknown processor"),
        cores=tuple(sorted(os.sched_getaffinity(0))),
        flags=frozenset(fields.get("flags", "").split()),
        maker=fields.get("vendor_id", ""),
    )
