"""An encoder trained by contrast as the script that a student would write: plain PyTorch and scikit-learn.

    write(spec) -> source of contrastive.py: Data, Views, Encoder, Loss, Training, Probes

As of a training (`mlcore.script`), the draws are those of the page, functions of ours are copied, and what
torch has under a name of its own is called by it: normalize, cross_entropy, cosine_embedding_loss.
"""

from __future__ import annotations

import textwrap
from urllib.parse import urlencode

from mlcore.base import spec as specs
from mlcore.embeddings import augment
from mlcore.embeddings.autoencoder import centered
from mlcore.embeddings.contrastive import INIT, ContrastiveSpec
from mlcore.families.datasets import DATASETS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.script import head, section
from mlcore.script.data import examples
from mlcore.script.python import Part, sources
from mlcore.training.draws import stream
from mlcore.training.training import minibatch_rows

FRAME = """\
mean = x[train].mean(0)
scale = (x[train] - mean).square().mean().sqrt().item() or 1.0
x, mean = x.float(), mean.float()
x_train, x_test = x[train], x[test]
y_train, y_test = y[train], y[test]"""
VIEWS = '''\
def views(x: Tensor, g: Generator) -> Tensor:
    """One view of each example, as the encoder is given it."""
    return augmented(x, mean, scale, SHIFT, TURN, NOISE, g)'''
NETWORK = '''\
def network(outputs: int, seed: int) -> nn.Sequential:
    """Two hidden layers."""
    model = nn.Sequential(
        nn.Linear(x.shape[1], UNITS), nn.ReLU(), nn.Linear(UNITS, UNITS), nn.ReLU(), nn.Linear(UNITS, outputs)
    )
    g = Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in model[::2]:
            block = {init}(layer.in_features, layer.out_features, g)  # [fan_in + 1, fan_out]
            layer.weight.copy_(block[:-1].T)
            layer.bias.copy_(block[-1])
    return model'''
NT_XENT = '''\
def loss(z: Tensor) -> Tensor:
    """NT-Xent of views z [2N, d]: rows i and N + i belong together."""
    u = nn.functional.normalize(z, dim=1)
    s = (u @ u.T / TAU).masked_fill(torch.eye(len(z), dtype=torch.bool), -math.inf)
    return nn.functional.cross_entropy(s, torch.arange(len(z)).roll(len(z) // 2))'''
ALONE = '''\
def loss(z: Tensor) -> Tensor:
    """NT-Xent without its denominator: the cosines of the pairs alone."""
    u = nn.functional.normalize(z, dim=1)
    return -(u * u.roll(len(u) // 2, 0)).sum(1).mean() / TAU'''
EMBEDDING = '''\
def loss(z: Tensor) -> Tensor:
    """The cosine embedding loss of views z [2N, d]: rows i and N + i belong together."""
    count = len(z)
    own, other = torch.arange(count), torch.arange(count).roll(count // 2)
    cost, one = nn.functional.cosine_embedding_loss, torch.ones(1)
    found = cost(z, z[other], one)'''
APART = """
    i, j = torch.meshgrid(own, own, indexing="ij")
    i, j = (v[(i != j) & (other[i] != j)] for v in (i, j))  # all pairs that do not belong together
    return found + cost(z[i], z[j], -one, margin=MARGIN)"""
TRAIN = '''\
def trained(model: nn.Module, objective: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Adam on two views of each example of a minibatch; the objective of the step after the last."""
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    scheduler = LambdaLR(optimizer, lambda t: cosine(t, STEPS, 0.0))
    rows = minibatch_rows(len(x_train), min(BATCH, len(x_train)), STEPS + 1, SEED)
    g = Generator().manual_seed({views})
    for t in range(STEPS + 1):
        chosen = rows[t].repeat(2)  # rows i and N + i are views of the same example
        value = objective(model(views(x_train[chosen], g)), y_train[chosen])
        if t < STEPS:
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            scheduler.step()
    return value.detach()'''
RUN = """\
encoder = network(DIMENSIONS, {encoder})
last = trained(encoder, lambda z, labels: loss(z))
classifier = network({classes}, {supervised})
trained(classifier, nn.functional.cross_entropy)"""
PROBE = '''\
def probe(features: Tensor, others: Tensor) -> float:
    """A linear classifier on training labels: its accuracy on test examples."""
    size = features.double().square().mean().sqrt().item() or 1.0
    known, asked = ((v.double() / size).numpy() for v in (features, others))
    found = LogisticRegression(solver="newton-cholesky", max_iter=100).fit(known, y_train.numpy())
    return float((found.predict(asked) == y_test.numpy()).mean())'''
RESULT = """\
with torch.no_grad():
    g = Generator().manual_seed({test})
    first, second = (nn.functional.normalize(encoder(v), dim=1) for v in [views(x_test, g) for _ in "12"])
    near = torch.exp(-2 * torch.pdist(first).square()).mean()
    inputs = [(v - mean) / scale for v in (x_train, x_test)]
    codes = [nn.functional.normalize(encoder(v), dim=1) for v in inputs]
    hidden = [encoder[:-1](v) for v in inputs]
    right = (classifier(inputs[1]).argmax(1) == y_test).float().mean()
result = {{
    "loss": last.item(),
    "alignment": (first - second).square().sum(1).mean().item(),
    "uniformity": near.log().item(),
    "code": probe(*codes),
    "hidden": probe(*hidden),
    "raw": probe(*inputs),
    "supervised": right.item(),
}}
print(json.dumps(result))"""


def write(spec: ContrastiveSpec) -> str:
    """Ready to be saved as contrastive.py. Raises `DataError`."""
    data = centered(spec.data).data
    init = INITIALIZERS[INIT].function
    shape = " -> ".join(map(str, spec.network(data.x.shape[1]).sizes))
    seeds = {
        name: stream(spec.seed, told)
        for name, told in (
            ("views", "views"), ("encoder", "encoder"), ("supervised", "supervised"),
            ("test", "views of the test"),
        )
    }  # fmt: skip
    batch = [f"STEPS = {spec.steps}", f"BATCH = {spec.batch}", f"LR = {spec.lr!r}", f"SEED = {spec.seed}"]
    rows = sources(minibatch_rows)
    parts = {
        f"1. Data: {DATASETS[spec.data.name].title}": examples(spec.data, data) + Part(lines=[FRAME]),
        "2. Views": Part(
            [f"SIDE = {augment.SIDE}", *(f"{name.upper()} = {getattr(spec, name)!r}"
                                         for name in ("shift", "turn", "noise"))],
            [*sources(augment.augmented), VIEWS],
        ),
        f"3. Encoder: {shape}, of length 1": Part(
            [f"UNITS = {spec.units}", f"DIMENSIONS = {spec.dimensions}"],
            [*sources(init), NETWORK.format(init=init.__name__)],
        ),
        "4. Loss": _loss(spec),
        "5. Training": Part(
            batch, [*rows, *sources(SCHEDULES["cosine"].function), TRAIN.format(**seeds)],
            [RUN.format(classes=data.classes, **seeds)],
        ),
        "6. What was learned": Part(functions=[PROBE], lines=[RESULT.format(**seeds)]),
    }  # fmt: skip
    constants = "\n".join(line for part in parts.values() for line in part.constants)
    body = "\n\n".join([constants, *(section(title, part) for title, part in parts.items())])
    return f"{_docstring(spec)}\n\n{head(body)}\n\n{body}\n"


def _loss(spec: ContrastiveSpec) -> Part:
    if spec.loss == "nt_xent":
        return Part([f"TAU = {spec.tau!r}"], [NT_XENT if spec.negatives else ALONE])
    if spec.negatives:
        return Part([f"MARGIN = {spec.margin!r}"], [EMBEDDING + APART])
    own = EMBEDDING.replace("    own, other = torch.arange(count), torch", "    other = torch")
    return Part(functions=[own.replace("    found = ", "    return ")])


def _docstring(spec: ContrastiveSpec) -> str:
    query = urlencode(specs.to_query(spec))
    text = (
        "It needs torch and scikit-learn. `python contrastive.py` ends with a line of JSON: loss, alignment "
        "and uniformity of test views, and what linear probes read. Page and script agree to rounding, which "
        "many steps amplify."
    )
    return f'''"""Contrastive learning: one encoder of the laboratory in plain PyTorch. Its link ends in
{f"?view=learn&{query}" if query else "?view=learn"}

{textwrap.fill(text, 104)}
"""'''
