"""Writes cases.json: what PyTorch computes for small inputs, and the gradients, for cases.test.ts.

  python packages/core/test/pytorch/make.py     (made with torch 2.13)

Inputs are multiples of 1/32, so that they are short in decimals and ties occur. Results are computed in float64.
"""
import json, pathlib
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
cases = []


def real(*shape, low=-2.0, high=2.0):
    return ((torch.rand(*shape) * (high - low) + low) * 32).round() / 32


def whole(*shape, high):
    return torch.randint(0, high, shape)


def numbers(t):
    return [None if x != x else float(f"{x:.9g}") for x in t.detach().double().flatten().tolist()]


def case(name, fn, **inputs):
    """fn of the inputs; the result is weighted by fixed numbers and differentiated by the real inputs."""
    for t in inputs.values():
        if t.is_floating_point(): t.requires_grad_()
    out = fn(*inputs.values())
    entry = dict(name=name, inputs={k: dict(shape=list(t.shape), dtype="float32" if t.is_floating_point() else "int32", data=numbers(t)) for k, t in inputs.items()},
                 shape=list(out.shape), output=numbers(out))
    reals = [t for t in inputs.values() if t.is_floating_point()]
    if out.requires_grad:
        up = (torch.arange(out.numel()).reshape(out.shape) % 7 - 2.5) / 4
        grads = torch.autograd.grad((out * up).sum(), reals, allow_unused=True)
        entry["gradients"] = {k: (numbers(g) if g is not None else None) for (k, t), g in zip([(k, t) for k, t in inputs.items() if t.is_floating_point()], grads)}
    cases.append(entry)


grid = lambda: torch.cat([torch.arange(-6, 6.25, 0.5), torch.tensor([-0.03125, 0.03125, 30, -30])])
for name, fn in dict(relu=F.relu, relu6=F.relu6, leakyRelu=lambda x: F.leaky_relu(x, 0.2), elu=lambda x: F.elu(x, 1.5), silu=F.silu,
                     gelu=F.gelu, geluTanh=lambda x: F.gelu(x, approximate="tanh"), softplus=F.softplus, softplusBeta=lambda x: F.softplus(x, 2.0, 3.0),
                     logSigmoid=F.logsigmoid, mish=F.mish, hardsigmoid=F.hardsigmoid, hardswish=F.hardswish, hardtanh=lambda x: F.hardtanh(x, -1.5, 2.0),
                     tanh=torch.tanh, sigmoid=torch.sigmoid, abs=torch.abs, sign=torch.sign, erf=torch.erf, round=torch.round, floor=torch.floor, ceil=torch.ceil,
                     clamp=lambda x: x.clamp(-1, 2), clampLow=lambda x: x.clamp(min=0), square=lambda x: x.pow(2), cube=lambda x: x.pow(3), inverse=lambda x: (x + 0.25).pow(-1)).items():
    case(name, fn, x=grid())
case("log1p", torch.log1p, x=real(12, low=-0.9, high=4))
case("powTensor", torch.pow, x=real(12, low=0.1, high=3), y=real(12))
case("powZero", lambda x: x.pow(0), x=torch.tensor([0.0, 1.0, -2.0]))
case("remainder", torch.remainder, x=torch.tensor([5., -5., 5., -5., 7.25, -7.25, 0.5, -0.5]), y=torch.tensor([3., 3., -3., -3., 2., 2., -0.75, 0.75]))
case("remainderInteger", torch.remainder, x=torch.tensor([5, -5, 5, -5, 6]), y=torch.tensor([3, 3, -3, -3, 3]))
case("maximumTies", torch.maximum, x=torch.tensor([1., 2., 3., -1.]), y=torch.tensor([1., 3., 2., -1.]))
case("minimumTies", torch.minimum, x=torch.tensor([1., 2., 3., -1.]), y=torch.tensor([1., 3., 2., -1.]))
case("amaxTies", lambda x: x.amax((0, 2)), x=torch.tensor([[[1., 2, 2], [0, -1, 0]], [[2, 1, 0], [-3, 0, 0]]]))
case("where", lambda x, y: torch.where(x > y, x, y * 2), x=real(9), y=real(9))
case("softmax", lambda x: F.softmax(x, 1), x=real(3, 5, 2, low=-8, high=8))
case("logSoftmax", lambda x: F.log_softmax(x, -1), x=real(3, 5, low=-20, high=20))
case("logSumExp", lambda x: torch.logsumexp(x, (0, 2)), x=real(3, 4, 2, low=-20, high=20))
case("var", lambda x: x.var((0, 2)), x=real(3, 4, 5))
case("varBiased", lambda x: x.var(1, correction=0), x=real(3, 4))
case("std", lambda x: x.std(), x=real(3, 4))
case("argmax", lambda x: x.argmax(1), x=torch.tensor([[1., 3, 3], [2, 2, 1]]))
case("matmulBroadcast", torch.matmul, x=real(2, 1, 3, 4), y=real(3, 4, 2))
case("gather", lambda x, index: x.gather(1, index), x=real(3, 5), index=whole(3, 7, high=5))
case("embedding", lambda index, weight: F.embedding(index, weight, padding_idx=2), index=torch.tensor([[0, 2, 3], [3, 3, 1]]), weight=real(4, 3))

# Convolutions: everything uneven.
case("conv2d", lambda x, w, b: F.conv2d(x, w, b, stride=(2, 1), padding=(1, 2), dilation=(1, 2)), x=real(2, 3, 7, 8), w=real(4, 3, 3, 2), b=real(4))
case("conv2dGroups", lambda x, w: F.conv2d(x, w, stride=2, padding=1, groups=2), x=real(1, 4, 5, 6), w=real(6, 2, 3, 3))
case("conv2dDepthwise", lambda x, w, b: F.conv2d(x, w, b, padding=2, groups=3), x=real(1, 3, 5, 4), w=real(3, 1, 5, 5), b=real(3))
case("conv2dSame", lambda x, w: F.conv2d(x, w, padding="same", dilation=(1, 2)), x=real(1, 2, 5, 6), w=real(2, 2, 4, 3))
case("convTranspose2d", lambda x, w, b: F.conv_transpose2d(x, w, b, stride=(2, 3), padding=(1, 0), output_padding=(1, 2), dilation=(2, 1)), x=real(2, 3, 4, 3), w=real(3, 2, 3, 2), b=real(2))
case("convTranspose2dGroups", lambda x, w: F.conv_transpose2d(x, w, stride=2, groups=2), x=real(1, 4, 3, 3), w=real(4, 3, 2, 2))

ties = lambda: torch.randint(0, 3, (1, 2, 6, 7)).double()
case("maxPool2dTies", lambda x: F.max_pool2d(x, 2), x=ties())
case("maxPool2dOverlap", lambda x: F.max_pool2d(x, 3, stride=2, padding=1), x=ties())
case("maxPool2dUneven", lambda x: F.max_pool2d(x, (2, 3), stride=(1, 2), padding=(0, 1)), x=ties() - 5)
case("avgPool2d", lambda x: F.avg_pool2d(x, 3, stride=2, padding=1), x=real(1, 2, 6, 7))
case("avgPool2dInside", lambda x: F.avg_pool2d(x, (3, 2), stride=2, padding=1, count_include_pad=False), x=real(1, 2, 6, 7))
case("adaptiveAvgPool2d", lambda x: F.adaptive_avg_pool2d(x, (3, 2)), x=real(1, 2, 5, 7))
case("adaptiveAvgPool2dUp", lambda x: F.adaptive_avg_pool2d(x, (4, 5)), x=real(1, 2, 3, 3))
case("adaptiveAvgPool2dOne", lambda x: F.adaptive_avg_pool2d(x, 1), x=real(2, 3, 3, 5))
case("nearestTwice", lambda x: F.interpolate(x, scale_factor=2), x=real(1, 2, 3, 4))
case("nearestUneven", lambda x: F.interpolate(x, scale_factor=(1.5, 2.3)), x=real(1, 1, 5, 4))
case("nearestSize", lambda x: F.interpolate(x, size=(2, 7)), x=real(1, 1, 5, 4))
case("bilinear", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), x=real(1, 2, 3, 4))
case("bilinearUneven", lambda x: F.interpolate(x, scale_factor=(1.5, 2.3), mode="bilinear"), x=real(1, 1, 5, 4))
case("bilinearAligned", lambda x: F.interpolate(x, size=(7, 3), mode="bilinear", align_corners=True), x=real(1, 2, 3, 4))
case("bilinearSize", lambda x: F.interpolate(x, size=(2, 9), mode="bilinear"), x=real(1, 2, 5, 4))

case("batchNorm", lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), x=real(3, 2, 2, 3), w=real(2), b=real(2))
case("batchNormEval", lambda x, mean, var, w, b: F.batch_norm(x, mean.detach(), var.detach(), w, b), x=real(2, 3, 2, 2), mean=real(3), var=real(3, low=0.1), w=real(3), b=real(3))
case("layerNorm", lambda x, w, b: F.layer_norm(x, (3, 4), w, b), x=real(2, 3, 4), w=real(3, 4), b=real(3, 4))

logits = lambda: torch.cat([grid(), torch.tensor([0.0])])
labels = lambda: (torch.arange(30) % 2).double()
case("bce", lambda x, y: F.binary_cross_entropy_with_logits(x, y), x=logits(), y=labels())
case("bceSoft", lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none"), x=logits(), y=real(30, low=0, high=1))
case("bceWeights", lambda x, y, weight, pos: F.binary_cross_entropy_with_logits(x, y, weight=weight.detach(), pos_weight=pos.detach(), reduction="sum"), x=real(4, 3), y=whole(4, 3, high=2).double(), weight=real(3, low=0.5), pos=real(3, low=0.5))
case("nll", lambda x, y: F.nll_loss(F.log_softmax(x, 1), y), x=real(4, 3), y=whole(4, high=3))
case("nllWeights", lambda x, y, w: F.nll_loss(x, y, weight=w.detach(), ignore_index=1), x=real(5, 3), y=torch.tensor([0, 1, 2, 2, 1]), w=real(3, low=0.5))
case("crossEntropy", F.cross_entropy, input=real(4, 3, low=-9, high=9), target=whole(4, high=3))
case("crossEntropyImages", lambda input, target, w: F.cross_entropy(input, target, weight=w.detach(), label_smoothing=0.2), input=real(2, 3, 2, 2), target=torch.tensor([[[0, 1], [2, -100]], [[1, 1], [0, 2]]]), w=real(3, low=0.5))
case("crossEntropySmooth", lambda input, target: F.cross_entropy(input, target, label_smoothing=0.1, reduction="none"), input=real(4, 3), target=torch.tensor([0, 2, -100, 1]))
case("crossEntropySum", lambda input, target, w: F.cross_entropy(input, target, weight=w.detach(), label_smoothing=0.3, reduction="sum"), input=real(4, 3), target=torch.tensor([0, 2, -100, 1]), w=real(3, low=0.5))
case("crossEntropySoft", lambda input, target, w: F.cross_entropy(input, target, weight=w.detach(), label_smoothing=0.1), input=real(4, 3), target=F.softmax(real(4, 3), 1).mul(32).round() / 32, w=real(3, low=0.5))
case("mse", F.mse_loss, input=real(3, 4), target=real(3, 4))
case("l1", F.l1_loss, input=torch.tensor([1., 2, 3]), target=torch.tensor([1., 3, 0]))
case("smoothL1", lambda input, target: F.smooth_l1_loss(input, target, beta=0.5, reduction="none"), input=torch.tensor([0., 0.25, 0.5, 1, -0.5, -3]), target=torch.zeros(6))
case("huber", lambda input, target: F.huber_loss(input, target, delta=0.5, reduction="none"), input=torch.tensor([0., 0.25, 0.5, 1, -0.5, -3]), target=torch.zeros(6))
case("klDiv", lambda input, target: F.kl_div(F.log_softmax(input, 1), target, reduction="batchmean"), input=real(3, 4), target=torch.tensor([[0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25], [0, 0, 0, 1]]))
case("klDivLog", lambda input, target: F.kl_div(input, target, log_target=True), input=real(3, 4), target=real(3, 4))

# Statistics of batch norm over three steps, as a module.
norms = []
for momentum in (0.1, 0.25, None):
    norm = nn.BatchNorm2d(2, momentum=momentum)
    xs = [real(2, 2, 2, 3) for _ in range(3)]
    outs = [norm(x) for x in xs]
    norm.eval()
    norms.append(dict(momentum=momentum, inputs=[numbers(x) for x in xs], last=numbers(outs[-1]), evaluated=numbers(norm(xs[0])),
                      state={k: numbers(v) for k, v in norm.state_dict().items()}))

# Optimizers: five steps on the same gradient rule, w' = w - ..., gradient 2w - t at each step; the third parameter has none at first.
def optimizers():
    configurations = dict(
        sgd=(torch.optim.SGD, dict(lr=0.1)),
        sgdMomentum=(torch.optim.SGD, dict(lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.05)),
        sgdNesterov=(torch.optim.SGD, dict(lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.01)),
        sgdMaximize=(torch.optim.SGD, dict(lr=0.01, momentum=0.5, maximize=True)),
        adam=(torch.optim.Adam, dict(lr=0.05)),
        adamDecay=(torch.optim.Adam, dict(lr=0.05, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1)),
        adamAmsgrad=(torch.optim.Adam, dict(lr=0.3, betas=(0.5, 0.6), amsgrad=True)),
        adamw=(torch.optim.AdamW, dict(lr=0.05)),
        rmsprop=(torch.optim.RMSprop, dict(lr=0.02)),
        rmspropAll=(torch.optim.RMSprop, dict(lr=0.02, alpha=0.9, eps=1e-3, weight_decay=0.1, momentum=0.7, centered=True)),
    )
    result = []
    for name, (make, options) in configurations.items():
        a, b = (nn.Parameter(torch.tensor(v)) for v in ([0.5, -1.25, 2.0], [[0.25, -0.5]]))
        optimizer = make([a, b], **options)
        steps = []
        for step in range(6):
            optimizer.zero_grad()
            loss = (a * a - a * torch.tensor([1.0, 0.5, -1.0])).sum()
            if step >= 2: loss = loss + (b * b * b).sum()
            loss.backward()
            optimizer.step()
            steps.append(dict(a=numbers(a), b=numbers(b)))
        state = optimizer.state_dict()["state"]
        result.append(dict(name=name, steps=steps, state={str(i): {k: numbers(v) for k, v in s.items() if torch.is_tensor(v)} for i, s in state.items()}))
    return result


def schedules():
    S = torch.optim.lr_scheduler
    make = dict(
        step=lambda o: S.StepLR(o, 3, 0.5), multiStep=lambda o: S.MultiStepLR(o, [2, 5, 5], 0.1), cosine=lambda o: S.CosineAnnealingLR(o, 8, 0.01),
        oneCycle=lambda o: S.OneCycleLR(o, 0.4, total_steps=12), oneCycleLinear=lambda o: S.OneCycleLR(o, 0.4, total_steps=12, pct_start=0.25, anneal_strategy="linear", div_factor=10, three_phase=True, cycle_momentum=False),
        warmup=lambda o: S.LinearLR(o, start_factor=0.25, total_iters=4))
    result = {}
    for name, fn in make.items():
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2, momentum=0.9)
        schedule = fn(optimizer)
        lrs, momenta = [], []
        for _ in range(12):
            lrs.append(optimizer.param_groups[0]["lr"]); momenta.append(optimizer.param_groups[0]["momentum"])
            optimizer.step()
            if len(lrs) < 12: schedule.step()
        result[name] = dict(lr=lrs, momentum=momenta)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2)
    schedule = S.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=1, threshold=0.05, min_lr=0.03)
    losses = [1.0, 0.9, 0.89, 0.88, 0.87, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    lrs = []
    for value in losses:
        schedule.step(value); lrs.append(optimizer.param_groups[0]["lr"])
    result["plateau"] = dict(losses=losses, lr=lrs)
    return result


here = pathlib.Path(__file__).resolve().parent
text = lambda entries: "[\n" + ",\n".join(json.dumps(e, separators=(",", ":")) for e in entries) + "\n]\n"
(here / "cases.json").write_text(text(cases))
(here / "batchNorm.json").write_text(text(norms))
(here / "optimizers.json").write_text(text(optimizers()))
(here / "schedules.json").write_text(json.dumps(schedules(), separators=(",", ":")) + "\n")
