"""JAX as a peer of `npm run bench`: the same protocol as pytorch.py. xor_step runs inside a scan, as one would write many steps."""
import json, sys, time
import jax, jax.numpy as jnp

key = jax.random.key(0)


def dense(key, i, o): return jax.random.normal(key, (i, o)) / i ** 0.5, jnp.zeros(o)
def layers(*sizes): return [dense(k, i, o) for k, i, o in zip(jax.random.split(key, len(sizes) - 1), sizes, sizes[1:])]
def nll(logits, y): return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1))


def xor():
    x, y = jax.random.normal(key, (128, 2)), (jax.random.uniform(key, (128,)) > 0.5).astype(jnp.float32)
    def loss(p):
        h = x
        for w, b in p[:-1]: h = jnp.tanh(h @ w + b)
        z = (h @ p[-1][0] + p[-1][1])[:, 0]
        return jnp.mean(jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z))))
    def step(p): return jax.tree.map(lambda w, g: w - 0.1 * g, p, jax.grad(loss)(p))
    return step, layers(2, 3, 3, 1)


def xor_call():
    step, p = xor()
    step, state = jax.jit(step), [p]
    def f(): state[0] = jax.block_until_ready(step(state[0]))
    return f


def xor_scan(repeats):
    step, p = xor()
    many = jax.jit(lambda p: jax.lax.scan(lambda q, _: (step(q), None), p, None, length=repeats)[0])
    return lambda: jax.block_until_ready(many(p))


def momentum(loss, p):
    @jax.jit
    def step(p, v):
        v = jax.tree.map(lambda v, g: 0.9 * v + g, v, jax.grad(loss)(p))
        return jax.tree.map(lambda w, v: w - 0.002 * v, p, v), v
    state = [p, jax.tree.map(jnp.zeros_like, p)]
    def f(): state[:] = jax.block_until_ready(step(*state))
    return f


def mlp_net(p, h):
    for w, b in p[:-1]: h = jax.nn.relu(h @ w + b)
    return h @ p[-1][0] + p[-1][1]


def cnn_net(p, h):
    for w, b in p[:2]:
        h = jax.nn.relu(jax.lax.conv_general_dilated(h, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b)
        h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return h.reshape(64, -1) @ p[2][0] + p[2][1]


def mnist(net, shape, p, train):
    x, y = jax.random.normal(key, shape), jax.random.randint(key, (64,), 0, 10)
    if train: return momentum(lambda p: nll(net(p, x), y), p)
    infer = jax.jit(lambda p, x: jax.nn.log_softmax(net(p, x)))
    return lambda: jax.block_until_ready(infer(p, x))


def cnn_weights():
    return [(jax.random.normal(key, (3, 3, 1, 16)) / 3, jnp.zeros(16)), (jax.random.normal(key, (3, 3, 16, 32)) / 12, jnp.zeros(32)), dense(key, 800, 10)]


def product(m, n, k, **_):
    a, b = jax.random.normal(key, (m, k)), jax.random.normal(key, (k, n))
    multiply = jax.jit(jnp.matmul)
    return lambda: jax.block_until_ready(multiply(a, b))


make = {"xor_call": xor_call,
        "mlp_step": lambda: mnist(mlp_net, (64, 784), layers(784, 128, 64, 10), True),
        "mlp_infer": lambda: mnist(mlp_net, (64, 784), layers(784, 128, 64, 10), False),
        "cnn_step": lambda: mnist(cnn_net, (64, 28, 28, 1), cnn_weights(), True),
        "cnn_infer": lambda: mnist(cnn_net, (64, 28, 28, 1), cnn_weights(), False)}
made, name = None, None
print(json.dumps({"version": jax.__version__}), flush=True)
for line in sys.stdin:
    wanted = json.loads(line)
    repeats, scan = wanted["repeats"], wanted["case"] == "xor_step"
    # JAX takes all cores there are: what is measured on one is not asked of it.
    multiplies = wanted.get("op") == "gemm" and wanted["threads"] > 1
    if not scan and not multiplies and wanted["case"] not in make:
        print(json.dumps({"seconds": None}), flush=True)
        continue
    if name != (wanted["case"], scan and repeats):
        name = wanted["case"], scan and repeats
        made = xor_scan(repeats) if scan else product(**wanted) if multiplies else make[wanted["case"]]()
        # Half a second of repeats is not timed, as in the other peers.
        begin = time.perf_counter()
        while time.perf_counter() - begin < 0.5: made()
    times = []
    for _ in range(1 if scan else repeats):
        start = time.perf_counter(); made(); times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": sorted(times)[len(times) // 2] / (repeats if scan else 1)}), flush=True)
