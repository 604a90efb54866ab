"""Reference values for core/analysis and tensor/decompositions: small matrices and what numpy, scipy and scikit-learn make of them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scipy scikit-learn safetensors
    /tmp/golden/bin/python tests/golden/make_analysis.py

Everything is in double. Where a library has the measure it is the reference; the others are written here from their definitions,
another way than the core does it.
"""
import os

import numpy
import safetensors.numpy
import scipy
import scipy.linalg
import scipy.spatial.distance
import scipy.stats
import sklearn
import sklearn.linear_model
import sklearn.metrics

HERE = os.path.dirname(os.path.abspath(__file__))
rng = numpy.random.default_rng(20240305)
out = {}


def put(name, value):
    out[name] = numpy.array(value, dtype=numpy.float64, order="C")


def centred(x):
    return x - x.mean(0)


n, p, q = 40, 6, 4
x = rng.normal(size=(n, p)) * (1.0 + numpy.arange(p))
y = x[:, :q] @ rng.normal(size=(q, q)) + 2.0 * rng.normal(size=(n, q)) + 3.0
put("x", x)
put("y", y)

# Linear CKA through the n x n Gram matrices and explicit centring matrices: the dual of the core's feature form.
H = numpy.eye(n) - 1.0 / n
K, L = H @ x @ x.T @ H, H @ y @ y.T @ H
put("linear_cka", numpy.trace(K @ L) / numpy.sqrt(numpy.trace(K @ K) * numpy.trace(L @ L)))


def hsic_u_statistic(k, l):
    """The U-statistic itself (Song et al. 2012, equation 3): the mean over all ordered 4-tuples of different indices, on 9 points."""
    import itertools
    total, count = 0.0, 0
    for i, j, a, b in itertools.permutations(range(len(k)), 4):
        total += k[i, j] * (l[i, j] + l[a, b] - 2.0 * l[i, a])
        count += 1
    return total / count


k9, l9 = (x[:9] @ x[:9].T), (y[:9] @ y[:9].T)
put("k9", k9)
put("l9", l9)
put("unbiased_hsic", hsic_u_statistic(k9, l9))

# Canonical correlations from the generalised eigenproblem of the covariances.
cx, cy = centred(x), centred(y)
sxx, syy, sxy = cx.T @ cx, cy.T @ cy, cx.T @ cy
squares = scipy.linalg.eigh(sxy @ numpy.linalg.solve(syy, sxy.T), sxx, eigvals_only=True)
put("canonical_correlations", numpy.sqrt(numpy.sort(squares)[::-1][:q]))

rotation, scale = scipy.linalg.orthogonal_procrustes(x, numpy.hstack([y, numpy.zeros((n, p - q))]))
put("procrustes_rotation_padded", rotation)
nx, ny = cx / numpy.linalg.norm(cx), cy / numpy.linalg.norm(cy)
put("procrustes_distance", 2.0 - 2.0 * numpy.linalg.norm(nx.T @ ny, "nuc"))

upper = numpy.triu_indices(n, 1)
cosine = lambda m: 1.0 - scipy.spatial.distance.cdist(centred(m), centred(m), "cosine")
put("rsa", scipy.stats.spearmanr(cosine(x)[upper], cosine(y)[upper]).statistic)
tied = rng.integers(0, 5, size=(2, 30)).astype(float)
put("tied", tied)
put("tied_spearman", scipy.stats.spearmanr(tied[0], tied[1]).statistic)
put("tied_ranks", scipy.stats.rankdata(tied[0]))

s = numpy.linalg.svd(x, compute_uv=False)
share = s / s.sum()
put("singular_values", s)
put("effective_rank", numpy.exp(scipy.stats.entropy(share)))
put("best_rank_2_error", numpy.linalg.norm(x - (lambda u, w, v: u[:, :2] * w[:2] @ v[:2])(*numpy.linalg.svd(x, full_matrices=False)))
    / numpy.linalg.norm(x))
put("token_residual", numpy.linalg.norm(cx) / numpy.linalg.norm(x))

put("symmetric", sxx)
put("symmetric_eigenvalues", numpy.linalg.eigvalsh(sxx))
put("cholesky", numpy.linalg.cholesky(sxx))
put("inverse", numpy.linalg.inv(sxx))
deficient = numpy.hstack([x[:, :3], x[:, :2] @ rng.normal(size=(2, 2))])  # rank 3 of 5
put("deficient", deficient)
put("deficient_least_squares", numpy.linalg.pinv(deficient, rcond=1e-12) @ y)

ridge = sklearn.linear_model.Ridge(alpha=3.0, solver="cholesky").fit(x, y)
put("ridge_weights", ridge.coef_.T)
put("ridge_bias", ridge.intercept_)
labels = (y[:, 0] + rng.normal(size=n) > y[:, 0].mean()).astype(int)
put("labels", labels)
# scikit-learn minimises C * sum of losses + |w|^2 / 2: C = 1 / (n * penalty).
logistic = sklearn.linear_model.LogisticRegression(C=1.0 / (n * 0.05), tol=1e-14, max_iter=10000, solver="newton-cholesky").fit(x, labels)
put("logistic_weights", logistic.coef_.T)
put("logistic_bias", logistic.intercept_)
classes = numpy.digitize(y[:, 1] + rng.normal(size=n), numpy.quantile(y[:, 1], [1 / 3, 2 / 3]))
put("classes", classes)
softmax = sklearn.linear_model.LogisticRegression(C=1.0 / (n * 0.1), tol=1e-14, max_iter=100000, solver="newton-cg").fit(x, classes)
put("softmax_probabilities", softmax.predict_proba(x))

predicted = softmax.predict(x)
put("predicted", predicted)
put("confusion", sklearn.metrics.confusion_matrix(classes, predicted))
put("macro_f1", sklearn.metrics.f1_score(classes, predicted, average="macro"))
put("balanced_accuracy", sklearn.metrics.balanced_accuracy_score(classes, predicted))
scores = numpy.round(logistic.decision_function(x))  # rounded: ties
put("scores", scores)
put("roc_area", sklearn.metrics.roc_auc_score(labels, scores))
p5, q5 = rng.dirichlet(numpy.ones(5), size=2)
put("p5", p5)
put("q5", q5)
put("kl", scipy.stats.entropy(p5, q5))
put("entropy", scipy.stats.entropy(p5))

versions = {"numpy": numpy.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__}
safetensors.numpy.save_file(out, os.path.join(HERE, "analysis.safetensors"), metadata=versions)
print(sum(v.nbytes for v in out.values()), "bytes", versions)
