"""numpy_model.py HISTORIES: the reference model vectorised over histories, every cycle of the control plane drawn.

Prints, with tabs between: nanoseconds a history, mean recovery time, mean data loss (minutes)."""
import sys, time
import numpy as np
H = 10 * 525600.0
M = 130  # cycles drawn per replication; mean 61, checked below
BIG = 2e9

def chunk(rng, C, s):
    ln = np.log
    tog = np.empty((C, 2 * M))
    tog[:, 0::2] = rng.exponential(86400.0, (C, M)); tog[:, 1::2] = rng.lognormal(ln(120), 0.8, (C, M))
    np.cumsum(tog, axis=1, out=tog)
    assert tog[:, -1].min() > H
    s['ev'] += int((tog <= H).sum())
    flat = (tog + np.arange(C)[:, None] * BIG).ravel()
    def work(rep, start, w):
        i = np.searchsorted(flat, rep * BIG + start, side='right')
        t = start.copy(); rem = w.copy(); out = np.empty_like(t); act = np.arange(len(t))
        while len(act):
            nx = flat[np.minimum(i, len(flat) - 1)] - rep[act] * BIG
            up = (i & 1) == 0
            f = t + rem
            done = (up & (f <= nx)) | (nx > H)
            out[act[done]] = np.where(up & (f <= nx), f, np.inf)[done]
            rem = np.where(up, f - nx, rem); t = nx; k = ~done
            act, i, t, rem = act[k], i[k] + 1, t[k], rem[k]
        return out
    t = rng.exponential(2 * 525600.0, C); free = np.zeros(C)
    dis = np.zeros(C, int); down = np.zeros(C); cost = np.full(C, 2.0 * H)
    live = np.arange(C)
    while True:
        live = live[t[live] <= H]
        if not len(live): break
        s['ev'] += len(live)
        r = live[t[live] >= free[live]]
        n = len(r); t0 = t[r]; dis[r] += 1
        k = np.floor(t0 / 60); loss = np.full(n, np.nan); todo = np.arange(n)
        while len(todo):
            ok = k[todo] * 60 + rng.lognormal(ln(10), 0.5, len(todo)) <= t0[todo]
            ok |= k[todo] <= 0
            loss[todo[ok]] = t0[todo[ok]] - k[todo[ok]] * 60; todo = todo[~ok]; k[todo] -= 1
        s['rpo'] += loss.sum(); cost[r] += 50 * loss
        repaired = t0 + 4320 * rng.weibull(1.5, n)
        dec = t0 + rng.lognormal(ln(5), 0.5, n) + rng.triangular(5, 15, 60, n)
        rt = dec + rng.lognormal(ln(500), 0.3, n) / rng.lognormal(ln(5), 0.4, n)
        p = work(r, dec, rng.gamma(3, 10, n))
        ds = np.maximum(rt, p)
        end = np.full(n, np.inf); g = np.isfinite(ds)
        end[g] = work(r[g], ds[g], rng.gamma(2, 5, g.sum()))
        end += rng.triangular(5, 10, 30, n) + rng.uniform(0, 60, n)
        ok = end <= H
        d = np.where(ok, end, H) - t0
        s['rto'] += d[ok].sum(); s['nrto'] += int(ok.sum()); down[r] += d; cost[r] += 1000 * d
        fr = np.where(ok, np.maximum(end, repaired) + rng.lognormal(ln(240), 0.5, n), np.inf); free[r] = fr
        cost[r] += 5 * np.maximum(np.minimum(fr, H) - dec, 0)
        s['ev'] += 9 * n
        t[live] += rng.exponential(2 * 525600.0, len(live))
    s['reps'] += C; s['dis'] += int(dis.sum()); s['down'] += down.sum(); s['cost'] += cost.sum()

CHUNK = 1000

if __name__ == '__main__':
    n = max(int(sys.argv[1]) // CHUNK, 1) * CHUNK
    s = dict(reps=0, dis=0, nrto=0, ev=0, rto=0.0, rpo=0.0, down=0.0, cost=0.0)
    rng = np.random.default_rng(1); t = time.perf_counter()
    for _ in range(n // CHUNK): chunk(rng, CHUNK, s)
    t = time.perf_counter() - t
    print(t / n * 1e9, s['rto'] / s['nrto'], s['rpo'] / s['dis'], sep='\t')
