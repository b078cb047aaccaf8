"""Times training steps of PyTorch and QPyTorch, and inference of ONNX Runtime, on this machine's processor.

The names are those of `halftone bench train` and `halftone bench lstm`, for which this is a server: it prints a line of
JSON that says what it can do, and then, for each name that comes on a line of standard input, the milliseconds that one
step took, forward, backward and update. So the two sides can take turns. To the name "resident" it answers with the most
megabytes of RAM that it has had.

Needs the packages of tests/oracles/requirements.txt; resnet14/infer needs onnx and onnxruntime too, and is left out
without them.
"""

import argparse
import importlib.metadata
import io
import json
import os
import sys
import time

# QPyTorch compiles its kernels with the ninja that is installed beside this interpreter, activated or not.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")

# The compilation prints on standard output, which is kept for the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402


def identity():
    return nn.Identity()


def quantizers():
    """What QPyTorch's recipe for SWALP puts on every activation and error: 8-bit blocks, one per sample, stochastic."""
    from qtorch import BlockFloatingPoint
    from qtorch.quant import Quantizer

    blocks = BlockFloatingPoint(wl=8, dim=0)
    return lambda: Quantizer(
        forward_number=blocks, backward_number=blocks, forward_rounding="stochastic", backward_rounding="stochastic"
    )


def low_precision(optimizer, momentum):
    """The same recipe for weights, gradients, the accumulator and, if there is one, momentum."""
    from qtorch import BlockFloatingPoint
    from qtorch.optim import OptimLP
    from qtorch.quant import quantizer

    blocks = BlockFloatingPoint(wl=8, dim=0)
    rounding = lambda: quantizer(forward_number=blocks, forward_rounding="stochastic")  # noqa: E731
    extra = {"momentum_quant": rounding()} if momentum else {}
    return OptimLP(optimizer, weight_quant=rounding(), grad_quant=rounding(), acc_quant=rounding(), **extra)


class Block(nn.Module):
    """Two 3x3 convolutions with batch norm and a shortcut, which is a 1x1 convolution where the shape changes."""

    def __init__(self, inputs, outputs, stride, q):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)])
        change = stride != 1 or inputs != outputs
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if change else None
        self.q = nn.ModuleList(q() for _ in range(6))

    def forward(self, x):
        y = self.q[1](F.relu(self.norms[0](self.q[0](self.first(x)))))
        y = self.q[3](self.norms[1](self.q[2](self.second(y))))
        if self.shortcut is not None:
            x = self.q[4](self.shortcut(x))
        return self.q[5](F.relu(y + x))


class ResNet14(nn.Module):
    """Its widths are multiplied by one number."""

    def __init__(self, width, q):
        super().__init__()
        a, b, c = 16 * width, 32 * width, 64 * width
        self.stem, self.norm = nn.Conv2d(3, a, 3, 1, 1, bias=False), nn.BatchNorm2d(a)
        widths = [(a, a, 1), (a, a, 1), (a, b, 2), (b, b, 1), (b, c, 2), (c, c, 1)]
        self.blocks = nn.Sequential(*(Block(i, o, s, q) for i, o, s in widths))
        self.classes = nn.Linear(c, 10)
        self.q = nn.ModuleList(q() for _ in range(3))

    def forward(self, x):
        x = self.q[1](F.relu(self.norm(self.q[0](self.stem(x)))))
        x = F.avg_pool2d(self.blocks(x), 8).flatten(1)
        return self.q[2](self.classes(x))


def resnet14(batch, width, quantized):
    net = ResNet14(width, quantizers() if quantized else identity)
    x, labels = torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=2e-4)
    if quantized:
        optimizer = low_precision(optimizer, momentum=True)

    def step():
        optimizer.zero_grad()
        F.cross_entropy(net(x), labels).backward()
        optimizer.step()

    return step


def resnet14_infer(batch, width, threads):
    import onnxruntime

    net = ResNet14(width, identity).eval()
    x = torch.randn(batch, 3, 32, 32)
    file = io.BytesIO()
    torch.onnx.export(net, (x,), file, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x.numpy()}
    return lambda: session.run(None, feed)


STEPS, HIDDEN, VOCABULARY = 50, 128, 65


class LSTM(nn.Module):
    """Two layers behind an embedding, as PyTorch has them."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, HIDDEN)
        self.layers = nn.LSTM(HIDDEN, HIDDEN, 2)
        self.output = nn.Linear(HIDDEN, VOCABULARY)

    def forward(self, x):
        return self.output(self.layers(self.embedding(x))[0])


class UnrolledLSTM(nn.Module):
    """The same step by step, with quantizers between: QPyTorch has no recurrent layer."""

    def __init__(self, q):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, HIDDEN)
        self.cells = nn.ModuleList(nn.LSTMCell(HIDDEN, HIDDEN) for _ in range(2))
        self.output, self.q = nn.Linear(HIDDEN, VOCABULARY), q()

    def forward(self, x):
        rows = self.q(self.embedding(x))
        states = [(torch.zeros(x.shape[1], HIDDEN),) * 2 for _ in self.cells]
        out = []
        for h in rows:
            for i, cell in enumerate(self.cells):
                before, c = states[i]
                gates = F.linear(h, cell.weight_ih, cell.bias_ih) + F.linear(before, cell.weight_hh, cell.bias_hh)
                enter, forget, new, leave = self.q(gates).chunk(4, 1)
                c = self.q(torch.sigmoid(forget) * c + torch.sigmoid(enter) * torch.tanh(new))
                h = self.q(torch.sigmoid(leave) * torch.tanh(c))
                states[i] = (h, c)
            out.append(h)
        return self.q(self.output(torch.stack(out)))


def lstm(batch, quantized):
    net = UnrolledLSTM(quantizers()) if quantized else LSTM()
    x, y = (torch.randint(0, VOCABULARY, (STEPS, batch)) for _ in range(2))
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
    if quantized:
        optimizer = low_precision(optimizer, momentum=False)

    def step():
        optimizer.zero_grad()
        F.cross_entropy(net(x).reshape(-1, VOCABULARY), y.reshape(-1)).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()

    return step


def available(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def resident():
    """The most megabytes that this process has had in RAM; 0 where the system does not tell."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--width", type=int, default=1, help="multiplies ResNet-14's numbers of channels")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)

    makers = {
        "resnet14/float32": ("torch", lambda: resnet14(args.batch, args.width, False)),
        "resnet14/quantized": ("qtorch", lambda: resnet14(args.batch, args.width, True)),
        "lstm/float32": ("torch nn.LSTM", lambda: lstm(args.batch, False)),
        "lstm/quantized": ("qtorch, unrolled", lambda: lstm(args.batch, True)),
    }
    if available("onnx") and available("onnxruntime"):
        makers["resnet14/infer"] = ("onnxruntime", lambda: resnet14_infer(args.batch, args.width, args.threads))
    versions = {name: v for name in ("torch", "qtorch", "onnxruntime") if (v := available(name))}
    print(json.dumps({"versions": versions, "peers": {n: c for n, (c, _) in makers.items()}}), file=answers, flush=True)

    steps = {}
    for line in sys.stdin:
        name = line.strip()
        if name == "resident":
            print(resident(), file=answers, flush=True)
            continue
        if name not in steps:
            steps[name] = makers[name][1]()
            steps[name]()  # allocates, compiles, chooses kernels
        start = time.perf_counter()
        steps[name]()
        print((time.perf_counter() - start) * 1e3, file=answers, flush=True)


if __name__ == "__main__":
    main()
