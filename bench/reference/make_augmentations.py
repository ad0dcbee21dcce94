"""Makes tests/fixtures/augmentations.json: images changed by the functions of DiffAugment (Zhao et al. 2020), given random numbers.

Usage: python bench/reference/make_augmentations.py

The functions follow DiffAugment_pytorch.py of github.com/mit-han-lab/data-efficient-gans, whose random numbers are replaced by those
of the file: `torch.rand` by the number u in [0, 1) itself, `torch.randint(low, high)` by low + floor(u * (high - low)).
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/augmentations.json"


def column(numbers):
    return torch.tensor(numbers, dtype=torch.float64).view(-1, 1, 1, 1)


def integers(numbers, low, high):
    return torch.tensor([low + math.floor(u * (high - low)) for u in numbers]).view(-1, 1, 1)


def color(x, u):
    x = x + (column(u[0]) - 0.5)
    mean = x.mean(dim=1, keepdim=True)
    x = (x - mean) * (column(u[1]) * 2) + mean
    mean = x.mean(dim=[1, 2, 3], keepdim=True)
    return (x - mean) * (column(u[2]) + 0.5) + mean


def grid(x, rows, columns):
    return torch.meshgrid(torch.arange(x.size(0)), torch.arange(rows), torch.arange(columns), indexing="ij")


def translation(x, u, ratio=0.125):
    shift_x, shift_y = int(x.size(2) * ratio + 0.5), int(x.size(3) * ratio + 0.5)
    translation_x = integers(u[0], -shift_x, shift_x + 1)
    translation_y = integers(u[1], -shift_y, shift_y + 1)
    grid_batch, grid_x, grid_y = grid(x, x.size(2), x.size(3))
    grid_x = torch.clamp(grid_x + translation_x + 1, 0, x.size(2) + 1)
    grid_y = torch.clamp(grid_y + translation_y + 1, 0, x.size(3) + 1)
    padded = F.pad(x, [1, 1, 1, 1, 0, 0, 0, 0])
    return padded.permute(0, 2, 3, 1)[grid_batch, grid_x, grid_y].permute(0, 3, 1, 2)


def cutout(x, u, ratio=0.5):
    size = int(x.size(2) * ratio + 0.5), int(x.size(3) * ratio + 0.5)
    offset_x = integers(u[0], 0, x.size(2) + (1 - size[0] % 2))
    offset_y = integers(u[1], 0, x.size(3) + (1 - size[1] % 2))
    grid_batch, grid_x, grid_y = grid(x, *size)
    grid_x = torch.clamp(grid_x + offset_x - size[0] // 2, min=0, max=x.size(2) - 1)
    grid_y = torch.clamp(grid_y + offset_y - size[1] // 2, min=0, max=x.size(3) - 1)
    mask = torch.ones(x.size(0), x.size(2), x.size(3), dtype=x.dtype)
    mask[grid_batch, grid_x, grid_y] = 0
    return x * mask.unsqueeze(1)


def flip(x, u):
    """Not among theirs; as in their loaders of images."""
    return torch.where(column(u[0]) < 0.5, x.flip(3), x)


# To [0, 1], and to a mean of 0 and a deviation of 1 for each channel.
TRANSFORMS = (
    {"scale": [1 / 255], "offset": [0]},
    {
        "scale": [1 / (255 * deviation) for deviation in (0.25, 0.2, 0.5)],
        "offset": [-mean / deviation for mean, deviation in ((0.5, 0.25), (0.4, 0.2), (0.3, 0.5))],
    },
)

FUNCTIONS = {"flip": (flip, 1), "translation": (translation, 2), "cutout": (cutout, 2), "color": (color, 3)}


def among_bytes(function, transform):
    """A function of images in [-1, 1] as one of images whose bytes b are the numbers b * scale + offset."""
    scale, offset = (torch.tensor(transform[name], dtype=torch.float64).view(1, -1, 1, 1) for name in ("scale", "offset"))

    def changed(x, u):
        return (function((x - offset) / scale / 127.5 - 1, u) + 1) * 127.5 * scale + offset

    return changed


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def case(kind, shape, source, transform=None):
    batch, height, width, channels = shape
    function, draws = FUNCTIONS[kind]
    if transform is not None:
        function = among_bytes(function, transform)
    images = (torch.rand((batch, channels, height, width), generator=source, dtype=torch.float64) * 2 - 1).float().double()
    random = torch.rand((draws, batch), generator=source, dtype=torch.float64).float().double()
    x = images.clone().requires_grad_()
    y = function(x, random.tolist())
    weights = torch.linspace(-1, 1, y.numel(), dtype=torch.float64).view(batch, height, width, channels).permute(0, 3, 1, 2)
    (gradient,) = torch.autograd.grad((y * weights).sum(), x)
    return {
        "kind": kind,
        "shape": shape,
        **({} if transform is None else {"transform": transform}),
        "random": random.t().tolist(),
        "images": rounded(images.permute(0, 2, 3, 1)),
        "result": rounded(y.permute(0, 2, 3, 1)),
        "gradient": rounded(gradient.permute(0, 2, 3, 1)),
    }


if __name__ == "__main__":
    source = torch.Generator().manual_seed(2)
    cases = [case(kind, shape, source) for kind in FUNCTIONS for shape in ([4, 8, 8, 3], [3, 7, 10, 1])]
    # Tiny images, and one row or column of pixels.
    tiny = ([4, 4, 4, 1], [4, 2, 3, 3], [5, 4, 1, 1], [5, 1, 4, 2], [2, 1, 1, 3])
    cases += [case(kind, shape, source) for kind in FUNCTIONS for shape in tiny]
    cases += [case("color", [3, 4, 5, len(transform["scale"])], source, transform) for transform in TRANSFORMS]
    made = {"madeWith": f"PyTorch {torch.__version__.split('+')[0]}", "cases": cases}
    OUTPUT.write_text(json.dumps(made) + "\n")
