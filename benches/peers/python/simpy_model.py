"""simpy_model.py HISTORIES: the reference model as an ordinary SimPy user writes it (random.Random, processes, interrupts).

Prints, with tabs between: nanoseconds a history, mean recovery time, mean data loss (minutes)."""
import math, random, sys, time
import simpy
H = 10 * 525600.0
LN = math.log

class Sums:
    def __init__(s): s.reps = s.dis = s.nrto = 0; s.rto = s.rpo = s.down = s.cost = 0.0

class CP:
    """On/off control plane; users are interrupted when it goes down (preempt-resume)."""
    def __init__(self, env, rng):
        self.env, self.rng, self.up, self.users = env, rng, True, set()
        self.back = env.event()
        env.process(self.run())
    def run(self):
        env, rng = self.env, self.rng
        while True:
            yield env.timeout(rng.expovariate(1 / (60 * 1440.0)))
            self.up = False; self.back = env.event()
            for p in list(self.users): p.interrupt()
            yield env.timeout(rng.lognormvariate(LN(120), 0.8))
            self.up = True; self.back.succeed()
    def work(self, w):
        env = self.env
        me = env.active_process
        while w > 0:
            if not self.up: yield self.back
            t = env.now; self.users.add(me)
            try: yield env.timeout(w); w = 0
            except simpy.Interrupt: w -= env.now - t
            self.users.discard(me)

def replicate(seed, s):
    rng = random.Random(seed); env = simpy.Environment(); cp = CP(env, rng)
    st = dict(busy=False, out=None, rate=2.0, last=0.0, cost=0.0, dis=0, down=0.0)
    def accrue(d):
        st['cost'] += st['rate'] * (env.now - st['last']); st['last'] = env.now; st['rate'] += d
    def delay(x): yield env.timeout(x)
    def recover():
        t0 = env.now; st['busy'] = True; st['out'] = t0; st['dis'] += 1
        k = math.floor(t0 / 60)
        while True:
            d = rng.lognormvariate(LN(10), 0.5)
            if k * 60 + d <= t0: loss = t0 - k * 60; break
            if k <= 0: loss = t0; break
            k -= 1
        s.rpo += loss; st['cost'] += 50 * loss
        repair = env.process(delay(rng.weibullvariate(4320, 1.5)))
        yield env.timeout(rng.lognormvariate(LN(5), 0.5))
        yield env.timeout(rng.triangular(5, 60, 15))
        accrue(5.0)
        restore = env.process(delay(rng.lognormvariate(LN(500), 0.3) / rng.lognormvariate(LN(5), 0.4)))
        prov = env.process(cp.work(rng.gammavariate(3, 10)))
        yield restore & prov
        yield from cp.work(rng.gammavariate(2, 5))
        yield env.timeout(rng.triangular(5, 30, 10))
        yield env.timeout(rng.uniform(0, 60))
        r = env.now - t0; s.nrto += 1; s.rto += r; st['down'] += r; st['cost'] += 1000 * r; st['out'] = None
        if not repair.processed: yield repair
        yield env.timeout(rng.lognormvariate(LN(240), 0.5))
        accrue(-5.0); st['busy'] = False
    def hazard():
        while True:
            yield env.timeout(rng.expovariate(1 / (2 * 525600.0)))
            if not st['busy']: env.process(recover())
    env.process(hazard())
    env.run(until=H)
    if st['out'] is not None: st['down'] += H - st['out']; st['cost'] += 1000 * (H - st['out'])
    st['cost'] += st['rate'] * (H - st['last'])
    s.reps += 1; s.dis += st['dis']; s.down += st['down']; s.cost += st['cost']

def run(n):
    s = Sums(); t = time.perf_counter()
    for i in range(n): replicate(i, s)
    return s, time.perf_counter() - t

if __name__ == '__main__':
    n = int(sys.argv[1])
    run(min(n, 100))
    s, t = run(n)
    print(t / n * 1e9, s.rto / s.nrto, s.rpo / s.dis, sep='\t')
