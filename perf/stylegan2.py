"""Speed and memory of StyleGAN2's synthesis network, as ratios within one run; prints markdown tables.

The same weights and latents, three ways:

- grouped: as the papers describe it and as it is commonly written down. The weights of every convolution are
  scaled for each picture and convolved as groups; upsampling puts zeros between pixels and filters; default
  memory format;
- unfused: the same with scales on a convolution's input and output instead of its weights;
- va-space: `va_space.networks.stylegan2.generator`.

Forward is without gradients; forward and backward is with gradients for the latents alone, as in inversion
and restyling, and, with --weights, for the weights, too, as in training. Times are seconds of processor time,
the shortest of several, taken in turn; memory is what a process of its own needs at most, beyond the network
(read from Linux).
"""

import argparse
import math
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path

import torch
from embedding import processor
from torch import Tensor
from torch.nn import functional

from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.generator import StyleGAN2, SynthesisBlock
from va_space.networks.stylegan2.layers import FullyConnected, SynthesisLayer, ToRGB

Way = Callable[[StyleGAN2, Tensor], Tensor]
Convolve = Callable[[Tensor, Tensor, Tensor, bool, bool], Tensor]


def filtered(x: Tensor, before: int, after: int, gain: float) -> Tensor:
    """The filter [1, 3, 3, 1] on every channel."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    taps = (torch.outer(taps, taps) * gain).expand(x.shape[1], 1, 4, 4)
    return functional.conv2d(functional.pad(x, [before, after, before, after]), taps, groups=x.shape[1])


def upsampled(x: Tensor) -> Tensor:
    """Zeros between pixels, then the filter."""
    n, c, h, w = x.shape
    spread = functional.pad(x.reshape(n, c, h, 1, w, 1), [0, 1, 0, 0, 0, 1]).reshape(n, c, 2 * h, 2 * w)
    return filtered(spread, 2, 1, 4.0)


def styles_of(affine: FullyConnected, w: Tensor) -> Tensor:
    """The scale of each channel."""
    return functional.linear(w, affine.weight / math.sqrt(affine.weight.shape[1]), affine.bias)


def on_weights(x: Tensor, weight: Tensor, styles: Tensor, demodulate: bool, up: bool) -> Tensor:
    """A convolution with weights of its own for each picture."""
    n, c, h, w = x.shape
    outputs, _, size, _ = weight.shape
    weights = weight[None] * styles[:, None, :, None, None]
    if demodulate:
        weights = weights * (weights.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).rsqrt()
    x = x.reshape(1, n * c, h, w)
    if up:
        weights = weights.transpose(1, 2).reshape(n * c, outputs, size, size)
        y = filtered(functional.conv_transpose2d(x, weights, stride=2, groups=n), 1, 1, 4.0)
    else:
        y = functional.conv2d(x, weights.reshape(n * outputs, c, size, size), padding=size // 2, groups=n)
    return y.reshape(n, outputs, *y.shape[2:])


def on_pixels(x: Tensor, weight: Tensor, styles: Tensor, demodulate: bool, up: bool) -> Tensor:
    """The same function with scales on the input and the output."""
    size = weight.shape[2]
    x = x * styles[:, :, None, None]
    if up:
        y = filtered(functional.conv_transpose2d(x, weight.transpose(0, 1), stride=2), 1, 1, 4.0)
    else:
        y = functional.conv2d(x, weight, padding=size // 2)
    if not demodulate:
        return y
    scaled = weight[None] * styles[:, None, :, None, None]
    return y * (scaled.square().sum(dim=(2, 3, 4)) + 1e-8).rsqrt()[:, :, None, None]


def plain_layer(layer: SynthesisLayer, x: Tensor, w: Tensor, convolve: Convolve) -> Tensor:
    """A layer with constant noise."""
    x = convolve(x, layer.weight, styles_of(layer.affine, w), True, layer.up)
    x = x + layer.noise_const * layer.noise_strength
    return functional.leaky_relu(x + layer.bias[:, None, None], 0.2) * math.sqrt(2)


def plain_colours(layer: ToRGB, x: Tensor, w: Tensor, convolve: Convolve) -> Tensor:
    """What a block adds to the picture."""
    styles = styles_of(layer.affine, w) / math.sqrt(layer.weight.shape[1])
    return convolve(x, layer.weight, styles, False, False) + layer.bias[:, None, None]


def plain(network: StyleGAN2, ws: Tensor, convolve: Convolve) -> Tensor:
    """The synthesis network (skip architecture), as commonly written."""
    x = picture = torch.empty(0)
    index = 0
    for resolution in network.config.resolutions:
        block: SynthesisBlock = getattr(network.synthesis, f"b{resolution}")
        if block.first:
            x = plain_layer(block.conv1, block.const.expand(len(ws), -1, -1, -1), ws[:, index], convolve)
            picture = plain_colours(block.torgb, x, ws[:, index + 1], convolve)
        else:
            x = plain_layer(block.conv0, x, ws[:, index], convolve)
            x = plain_layer(block.conv1, x, ws[:, index + 1], convolve)
            picture = upsampled(picture) + plain_colours(block.torgb, x, ws[:, index + 2], convolve)
        index += block.layers
    return picture


def grouped(network: StyleGAN2, ws: Tensor) -> Tensor:
    """The plain network with scales on the weights."""
    return plain(network, ws, on_weights)


def unfused(network: StyleGAN2, ws: Tensor) -> Tensor:
    """The plain network with scales on the pixels."""
    return plain(network, ws, on_pixels)


def ours(network: StyleGAN2, ws: Tensor) -> Tensor:
    """The synthesis network of va-space."""
    return network.synthesis(ws, noise="const")


WAYS: dict[str, Way] = {"grouped": grouped, "unfused": unfused, "ours": ours}


def forward(way: Way, network: StyleGAN2, ws: Tensor) -> None:
    """Pictures alone."""
    with torch.no_grad():
        way(network, ws)


def backward(way: Way, network: StyleGAN2, ws: Tensor) -> None:
    """Pictures, and gradients from them."""
    pictures = way(network, ws.detach().requires_grad_())
    pictures.backward(pictures.detach())


def make(options: argparse.Namespace, inference: bool) -> tuple[StyleGAN2, Tensor]:
    """A random network, as made or as loaded for inference, and latents."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    config = StyleGAN2Config(resolution=options.resolution, channel_base=options.channel_base)
    network = StyleGAN2(config).requires_grad_(options.weights)
    for name, parameter in network.named_parameters():
        if name.endswith("noise_strength"):
            parameter.data.fill_(0.1)
    if inference:
        network.for_inference()
    with torch.no_grad():
        return network, network.mapping(torch.randn(options.batch_size, config.z_dim)).contiguous()


def peak(arguments: tuple[str, str, argparse.Namespace]) -> float:
    """MiB that one run adds to what the process has."""
    way, run, options = arguments
    network, ws = make(options, way == "ours" and not options.weights)
    functional.conv2d(torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 3, 3))  # the library's own first memory
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of making the network
    before = resident("VmRSS")
    {"forward": forward, "backward": backward}[run](WAYS[way], network, ws)
    return resident("VmHWM") - before


def resident(name: str) -> float:
    """MiB of this process's memory, now (VmRSS) or at most (VmHWM); Linux says so."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resolution", type=int, nargs="+", default=[256])
    parser.add_argument("--channel-base", type=int, help="default: 16384 up to 256 pixels, else 32768")
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--weights", action="store_true", help="gradients for the weights, too")
    parser.add_argument(
        "--inversion", type=int, metavar="STEPS", help="time so many steps of inversion instead"
    )
    parser.add_argument("--no-memory", action="store_true", help="leave memory out")
    options = parser.parse_args()
    for resolution in options.resolution:
        base = options.channel_base or (16384 if resolution <= 256 else 32768)
        each = argparse.Namespace(**{**vars(options), "resolution": resolution, "channel_base": base})
        table(each) if options.inversion is None else print(inversion(each), flush=True)


def inversion(options: argparse.Namespace) -> str:
    """What a step of inversion takes, in a process of its own; the model that ships compares the pictures."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, memory = pool.apply(invert_once, (options,))
    sides = f"{options.resolution} x {options.resolution}"
    heading = "| inversion | processor time a step | memory beyond the network |\n|---|--:|--:|"
    return f"{heading}\n| {sides} | {seconds:.2f} s | {memory:.0f} MiB |"


def invert_once(options: argparse.Namespace) -> tuple[float, float]:
    """Seconds a step, and MiB."""
    from va_space import VASpace
    from va_space.transfer.inversion.stylegan2 import invert

    network, _ = make(options, True)
    space = VASpace.from_pretrained(device="cpu", precision="fp32")
    picture = torch.rand(1, 3, options.resolution, options.resolution)
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    invert(network, picture, space, steps=1)
    start = time.process_time()
    invert(network, picture, space, steps=options.inversion)
    return (time.process_time() - start) / options.inversion, resident("VmHWM") - before


def table(options: argparse.Namespace) -> None:
    """Measure one resolution, and print."""
    networks = {way: make(options, way is ours and not options.weights) for way in WAYS.values()}
    with torch.no_grad():
        pictures = [way(*made) for way, made in networks.items()]
    difference = max(
        float((picture - pictures[-1]).abs().max() / pictures[-1].abs().max()) for picture in pictures
    )
    print(
        f"{options.resolution} x {options.resolution} pixels, channel_base {options.channel_base}, ", end=""
    )
    print(f"batch {options.batch_size}; {processor()}, {options.threads} thread(s). ", end="")
    print(f"Largest difference from va-space: {difference:.1e} of the pictures' range.\n")
    heads = ["grouped s", "unfused s", "va-space s", "va-space / grouped", "va-space / unfused"]
    heads += [] if options.no_memory else ["grouped MiB", "unfused MiB", "va-space MiB"]
    print("| | " + " | ".join(heads) + " |\n|---|" + "--:|" * len(heads))
    for run, name in ((forward, "forward"), (backward, "forward and backward")):
        times: dict[Way, list[float]] = {way: [] for way in networks}
        for _ in range(options.repeats):
            for way, made in networks.items():
                start = time.process_time()
                run(way, *made)
                times[way].append(time.process_time() - start)
        *others, fast = (min(times[way]) for way in networks)
        cells = [f"{seconds:.2f}" for seconds in (*others, fast)] + [
            f"**{fast / slow:.2f}**" for slow in others
        ]
        if not options.no_memory:
            with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
                jobs = [(way, run.__name__, options) for way in WAYS]
                cells += [f"{memory:.0f}" for memory in pool.map(peak, jobs, chunksize=1)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print()


if __name__ == "__main__":
    main()
