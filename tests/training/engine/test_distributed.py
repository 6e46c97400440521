import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from va_space.training.engine.distributed import gather_batch

WORKER = Path(__file__).with_name("ddp_worker.py")


@pytest.fixture(scope="module")
def one_process():
    spec = importlib.util.spec_from_file_location("ddp_worker", WORKER)
    worker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worker)
    return worker.step(0, 1)


@pytest.mark.slow
def test_two_processes_have_the_loss_and_gradients_of_one(one_process, tmp_path):
    command = [sys.executable, str(WORKER)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen([*command, str(rank), "2", str(tmp_path)], env=environment, stderr=subprocess.PIPE)
        for rank in range(2)
    ]
    try:
        errors = [process.communicate(timeout=300)[1].decode() for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], errors
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert found.keys() == one_process.keys()
        for name, expected in one_process.items():
            assert torch.allclose(found[name], expected, rtol=1e-9, atol=1e-12), (rank, name)


def test_every_weight_takes_part_in_the_comparison(one_process):
    gradients = [tensor for name, tensor in one_process.items() if name.startswith("gradient.")]
    assert len(gradients) == 16
    assert all(gradient.abs().sum() > 1e-6 for gradient in gradients)


def test_gather_is_the_identity_in_a_single_process():
    rows, numbers = torch.rand(3, 2, requires_grad=True), torch.arange(3)
    gathered = gather_batch({"rows": rows, "numbers": numbers})
    assert gathered["rows"] is rows
    assert gathered["numbers"] is numbers
