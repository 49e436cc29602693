"""numba_model.py HISTORIES: the reference model as a queue-free loop in numba, written by hand for this one model.

Prints, with tabs between: nanoseconds a history (compilation apart), mean recovery time, mean data loss (minutes)."""
import math, sys, time
import numpy as np, numba as nb
H = 10 * 525600.0
L120, L5, L500, L10, L240 = map(math.log, (120, 5, 500, 10, 240))
@nb.njit
def work(tog, i, t, w):
    while tog[i] <= t: i += 1
    while True:
        nx = tog[i]
        if i & 1 == 0:
            f = t + w
            if f <= nx: return f, i
            w = f - nx
        t = nx; i += 1
        if t > H: return math.inf, i
@nb.njit
def run(g, N, s):
    tog = np.empty(1024)
    for _ in range(N):
        m = 0; t = 0.0
        while t <= H:
            t += g.standard_exponential() * 86400.0; tog[m] = t; t += math.exp(L120 + .8 * g.standard_normal()); tog[m + 1] = t; m += 2
        n = m; i = 0; dis = 0; down = 0.0; cost = 2.0 * H; free = 0.0; t = g.standard_exponential() * 1051200.0
        while t <= H:
            n += 1
            if t >= free:
                dis += 1; k = math.floor(t / 60)
                while k * 60 + math.exp(L10 + .5 * g.standard_normal()) > t and k > 0: k -= 1
                loss = t - k * 60; s[3] += loss; cost += 50 * loss
                rep = t + 4320 * g.weibull(1.5); dec = t + math.exp(L5 + .5 * g.standard_normal()) + g.triangular(5, 15, 60)
                rt = dec + math.exp(L500 + .3 * g.standard_normal()) / math.exp(L5 + .4 * g.standard_normal()); end = math.inf
                p = math.inf
                if dec <= H: p, i = work(tog, i, dec, g.standard_gamma(3.0) * 10)
                ds = max(rt, p)
                if ds <= H:
                    end, i = work(tog, i, ds, g.standard_gamma(2.0) * 5)
                    end += g.triangular(5, 10, 30) + g.random() * 60
                n += 9
                if end <= H:
                    r = end - t; s[1] += 1; s[2] += r; free = max(end, rep) + math.exp(L240 + .5 * g.standard_normal())
                else: r = H - t; free = math.inf
                down += r; cost += 1000 * r
                if dec < H: cost += 5 * (min(free, H) - dec)
            t += g.standard_exponential() * 1051200.0
        s[0] += dis; s[4] += down; s[5] += cost; s[6] += n
if __name__ == '__main__':
    n = int(sys.argv[1])
    run(np.random.default_rng(1), 10, np.zeros(7))
    s = np.zeros(7); t = time.perf_counter(); run(np.random.default_rng(1), n, s); t = time.perf_counter() - t
    print(t / n * 1e9, s[2] / s[1], s[3] / s[0], sep='\t')
