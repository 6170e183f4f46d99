"""PyTorch as a peer of `npm run bench`: says its version, then answers lines {"case", "repeats"} with {"seconds"}.

The models are those of ../models: xor, mlp, cnn and the layers of smp.Unet('efficientnet-b0'). The U-Net and the
convolutions run channels last, PyTorch's better layout on a CPU. A request says its number of threads.
"""
import json, resource, sys, time
import torch, torch.nn as nn, torch.nn.functional as F


def mlp(): return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10), nn.LogSoftmax(1))
def cnn(): return nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 10), nn.LogSoftmax(1))
def sgd(net): return torch.optim.SGD(net.parameters(), lr=0.002, momentum=0.9)


class MBConv(nn.Module):
    def __init__(self, i, o, k, stride, expand):
        super().__init__()
        m, layers = i * expand, []
        if expand != 1: layers += [nn.Conv2d(i, m, 1, bias=False), nn.BatchNorm2d(m), nn.SiLU()]
        layers += [nn.Conv2d(m, m, k, stride, k // 2, groups=m, bias=False), nn.BatchNorm2d(m), nn.SiLU()]
        self.body, q = nn.Sequential(*layers), max(1, i // 4)
        self.se = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(m, q, 1), nn.SiLU(), nn.Conv2d(q, m, 1), nn.Sigmoid())
        self.project, self.skip = nn.Sequential(nn.Conv2d(m, o, 1, bias=False), nn.BatchNorm2d(o)), stride == 1 and i == o

    def forward(self, x):
        h = self.body(x)
        h = self.project(h * self.se(h))
        return x + h if self.skip else h


class Unet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, i, stages = nn.Sequential(nn.Conv2d(1, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.SiLU()), 32, []
        for e, o, r, s, k in [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]:
            blocks = []
            for j in range(r): blocks.append(MBConv(i, o, k, s if j == 0 else 1, e)); i = o
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        double = lambda a, c: nn.Sequential(nn.Conv2d(a, c, 3, padding=1, bias=False), nn.BatchNorm2d(c), nn.ReLU(), nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c), nn.ReLU())
        self.decoder = nn.ModuleList([double(432, 256), double(296, 128), double(152, 64), double(96, 32), double(32, 16)])
        self.head = nn.Conv2d(16, 1, 3, padding=1)

    def forward(self, x):
        s = self.stages
        f0 = self.stem(x); f1 = s[1](s[0](f0)); f2 = s[2](f1); f3 = s[4](s[3](f2)); h = s[6](s[5](f3))
        for block, skip in zip(self.decoder, [f3, f2, f1, f0, None]):
            h = F.interpolate(h, scale_factor=2, mode="nearest")
            h = block(h if skip is None else torch.cat([h, skip], 1))
        return self.head(h)


def step(net, opt, loss, x, y):
    def f():
        opt.zero_grad(); loss(net(x), y).backward(); opt.step()
    return f


def xor():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1), nn.Flatten(0))
    return step(net, torch.optim.SGD(net.parameters(), lr=0.1), nn.BCEWithLogitsLoss(), torch.randn(128, 2), (torch.rand(128) > 0.5).float())


def mnist(make, train, *shape):
    net, x = make(), torch.randn(*shape)
    return step(net, sgd(net), nn.NLLLoss(), x, torch.randint(0, 10, (64,))) if train else infer(net, x)


def infer(net, x):
    net.eval()
    def f():
        with torch.no_grad(): net(x)
    return f


def unet(train, batch=8):
    net, x, y = Unet(), torch.randn(batch, 1, 256, 256), (torch.rand(batch, 1, 256, 256) > 0.5).float()
    net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    return step(net, torch.optim.Adam(net.parameters(), lr=1e-4), nn.MSELoss(), x, y) if train else infer(net, x)


def epoch():
    net, xs, ys = cnn(), torch.rand(60000, 1, 28, 28), torch.randint(0, 10, (60000,))
    opt, loss = sgd(net), nn.NLLLoss()
    def f():
        for x, y in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(xs, ys), batch_size=64, shuffle=True):
            opt.zero_grad(); loss(net(x), y).backward(); opt.step()
    return f


def product(m, n, k, transposedA=False, transposedB=False, **_):
    a, b = torch.randn(k, m).T if transposedA else torch.randn(m, k), torch.randn(n, k).T if transposedB else torch.randn(k, n)
    return lambda: a @ b


def convolution(op, images, inChannels, outChannels, size, kernel, stride, padding, groups, **_):
    last = lambda t: t.to(memory_format=torch.channels_last)
    x, w = last(torch.randn(images, inChannels, size, size)), last(torch.randn(outChannels, inChannels // groups, kernel, kernel))
    if op == "forward": return lambda: F.conv2d(x, w, None, stride, padding, 1, groups)
    y, wanted = last(torch.randn_like(F.conv2d(x, w, None, stride, padding, 1, groups))), [op == "inputGradient", op == "weightGradient", False]
    return lambda: torch.ops.aten.convolution_backward(y, x, w, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups, wanted)


def kernel(request):
    f = (product if request["op"] == "gemm" else convolution)(**request)
    def g():
        with torch.no_grad(): f()
    return g


make = {"xor_step": xor, "xor_call": xor, "cnn_epoch": epoch,
        "mlp_step": lambda: mnist(mlp, True, 64, 784), "mlp_infer": lambda: mnist(mlp, False, 64, 784),
        "cnn_step": lambda: mnist(cnn, True, 64, 1, 28, 28), "cnn_infer": lambda: mnist(cnn, False, 64, 1, 28, 28),
        "unet_step": lambda: unet(True), "unet_infer": lambda: unet(False), "unet_first": lambda: unet(True), "unet_memory": lambda: unet(True, 16)}
made, name = None, None
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    wanted = json.loads(line)
    if "op" not in wanted and wanted["case"] not in make:
        print(json.dumps({"seconds": None}), flush=True)
        continue
    torch.set_num_threads(wanted["threads"])
    if name != wanted["case"]:
        made, name = None, wanted["case"]
        made = kernel(wanted) if "op" in wanted else make[name]()
        # Half a second of repeats is not timed, as in the other peers.
        begin = time.perf_counter()
        while name != "cnn_epoch" and not wanted.get("cold"):
            made()
            if time.perf_counter() - begin > 0.5: break
    times, begin = [], time.perf_counter()
    while len(times) < wanted["repeats"] and (not times or time.perf_counter() - begin < 10):
        start = time.perf_counter(); made(); times.append(time.perf_counter() - start)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": sorted(times)[len(times) // 2], "peakBytes": peak}), flush=True)
