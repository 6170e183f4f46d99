"""JAX as a peer of `npm run bench`: the same protocol as pytorch.py. XOR steps run inside a scan, as one would write them."""
import json, sys, time
import jax, jax.numpy as jnp

key = jax.random.key(0)


def dense(key, i, o): return jax.random.normal(key, (i, o)) / i ** 0.5, jnp.zeros(o)
def nll(logits, y): return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1))


def xor_net(p, x):
    for w, b in p[:-1]: x = jnp.tanh(x @ w + b)
    return (x @ p[-1][0] + p[-1][1])[:, 0]


def xor(repeats):
    x, y = jax.random.normal(key, (128, 2)), (jax.random.uniform(key, (128,)) > 0.5).astype(jnp.float32)
    p = [dense(k, i, o) for k, i, o in zip(jax.random.split(key, 3), (2, 3, 3), (3, 3, 1))]
    def loss(p):
        z = xor_net(p, x)
        return jnp.mean(jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z))))
    def step(p, _): return jax.tree.map(lambda w, g: w - 0.1 * g, p, jax.grad(loss)(p)), None
    many = jax.jit(lambda p: jax.lax.scan(step, p, None, length=repeats)[0])
    def f():
        start = time.perf_counter(); jax.block_until_ready(many(p)); return (time.perf_counter() - start) / repeats
    f()
    return f


def momentum(loss, p):
    v = jax.tree.map(jnp.zeros_like, p)
    @jax.jit
    def step(p, v):
        g = jax.grad(loss)(p)
        v = jax.tree.map(lambda v, g: 0.9 * v + g, v, g)
        return jax.tree.map(lambda w, v: w - 0.002 * v, p, v), v
    state = [p, v]
    def f():
        state[:] = step(*state); jax.block_until_ready(state)
    f()
    return f


def mlp():
    x, y = jax.random.normal(key, (64, 784)), jax.random.randint(key, (64,), 0, 10)
    p = [dense(k, i, o) for k, i, o in zip(jax.random.split(key, 3), (784, 128, 64), (128, 64, 10))]
    def loss(p):
        h = x
        for w, b in p[:-1]: h = jax.nn.relu(h @ w + b)
        return nll(h @ p[-1][0] + p[-1][1], y)
    return momentum(loss, p)


def cnn():
    x, y = jax.random.normal(key, (64, 28, 28, 1)), jax.random.randint(key, (64,), 0, 10)
    p = [(jax.random.normal(key, (3, 3, 1, 16)) / 3, jnp.zeros(16)), (jax.random.normal(key, (3, 3, 16, 32)) / 12, jnp.zeros(32)), dense(key, 800, 10)]
    def loss(p):
        h = x
        for w, b in p[:2]:
            h = jax.nn.relu(jax.lax.conv_general_dilated(h, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b)
            h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return nll(h.reshape(64, -1) @ p[2][0] + p[2][1], y)
    return momentum(loss, p)


made = {}
print(json.dumps({"version": jax.__version__}), flush=True)
for line in sys.stdin:
    wanted = json.loads(line)
    name, repeats = wanted["case"], wanted["repeats"]
    seconds = None
    if name == "xor_step":
        f = made.setdefault((name, repeats), None) or made.__setitem__((name, repeats), xor(repeats)) or made[(name, repeats)]
        seconds = f()
    elif name in ("mlp_step", "cnn_step"):
        if name not in made: made[name] = mlp() if name == "mlp_step" else cnn()
        times = []
        for _ in range(repeats):
            start = time.perf_counter(); made[name](); times.append(time.perf_counter() - start)
        seconds = sorted(times)[len(times) // 2]
    print(json.dumps({"seconds": seconds}), flush=True)
