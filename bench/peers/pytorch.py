"""PyTorch as a peer of `npm run bench`: says its version, then answers lines {"case", "repeats"} with {"seconds"}.

The models are those of ../models: xor, mlp, cnn and the layers of smp.Unet('efficientnet-b0'). The U-Net runs channels
last, PyTorch's better layout on a CPU. OMP_NUM_THREADS gives the number of threads.
"""
import json, os, sys, time
import torch, torch.nn as nn, torch.nn.functional as F

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))


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


def matrix(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return lambda: a @ b


def xor():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1), nn.Flatten(0))
    return step(net, torch.optim.SGD(net.parameters(), lr=0.1), nn.BCEWithLogitsLoss(), torch.randn(128, 2), (torch.rand(128) > 0.5).float())


def mnist(make, *shape):
    net = make()
    return step(net, sgd(net), nn.NLLLoss(), torch.randn(*shape), torch.randint(0, 10, (64,)))


def unet(train):
    net, x, y = Unet(), torch.randn(8, 1, 256, 256), (torch.rand(8, 1, 256, 256) > 0.5).float()
    net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    if train: return step(net, torch.optim.Adam(net.parameters(), lr=1e-4), nn.MSELoss(), x, y)
    net.eval()
    def infer():
        with torch.no_grad(): net(x)
    return infer


def epoch():
    net, xs, ys = cnn(), torch.rand(60000, 1, 28, 28), torch.randint(0, 10, (60000,))
    opt, loss = sgd(net), nn.NLLLoss()
    def f():
        for x, y in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(xs, ys), batch_size=64, shuffle=True):
            opt.zero_grad(); loss(net(x), y).backward(); opt.step()
    return f


make = {"xor_step": xor, "xor_call": xor, "mlp_step": lambda: mnist(mlp, 64, 784), "cnn_step": lambda: mnist(cnn, 64, 1, 28, 28),
        "unet_step": lambda: unet(True), "unet_infer": lambda: unet(False), "cnn_epoch": epoch, "gemm_1024": lambda: matrix(1024)}
made = {}
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    wanted = json.loads(line)
    name = wanted["case"]
    if name not in make:
        print(json.dumps({"seconds": None}), flush=True)
        continue
    if name not in made:
        made[name] = make[name]()
        if name != "cnn_epoch": made[name]()
    times = []
    for _ in range(wanted["repeats"]):
        start = time.perf_counter(); made[name](); times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": sorted(times)[len(times) // 2]}), flush=True)
