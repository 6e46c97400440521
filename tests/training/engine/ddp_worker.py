"""One process of test_distributed.py, with its networks and batch. Arguments: RANK WORLD_SIZE FOLDER."""

import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn

from va_space.training.engine.distributed import gather_batch
from va_space.training.space.objective import VASpaceObjective
from va_space.training.space.terms import ObjectiveBatch

SIZE = 6  # pairs in the global batch


class Networks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.picture_encoder = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))
        self.music_encoder = nn.Sequential(nn.Linear(7, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))
        self.va = nn.Linear(4, 2)
        self.interaction = nn.Linear(4, 4)
        for norm in (self.picture_encoder[1], self.music_encoder[1]):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)

    def forward(self, pictures: Tensor, music: Tensor, quadrant_music: Tensor) -> dict[str, Tensor]:
        unit = nn.functional.normalize
        p, m = unit(self.picture_encoder(pictures)), unit(self.music_encoder(music))
        return {
            "pictures": p,
            "music": m,
            "predicted_va_pictures": self.va(p).sigmoid(),
            "predicted_va_music": self.va(m).sigmoid(),
            "predicted_va_quadrant": self.va(unit(self.music_encoder(quadrant_music))).sigmoid(),
        }

    def similarity(self, pictures: Tensor, music: Tensor) -> Tensor:
        return (self.interaction(pictures) @ music.T).sigmoid()


def global_batch() -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    draw = torch.Generator().manual_seed(1)
    rows = {"generator": draw, "dtype": torch.float64}
    inputs = {
        "pictures": torch.randn(SIZE, 5, **rows),
        "music": torch.randn(SIZE, 7, **rows),
        "quadrant_music": torch.randn(SIZE - 2, 7, **rows),
    }
    labels = {
        "va_pictures": torch.rand(SIZE, 2, **rows),
        "va_music": torch.rand(SIZE, 2, **rows),
        "quadrants": torch.randint(1, 5, (SIZE - 2,), generator=draw),
    }
    return inputs, labels


def step(rank: int, world_size: int) -> dict[str, Tensor]:
    """Loss terms and gradients of one step on this process's rows of the global batch."""
    networks = Networks().double().eval()
    module = nn.parallel.DistributedDataParallel(networks) if dist.is_initialized() else networks
    inputs, labels = ({k: v.chunk(world_size)[rank] for k, v in part.items()} for part in global_batch())
    batch = gather_batch({**module(**inputs), **labels})
    batch["predicted_similarity"] = networks.similarity(batch["pictures"], batch["music"])
    objective = VASpaceObjective(0.4, quadrant_margin=0.1)
    terms = objective(ObjectiveBatch(**batch))
    terms["total"].backward()
    gradients = {f"gradient.{name}": weight.grad for name, weight in networks.named_parameters()}
    return {**{k: v.detach() for k, v in terms.items()}, **gradients}


if __name__ == "__main__":
    rank, world_size, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    store = f"file://{folder / 'store'}"
    dist.init_process_group("gloo", init_method=store, rank=rank, world_size=world_size)
    torch.save(step(rank, world_size), folder / f"{rank}.pt")
    dist.destroy_process_group()
