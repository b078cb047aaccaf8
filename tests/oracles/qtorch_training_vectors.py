"""Steps of training in QPyTorch, rounding to nearest: a residual network with a Quantizer at every point, and OptimLP.

All numbers are such that float32 sums are exact in any order (the script asserts it by a second run in float64), so that
every tensor behind a quantizer can be compared bit for bit, and with it where quantizers are, in what order OptimLP rounds,
and what its blocks are. Array "STEP/NAME" is tensor NAME of a step: activations behind their quantizers, "NAME.error" the
gradients behind them, and of each parameter "NAME.gradient", "NAME.momentum" and "NAME", its value after the step.
"""

import importlib.metadata

import numpy as np
import torch
import torch.nn.functional as F
from qtorch import BlockFloatingPoint
from qtorch.optim import OptimLP
from qtorch.quant import Quantizer, block_quantize, quantizer

import common

NUMBER = BlockFloatingPoint(wl=8, dim=0)
STEPS, BATCH, SIZE, CLASSES = 3, 4, 4, 4
LEARNING_RATE, MOMENTUM, DECAY = 0.125, 0.5, 0.0625


class Exact(torch.autograd.Function):
    """A Quantizer of float64 tensors that hold float32 numbers."""

    @staticmethod
    def forward(context, x):
        return exactly(x)

    @staticmethod
    def backward(context, gradient):
        return exactly(gradient)


def exactly(x):
    assert torch.equal(x.float().double(), x), "a sum is not exact in float32"
    return block_quantize(x.float(), NUMBER.wl, NUMBER.dim, "nearest").double()


def rectify(x):
    """ReLU with gradient 1 at 0, as Gorgonia's (PyTorch's own is 0 there): zeros are frequent on coarse grids."""
    return x * (x >= 0)


class Net(torch.nn.Module):
    def __init__(self, parameters, exact=False):
        super().__init__()
        for name, value in parameters.items():
            value = torch.from_numpy(value.copy())
            setattr(self, name, torch.nn.Parameter(value.double() if exact else value))
        nearest = Quantizer(NUMBER, NUMBER, "nearest", "nearest")
        self.quantizer = Exact.apply if exact else nearest
        self.seen = {}

    def point(self, name, x):
        if x.requires_grad:
            x.register_hook(lambda gradient: self.seen.__setitem__(name + ".error", gradient.detach().clone()))
        y = self.quantizer(x)
        self.seen[name] = y.detach().clone()
        return y

    def forward(self, x):
        x = self.point("stem/conv1.out", F.conv2d(x, self.stem, padding=1))
        x = self.point("stem/relu1.out", rectify(x))
        y = self.point("block/conv1.out", F.conv2d(x, self.block, padding=1))
        x = self.point("block/relu1.out", rectify(y + x))
        return self.point("fc/add1.out", F.linear(x.mean((2, 3)), self.weight, self.bias))

    def loss(self, x, target):
        return ((self(x) - target) ** 2).mean()


def dyadic(generator, *shape, unit):
    return (generator.integers(-64, 65, shape) * unit).astype(np.float32)


def vectors():
    v = common.Vectors("qtorch_training", f"{importlib.metadata.version('qtorch')} on torch {torch.__version__.split('+')[0]}")
    v.about |= {"learning_rate": LEARNING_RATE, "momentum": MOMENTUM, "decay": DECAY, "steps": STEPS}
    generator = np.random.default_rng(5)
    parameters = {
        "stem": dyadic(generator, 4, 3, 3, 3, unit=2.0**-7),
        "block": dyadic(generator, 4, 4, 3, 3, unit=2.0**-8),
        "weight": dyadic(generator, CLASSES, 4, unit=2.0**-6),
        "bias": dyadic(generator, CLASSES, unit=2.0**-6),
    }
    for name, value in parameters.items():  # QPyTorch does not round weights before the first step
        parameters[name] = block_quantize(torch.from_numpy(value), NUMBER.wl, NUMBER.dim, "nearest").numpy()
    net = Net(parameters)
    nearest = {k: quantizer(forward_number=NUMBER, forward_rounding="nearest") for k in ("weight", "grad", "momentum", "acc")}
    sgd = torch.optim.SGD(net.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, weight_decay=DECAY)
    optimizer = OptimLP(sgd, **{f"{k}_quant": q for k, q in nearest.items()})

    def store(step, name, value):
        value = value.detach().numpy().copy()  # SGD changes its momentum in place
        v.arrays[f"{step}/{name}"] = common.bits(value.T if name.startswith("weight") else value)
        v.about["cases"].append(f"{step}/{name}")

    for name, p in net.named_parameters():
        store(0, name, p)
    for step in range(1, STEPS + 1):
        x, target = dyadic(generator, BATCH, 3, SIZE, SIZE, unit=2.0**-5), dyadic(generator, BATCH, CLASSES, unit=2.0**-5)
        x, target = torch.from_numpy(x), torch.from_numpy(target)
        store(step, "x", x)
        store(step, "y", target)
        exact = Net({name: p.detach().numpy() for name, p in net.named_parameters()}, exact=True)
        exact.loss(x.double(), target.double()).backward()
        optimizer.zero_grad()
        net.loss(x, target).backward()
        for name, value in net.seen.items():
            assert torch.equal(value.double(), exact.seen[name]), f"{name} depends on the order of additions"
            store(step, name, value)
        check_update(net, exact, sgd)
        optimizer.step()
        for name, p in net.named_parameters():
            store(step, name + ".gradient", p.grad)
            store(step, name + ".momentum", sgd.state[p]["momentum_buffer"])
            store(step, name, p)
    return v


def check_update(net, exact, sgd):
    """Asserts that gradients and the optimizer's float32 arithmetic on them lose nothing."""
    for (name, p), q in zip(net.named_parameters(), exact.parameters()):
        assert torch.equal(p.grad.double(), q.grad), f"the gradient of {name} depends on the order of additions"
        direction = exactly(q.grad) + DECAY * p.detach().double()
        if p in sgd.state:
            direction = direction + MOMENTUM * sgd.state[p]["momentum_buffer"].double()
        for value in direction, p.detach().double() - LEARNING_RATE * direction:
            assert torch.equal(value.float().double(), value), f"the update of {name} is rounded"
