"""Hashing: what one password costs on this machine, and what it could cost."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.values import Client, Password
from offbrand.entrypoints.cli.checks.finding import State, bad, ok, warning
from offbrand.settings import HASH_FLOORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient
    from offbrand.settings import Settings

_MIB = 1024  # KiB
_TIMES = 3
_OURS = 0.5  # of the machine's memory, for hashing at the most
_PASSES_MAX = 10
_PATIENCE = 1.0  # seconds after which those who wait are told that we are busy (law L7)
_SLACK = 1.5  # how far from the target is still near
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_ANY = Password("any password takes as long")


def look(patient: Patient) -> Iterator[Finding]:
    """Measure, and compare with the floor, the target and the machine's memory."""
    settings, target = patient.settings, patient.target.total_seconds()
    seconds = measured(settings)
    yield from _memory(settings)
    finding = judged(settings, seconds, target)
    if target / _SLACK <= seconds <= target * _SLACK and finding.state is State.OK:
        yield finding
        return
    better = suggested(settings, seconds, target, machine_memory_kib())
    advice = (
        f"For about {_ms(target)}: OFFBRAND_HASH_MEMORY_KIB={better.hash_memory_kib} "
        f"OFFBRAND_HASH_PASSES={better.hash_passes}, which takes {_ms(measured(better))} here."
    )
    yield attrs.evolve(finding, advice=advice)


def judged(settings: Settings, seconds: float, target: float) -> Finding:
    """Return what to say of parameters with which one password takes *seconds*."""
    cost = f"{settings.hash_memory_kib} KiB, {settings.hash_passes} passes, {settings.hash_lanes} lanes"
    took = f"One password takes {_ms(seconds)}"
    if not settings.is_hash_dear_enough:
        # Production does not even start with these.
        return warning(f"{took}, but this is below what production needs: {cost}.", "")
    if seconds > max(_PATIENCE, target):
        return warning(f"{took}, and visitors wait for a second at most: {cost}.", "")
    return ok(f"{took}: {cost}.")


def measured(settings: Settings) -> float:
    """Return how many seconds one password takes, when nobody else is hashing."""
    from offbrand.bootstrap import hasher  # noqa: PLC0415 - help needs no adapter

    times = []
    with hasher(settings).admit(Client()) as place:
        for _ in range(_TIMES):
            began = time.perf_counter()
            place.matches(_ANY, None)
            times.append(time.perf_counter() - began)
            if times[-1] > _PATIENCE:
                break
    return min(times)


def suggested(settings: Settings, seconds: float, target: float, memory_kib: int) -> Settings:
    """
    Return the settings with parameters that should take *target*, for a machine on which today's take *seconds*.

    Time grows with memory and with passes. As much memory as there is comes first, because it costs an attacker most
    (RFC 9106, section 4); parameters never fall below what OWASP ASVS asks for.
    """
    unit = seconds / (settings.hash_memory_kib * settings.hash_passes)
    most = int(memory_kib * _OURS / settings.hash_slots)
    passes, memory = min(HASH_FLOORS, key=lambda floor: floor[0] * floor[1])
    for steps, floor in sorted(HASH_FLOORS, key=lambda floor: -floor[1]):
        if floor <= most and unit * floor * steps <= target:
            passes, memory = steps, floor
            break
    if unit * 64 * _MIB * 3 <= target and most >= 64 * _MIB:
        passes, memory = 3, 64 * _MIB
    while 2 * memory <= most and unit * 2 * memory * passes <= target:
        memory *= 2
    passes = max(passes, min(_PASSES_MAX, int(target / (unit * memory))))
    return attrs.evolve(settings, hash_memory_kib=memory, hash_passes=passes)


def machine_memory_kib() -> int:
    """Return how much memory this machine has, or the container that this runs in."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in _LIMITS:
        if path.exists() and (limit := path.read_text(encoding="ascii").strip()).isdigit():
            found = min(found, int(limit))
    return found // 1024


def _memory(settings: Settings) -> Iterator[Finding]:
    used, there = settings.hash_slots * settings.hash_memory_kib, machine_memory_kib()
    sentence = f"{settings.hash_slots} slots take {used // _MIB} MiB, and this machine has {there // _MIB} MiB."
    advice = "Set OFFBRAND_HASH_SLOTS lower, but not the memory of each."
    if used >= there:
        yield bad(sentence, advice)
    elif used > there * _OURS:
        yield warning(sentence, advice)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds * 1000 >= 1 else "less than 1 ms"
