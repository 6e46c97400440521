"""Where numbers of half the length are faster."""

import torch


def computes_bf16(device: torch.device) -> bool:
    """Whether a device computes with bfloat16 itself; where it is emulated it is many times slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    # torch has no public question for this; a version without the private ones computes in fp32.
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, probe, bool)() for probe in probes)
