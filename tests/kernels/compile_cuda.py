"""Compile the Triton kernels for GPUs that are not there, as hdlib would launch them."""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import torch

RESOURCES = re.compile(r"REG:(\d+) STACK:(\d+)")
OPCODE = re.compile(r"/\*[0-9a-f]{4,5}\*/\s+(?:@!?U?P\w+\s+)?([A-Z0-9]+)([.A-Z0-9]*)")


def facts(kernel, cubin, metadata):
    """Instructions, registers and memory of one kernel's machine code."""
    import triton

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "kernel.cubin"
        path.write_bytes(cubin)
        tool = pathlib.Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
        dump = [
            subprocess.run([tool, what, path], capture_output=True, text=True, check=True).stdout
            for what in ("-sass", "--dump-resource-usage")
        ]
    found = collections.Counter()
    for name, suffix in OPCODE.findall(dump[0]):
        found.update({name, f"{name}{suffix}"})
    registers, stack = map(int, RESOURCES.search(dump[1]).groups())
    return {
        "kernel": kernel,
        "instructions": found,
        "registers": registers,
        "stack": stack,
        "shared": metadata.shared,
    }


def compiled(capability):
    """Facts of each kernel, by a name for the call that asked for it."""
    from triton.backends.compiler import GPUTarget
    from triton.runtime import driver

    class Driver:
        """What Triton asks of a driver before it launches."""

        def get_current_device(self):
            return capability  # compiled kernels are kept for each device

        def get_current_stream(self, device):
            return 0

        def get_current_target(self):
            return GPUTarget("cuda", capability, 32)

    driver.set_active(Driver())
    from hdlib.kernels import cuda

    found = []

    def launch(kernel, grid, *arrays, **options):
        code = kernel.warmup(*arrays, grid=grid, enable_fp_fusion=False, **options)
        found.append(facts(kernel.fn.__name__, code.asm["cubin"], code.metadata))

    cuda.launch = launch

    def rows(n, width=160):
        return torch.zeros(n, width, dtype=torch.int64)

    calls = {
        "hamming, 1 query": lambda: cuda.hamming(rows(1), rows(50)),
        "hamming, 4 queries": lambda: cuda.hamming(rows(4), rows(50)),
        "hamming, 1,000 queries": lambda: cuda.hamming(rows(1000), rows(10_000)),
        "made, 1 query": lambda: cuda.hamming_made(rows(1), 5, torch.arange(50), 10_000),
        "words": lambda: cuda.words(5, torch.arange(50), 160),
        "hamming, all of size 1": lambda: cuda.hamming(rows(1, 1), rows(1, 1)),
        "majority, all of size 1": lambda: cuda.majority(rows(1, 1), torch.tensor([0, 1]), None, 0),
        "majority, picked": lambda: cuda.majority(
            rows(20), torch.tensor([0, 20]), torch.arange(20), 0
        ),
    }
    named = {}
    for name, call in calls.items():
        call()
        named[name] = found[-1]
    return named


if __name__ == "__main__":
    json.dump({name: compiled(int(name)) for name in sys.argv[1:]}, sys.stdout)
